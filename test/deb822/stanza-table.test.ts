import assert from "node:assert/strict";
import { test } from "node:test";
import { scanStanzas } from "../../lib/deb822/stanza-table.ts";
import { scan, stanzasOf, valuesOf, WHERE } from "./scan.ts";

const [A, B] = ["Package: a\nVersion: 1\n", "Package: b\nVersion: 2\n"];

for (const [name, text, expected] of [
  ["nothing", "", []],
  ["blank lines alone", "\n\n \n\t\n", []],
  ["one stanza", A, [A]],
  ["one blank line between", `${A}\n${B}`, [A, B]],
  ["several blank lines between", `${A}\n\n\n${B}`, [A, B]],
  ["blank lines before and after", `\n\n${A}\n${B}\n\n`, [A, B]],
  [
    "a line of blanks and tabs inside continues the field, as apt has it",
    "Package: a\nDescription: x\n y\n \t \n z\nTag: t\n",
    ["Package: a\nDescription: x\n y\n \t \n z\nTag: t\n"],
  ],
  ["a line of blanks before the first stanza and after an empty line", ` \t\n${A}\n \n${B}`, [A, B]],
  ["no newline at the end", `${A}\n${B.slice(0, -1)}`, [A, B.slice(0, -1)]],
  ["a blank line without newline at the end", `${A}\n `, [A]],
  ["a continued line that holds a dot only", "Package: a\nDescription: x\n .\n y\n", ["Package: a\nDescription: x\n .\n y\n"]],
] as const) {
  test(`scanStanzas: ${name}`, () => assert.deepEqual(stanzasOf(scan(text)), expected));
}

for (const [name, text, expected] of [
  ["a plain value", "Package: a\n", "a"],
  ["no blank behind the colon", "Package:a\n", "a"],
  ["blanks and tabs around", "Package: \t a \t\n", "a"],
  ["blanks inside stay", "Package: a  b\n", "a  b"],
  ["a colon inside", "Package: a: b\n", "a: b"],
  ["upper case", "PACKAGE: a\n", "a"],
  ["an empty value is there, and empty", "Package:\nVersion: 1\n", ""],
  ["an empty value at the end of the file", "Version: 1\nPackage:", ""],
  ["no such field", "Version: 1\n", undefined],
  ["a longer name that begins alike is another field", "Package-List: x\n", undefined],
  ["a shorter one too", "Pack: x\n", undefined],
  ["a value without newline at the end", "Version: 1\nPackage: a", "a"],
] as const) {
  test(`fieldText: ${name}`, () => assert.deepEqual(valuesOf(scan(text), "package"), [expected]));
}

for (const [name, text, expected] of [
  ["continued by a blank", "Package: a\nDepends: b,\n c\nVersion: 1\n", "b,\n c"],
  ["continued by a tab", "Package: a\nDepends: b,\n\tc\n", "b,\n\tc"],
  ["all of it on the next lines", "Package: a\nDepends:\n b,\n c\n", "\n b,\n c"],
  ["continued at the end of the file", "Package: a\nDepends: b,\n c", "b,\n c"],
  ["blanks at its end do not count", "Package: a\nDepends: b,\n c \t\n", "b,\n c"],
  ["lines that continue the field behind it do not belong to it", "Depends: b\nPackage: a\n c\n", "b"],
] as const) {
  test(`fieldText: a folded value: ${name}`, () => assert.deepEqual(valuesOf(scan(text), "depends"), [expected]));
}

test("scanStanzas: bytes stay as they are, whatever their encoding", () => {
  const odd = Buffer.concat([
    Buffer.from("Package: a\nDescription: "),
    Buffer.from([0xe9, 0xff, 0xc2, 0x85, 0xe2, 0x80, 0xa8]),
    Buffer.from("\n"),
  ]);
  const table = scan(odd);
  assert.deepEqual(stanzasOf(table), [odd.toString("latin1")]);
  assert.equal(table.faults.size, 0);
});

test("scanStanzas: names of Object's own and digits are fields and values like any other", () => {
  const table = scan("Package: 2048\n__proto__: x\nconstructor: y\n\nPackage: constructor\n");
  assert.deepEqual(valuesOf(table, "package"), ["2048", "constructor"]);
  assert.equal(table.faults.size, 0);
});

test("scanStanzas: fields of one stanza do not show in the next", () => {
  const table = scan("Package: a\nDepends: x\n\nPackage: b\n\nPackage: c\nDepends: z\n");
  assert.deepEqual(valuesOf(table, "depends"), ["x", undefined, "z"]);
  assert.equal(table.faults.size, 0, "a name in two stanzas is no repetition");
});

test("scanStanzas: a field may be looked for under every position, without any field at all", () => {
  const table = scanStanzas(Buffer.from(`${A}\n${B}`), [], WHERE);
  assert.deepEqual([table.count, table.spans.length], [2, 0]);
});

test("scanStanzas: many short stanzas outgrow the first table and none is lost", () => {
  const text = Array.from({ length: 5_000 }, (_, i) => `Package: p${i}\nVersion: ${i}\n`).join("\n");
  const table = scan(text);
  assert.equal(table.count, 5_000);
  assert.deepEqual(valuesOf(table, "version").slice(-2), ["4998", "4999"]);
});

test("scanStanzas: a line of 8 MB is read", () => {
  const value = "x".repeat(8_000_000);
  assert.deepEqual(valuesOf(scan(`Package: a\nDepends: ${value}\nVersion: 1\n`), "depends")[0]?.length, value.length);
});

test("scanStanzas: a stanza of 250 fields is read, one of thousands is refused", () => {
  const fields = (count: number): string => `Package: a\n${Array.from({ length: count }, (_, i) => `X-${i}: 1\n`).join("")}`;
  assert.equal(scan(fields(250)).faults.size, 0);
  assert.throws(() => scan(fields(5_000)), { code: "INDEX_MALFORMED", message: /at most \d+/ });
});
