import assert from "node:assert/strict";
import { test } from "node:test";
import { codeCell, codeSpan, table } from "../../lib/report/markdown-text.ts";
import { HOSTILE } from "./hostile.ts";

for (const [name, text, span] of [
  ["text is code", "libx1", "`libx1`"],
  ["nothing is nothing", "", ""],
  ["markup stays as it is: in code it is none", "<b> [x](y) *z* @you ~1~", "`<b> [x](y) *z* @you ~1~`"],
  ["a backtick gets a longer fence", "a`b", "``a`b``"],
  ["the fence is longer than the longest run", "`` ` ```x", "```` `` ` ```x ````"],
  ["blanks at the ends are kept", " x", "`  x `"],
  ["a blank alone needs no help", " ", "` `"],
  ["a line break shows", "a\nb", "`a\\u000ab`"],
] as const) {
  test(`codeSpan: ${name}`, () => assert.equal(codeSpan(text), span));
}

for (const [name, text, cell] of [
  ["a pipe does not end the cell", "a | b", "`a \\| b`"],
  ["a backslash before a pipe does not free it", "a\\|b", "`a\\u005c\\|b`"],
  ["nor do several", "\\\\|", "`\\u005c\\u005c\\|`"],
  ["other backslashes stay", "a\\b\\", "`a\\b\\`"],
] as const) {
  test(`codeCell: ${name}`, () => assert.equal(codeCell(text), cell));
}

test("codeCell: whatever is in it, a row keeps its cells", () => {
  for (const text of HOSTILE) {
    const [, , row = ""] = table(["A", "B"], [[codeCell(text), codeCell("end")]]);
    assert.equal(row.match(/(?<!\\)\|/g)?.length, 3, row);
    assert.doesNotMatch(row, /[\n\r\u2028\u2029\u0000-\u001f]/);
  }
});

test("table: columns line up, and those without a word are left out", () => {
  assert.deepEqual(
    table(
      ["Name", "Empty", "Why"],
      [
        ["`a`", "", "long reason"],
        ["`longer`", "", ""],
      ],
    ),
    ["| Name     | Why         |", "|----------|-------------|", "| `a`      | long reason |", "| `longer` |             |"],
  );
});

test("table: one very long cell does not make all others wide", () => {
  const [head = ""] = table(["Name"], [["`a`"], [`\`${"x".repeat(60)}\``]]);
  assert.equal(head, "| Name |");
});
