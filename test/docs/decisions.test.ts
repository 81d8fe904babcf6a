/** DECISIONS.md is append-only: entries are numbered without a gap and have the same parts. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { readPage } from "./pages.ts";

const entries = readPage("DECISIONS.md").split(/^## /m).slice(1);

test("DECISIONS: entries are numbered from 1 without a gap", () => {
  assert.ok(entries.length > 0);
  assert.deepEqual(
    entries.map((entry) => Number.parseInt(entry, 10)),
    entries.map((_, position) => position + 1),
  );
});

for (const entry of entries) {
  const [title = ""] = entry.split("\n");
  test(`DECISIONS: "${title}" has its context, its choice and its cost, in about ten lines`, () => {
    for (const part of ["Context", "Choice", "Cost"]) assert.ok(entry.includes(`**${part}.**`), part);
    assert.ok(entry.trim().split("\n").length <= 12);
  });
}
