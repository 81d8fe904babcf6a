import assert from "node:assert/strict";
import test from "node:test";
import { ROWS } from "./rows.ts";
import { testsByRow } from "./tests-by-row.ts";

const tests = testsByRow();

test("threats: every row has a test whose title begins with its id", () => {
  assert.deepEqual(
    ROWS.filter(({ id }) => !tests.has(id)).map(({ id }) => id),
    [],
  );
});

test("threats: every id in a title is that of a row, and no row stands twice", () => {
  const ids = new Set(ROWS.map(({ id }) => id));
  assert.equal(ids.size, ROWS.length);
  assert.deepEqual(
    [...tests.keys()].filter((id) => !ids.has(id)),
    [],
  );
});
