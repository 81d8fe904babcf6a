import assert from "node:assert/strict";
import { test } from "node:test";
import { editStanza } from "../../lib/deb822/edit.ts";
import { inherited } from "../../lib/override/inherit.ts";

for (const [name, winner, losers, fields, after] of [
  ["a field that the winner lacks", "Package: a\n", ["Package: a\nTask: t\n"], ["Task"], "Package: a\nTask: t\n"],
  ["one that it has stays", "task: w\n", ["Task: t\n"], ["Task"], "task: w\n"],
  ["one that nobody has", "Package: a\n", ["Package: a\n"], ["Task"], "Package: a\n"],
  ["nobody lost", "Package: a\n", [], ["Task"], "Package: a\n"],
  ["the first loser that has it", "Package: a\n", ["X: x\n", "Task: 2\n", "Task: 3\n"], ["Task"], "Package: a\nTask: 2\n"],
  [
    "several fields from several losers, in the order of the rule",
    "Package: a\n",
    ["Tag: 1\n", "Task: 2\nTag: 2\n"],
    ["Task", "Tag"],
    "Package: a\nTask: 2\nTag: 1\n",
  ],
  ["all lines, as they stand", "Package: a\n", ["TAG:  x,\n\ty,\n  z\nPackage: a\n"], ["Tag"], "Package: a\nTag:  x,\n\ty,\n  z\n"],
  ["the last field of a file without newline", "Package: a", ["Package: a\nTask: t"], ["Task"], "Package: a\nTask: t\n"],
] as const) {
  test(`inherited: ${name}`, () => {
    const edits = inherited(
      Buffer.from(winner),
      losers.map((text) => Buffer.from(text)),
      fields,
    );
    assert.equal(editStanza(Buffer.from(winner), edits).toString(), after);
  });
}

test("inherited: bytes that are no UTF-8 come over as they are", () => {
  const [winner, loser] = [Buffer.from("Package: a\n"), Buffer.from("Task: \xe9\xff\n", "latin1")];
  assert.deepEqual(editStanza(winner, inherited(winner, [loser], ["Task"])), Buffer.concat([winner, loser]));
});

test("inherited: what the rule itself sets is not taken over", () => {
  const winner = Buffer.from("Package: a\n");
  const edits = [{ field: "Task", value: "set" }, ...inherited(winner, [Buffer.from("Task: lost\n")], ["Task"])];
  assert.equal(editStanza(winner, edits).toString(), "Package: a\nTask: set\n");
});
