import assert from "node:assert/strict";
import { test } from "node:test";
import { applyScript, formatEdScript, parseEdScript } from "../../lib/pdiff/edit-script.ts";

const OLD = Buffer.from("1\n2\n3\n4\n5\n");
const apply = (script: string): string => {
  const parsed = parseEdScript(Buffer.from(script));
  return "fault" in parsed ? parsed.fault : applyScript(OLD, parsed).toString().replaceAll("\n", " ").trim();
};

for (const [what, script, expected] of [
  ["nothing", "", "1 2 3 4 5"],
  ["a change", "2c\nx\n.\n", "1 x 3 4 5"],
  ["a change of several lines to fewer", "2,4c\nx\n.\n", "1 x 5"],
  ["an addition behind a line", "2a\nx\ny\n.\n", "1 2 x y 3 4 5"],
  ["an addition before all", "0a\nx\n.\n", "x 1 2 3 4 5"],
  ["an addition behind all", "5a\nx\n.\n", "1 2 3 4 5 x"],
  ["a deletion", "1,2d\n", "3 4 5"],
  ["several, the last place first", "5d\n3c\nx\n.\n0a\ny\n.\n", "y 1 2 x 4"],
  ["places that touch", "3d\n2c\nx\n.\n", "1 x 4 5"],
  ["an addition before lines that go", "3d\n2a\nx\n.\n", "1 2 x 4 5"],
  ["text that looks like a command", "2c\n9d\n.\n", "1 9d 3 4 5"],
  ["a line that begins with a dot", "2c\n..\n.\n", "1 .. 3 4 5"],
] as const) {
  test(`parseEdScript: ${what}`, () => assert.equal(apply(script), expected));
}

for (const [what, script, fault] of [
  ["another command", "2i\nx\n.\n", 'line 1 is "2i", it must be a command a, c or d with line numbers'],
  ["a shell command", "!sh\n", 'line 1 is "!sh", it must be a command a, c or d with line numbers'],
  ["the first place first", "1d\n3d\n", 'line 2 is "3d", commands must come with the last place first'],
  ["places that overlap", "3,4d\n2,3d\n", 'line 2 is "2,3d", commands must come with the last place first'],
  ["a range that runs backwards", "4,2d\n", 'line 1 is "4,2d", its line numbers make no sense'],
  ["an addition behind a range", "1,2a\nx\n.\n", 'line 1 is "1,2a", its line numbers make no sense'],
  ["a line before the first", "0d\n", 'line 1 is "0d", its line numbers make no sense'],
  ["text without an end", "2c\nx\n", 'line 1 is "2c", its text must end with a line that is a dot'],
  ["a last line without a newline", "2d", 'line 1 is "2d", it must be a command a, c or d with line numbers'],
  ["a number that nothing has", "99999999999d\n", 'line 1 is "99999999999d", it must be a command a, c or d with line numbers'],
  ["the place of a fault behind text", "5c\nx\ny\n.\nz\n", 'line 5 is "z", it must be a command a, c or d with line numbers'],
] as const) {
  test(`parseEdScript: refused: ${what}`, () => assert.equal(apply(script), fault));
}

test("applyScript: a script for a longer text is refused", () => {
  for (const script of ["6d\n", "5,6d\n", "6a\nx\n.\n"]) assert.throws(() => apply(script), /speaks of a line that the text does not have/);
});

test("formatEdScript: a line that is a lone dot cannot be written", () => {
  assert.equal(formatEdScript([{ at: 1, removed: 0, inserted: Buffer.from("a\n.\nb\n"), insertedLines: 3 }]), undefined);
});
