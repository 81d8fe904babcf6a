/** What apt can read in a relation field, against apt's own reader. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { isRelation } from "../../lib/archive/relation-syntax.ts";
import { hasModules, judges } from "../differential/judges.ts";
import { rounds, SEED } from "../differential/rounds.ts";
import { numbers } from "../support/numbers.ts";

const read = (text: string): boolean => isRelation(Buffer.from(text, "latin1"), 0, text.length);

for (const text of [
  "",
  "a",
  "a, b",
  "a,",
  "a | b (>= 1.0)",
  "a (= 1)  ,\n b",
  "a(1.0)",
  "a (<1.0)",
  "a (<<1.0), b",
  "a:any (>> 1:2-3)",
  "a:",
  "c\xe9",
]) {
  test(`isRelation: ${JSON.stringify(text)} is one`, () => assert.ok(read(text)));
}

for (const text of [
  ",a",
  "a b",
  "a (",
  "a ()",
  "a (1)",
  "a (>= 1.0",
  "a (>=    )",
  "a [amd64]",
  "a <!nocheck>",
  "a,, b",
  "|",
  ")",
  "a )",
]) {
  test(`isRelation: ${JSON.stringify(text)} is none`, () => assert.ok(!read(text)));
}

test("isRelation: a value ends where it is said to", () => {
  const bytes = Buffer.from("Depends: a (>= 1.0)\nX: )");
  assert.ok(isRelation(bytes, 9, 19));
  assert.ok(!isRelation(bytes, 9, 18));
});

const PIECES = [
  "a",
  "b",
  "(",
  ")",
  ",",
  "|",
  " ",
  "\n ",
  "\t",
  "<",
  ">",
  "=",
  "<<",
  ">=",
  "<=",
  "1",
  "1.0",
  "(1)",
  "(= 1.0)",
  " (>= 2)",
].concat(["[", "]", "[amd64]", "<!nocheck>", ":any", ":", "\xe9", "()", "( )", "(=)", "(<<)", "(= )", "-", "a (>= 1.2), b | c"]);

test("isRelation agrees with apt on any text", async (t) => {
  if (!(await hasModules(t, "apt_pkg"))) return;
  const pick = numbers(SEED);
  const made = Array.from({ length: rounds(20_000) }, () =>
    Array.from({ length: 1 + pick(7) }, () => PIECES[pick(PIECES.length)]).join(""),
  );
  // Blanks alone are no value.
  const texts = made.filter((text) => text.trim() !== "");
  const [answers = []] = await judges<readonly boolean[]>("relations", [texts]);
  assert.ok(answers.filter(Boolean).length > texts.length / 50);
  const wrong = texts.filter((text, position) => read(text) !== answers[position]);
  assert.deepEqual(wrong, [], `FUZZ_SEED=${SEED}`);
});
