import assert from "node:assert/strict";
import { test } from "node:test";
import { editStanza, type FieldEdit } from "../../lib/deb822/edit.ts";

const edited = (text: string, ...edits: readonly FieldEdit[]): string => editStanza(Buffer.from(text), edits).toString();

for (const [name, before, field, value, after] of [
  ["a field keeps its place", "Package: a\nSection: x\nVersion: 1\n", "Section", "net", "Package: a\nSection: net\nVersion: 1\n"],
  ["a field keeps the case of its name", "Package: a\nSECTION: x\n", "Section", "net", "Package: a\nSECTION: net\n"],
  ["a new field goes last, in the case given", "Package: a\nVersion: 1\n", "X-Task", "t", "Package: a\nVersion: 1\nX-Task: t\n"],
  ["a new field behind a missing newline", "Package: a\nVersion: 1", "Section", "net", "Package: a\nVersion: 1\nSection: net\n"],
  ["the last field, its newline missing", "Package: a\nSection: x", "Section", "net", "Package: a\nSection: net\n"],
  ["the first field", "Section: x\nPackage: a\n", "Section", "net", "Section: net\nPackage: a\n"],
  ["a folded field is replaced whole", "Task: a,\n b,\n\tc\nPackage: a\n", "Task", "t", "Task: t\nPackage: a\n"],
  ["a folded field at the end", "Package: a\nTask: a,\n b", "Task", "t", "Package: a\nTask: t\n"],
  ["an empty field gets a value", "Section:\nPackage: a\n", "Section", "net", "Section: net\nPackage: a\n"],
  ["no blank behind the colon", "Section:x\nPackage: a\n", "Section", "net", "Section: net\nPackage: a\n"],
  ["a field whose name begins alike stays", "Section-X: x\nPackage: a\n", "Section", "net", "Section-X: x\nPackage: a\nSection: net\n"],
  [
    "a continued line that looks like the field stays",
    "Description: x\n Section: y\nPackage: a\n",
    "Section",
    "net",
    "Description: x\n Section: y\nPackage: a\nSection: net\n",
  ],
  ["a value beyond ASCII is written as UTF-8", "Package: a\n", "Task", "é", "Package: a\nTask: é\n"],
  ["a value with dollars is taken as it is", "Section: x\n", "Section", "$&$1", "Section: $&$1\n"],
] as const) {
  test(`editStanza: ${name}`, () => assert.equal(edited(before, { field, value }), after));
}

test("editStanza: bytes that are no UTF-8 stay as they came", () => {
  const odd = Buffer.from("Package: a\nDescription: \xe9\xff\nSection: x\n", "latin1");
  assert.deepEqual(
    editStanza(odd, [{ field: "section", value: "y" }]),
    Buffer.from("Package: a\nDescription: \xe9\xff\nSection: y\n", "latin1"),
  );
});

test("editStanza: several edits, each on what the ones before left", () => {
  const edits = [
    { field: "Section", value: "net" },
    { field: "Task", value: "t" },
    { field: "task", value: "u" },
  ];
  assert.equal(edited("Package: a\nSection: x\n", ...edits), "Package: a\nSection: net\nTask: u\n");
});

test("editStanza: the same buffer comes back when nothing changes", () => {
  const stanza = Buffer.from("Package: a\nSection: net\n");
  assert.equal(editStanza(stanza, [{ field: "section", value: "net" }]), stanza);
  assert.equal(editStanza(stanza, []), stanza);
});
