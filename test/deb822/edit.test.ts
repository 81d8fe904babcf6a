import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { test } from "node:test";
import { editStanza, type FieldEdit } from "../../lib/deb822/edit.ts";

const isX = (name: string): boolean => name === "x";
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

for (const [name, before, edit, after] of [
  ["lines of a value continue the field", "Package: a\n", { field: "X", value: "a\nb\n c" }, "Package: a\nX: a\n b\n  c\n"],
  ["an empty line is a dot", "X: y\nPackage: a\n", { field: "X", value: "a\n\n \t\nb" }, "X: a\n .\n .\n b\nPackage: a\n"],
  ["newlines at the end do not count", "X: y\n", { field: "X", value: "a\nb\n\n" }, "X: a\n b\n"],
  ["a value that begins on its second line", "X: y\n", { field: "X", value: "\na" }, "X:\n a\n"],
  ["a value of no lines", "X: y\n", { field: "X", value: "" }, "X:\n"],
  ["lines beyond ASCII are written as UTF-8", "X: y\n", { field: "X", value: "\u00e9\n\u2192" }, "X: \u00e9\n \u2192\n"],

  ["a field is removed", "Package: a\nX: y\nZ: z\n", { field: "X", remove: true }, "Package: a\nZ: z\n"],
  ["whatever its case", "Package: a\nx: y\n", { field: "X", remove: true }, "Package: a\n"],
  ["with its further lines", "X: a\n b\n\tc\nPackage: a\n", { field: "X", remove: true }, "Package: a\n"],
  ["the last one, its newline missing", "Package: a\nX: y", { field: "X", remove: true }, "Package: a\n"],
  ["one that is not there", "Package: a", { field: "X", remove: true }, "Package: a"],
  ["one whose name begins alike stays", "X-Y: y\n", { field: "X", remove: true }, "X-Y: y\n"],

  ["a missing field is filled in", "Package: a\n", { field: "X", missing: Buffer.from(" y,\n  z\n") }, "Package: a\nX: y,\n  z\n"],
  ["one that is there stays", "x: a\n", { field: "X", missing: Buffer.from(" y\n") }, "x: a\n"],

  ["names leave a relation", "Depends: a, x (>= 1), b\nZ: z\n", { field: "Depends", without: isX }, "Depends: a, b\nZ: z\n"],
  ["of a folded field too", "Depends:\n a,\n x | b,\n x\nZ: z\n", { field: "depends", without: isX }, "Depends:\n a,\n b\nZ: z\n"],
  [
    "a relation of which nothing is left goes",
    "Package: a\nDepends: x,\n x:any\nZ: z\n",
    { field: "Depends", without: isX },
    "Package: a\nZ: z\n",
  ],
  [
    "a relation at the end of a stanza without newline",
    "Package: a\nDepends: a, x",
    { field: "Depends", without: isX },
    "Package: a\nDepends: a",
  ],
  ["a relation that is not there", "Package: x\n", { field: "Depends", without: isX }, "Package: x\n"],
  ["another field with the name stays", "Depends: x\nSuggests: x\n", { field: "Suggests", without: isX }, "Depends: x\n"],
] satisfies readonly (readonly [string, string, FieldEdit, string])[]) {
  test(`editStanza: ${name}`, () => assert.equal(edited(before, edit), after));
}

test("editStanza: bytes of another stanza that are no UTF-8 come over as they are", () => {
  const missing = Buffer.from(" \xe9\xff\n", "latin1");
  assert.deepEqual(editStanza(Buffer.from("Package: a\n"), [{ field: "X", missing }]), Buffer.from("Package: a\nX: \xe9\xff\n", "latin1"));
});

for (const [name, edit] of [
  ["a value that is there already", { field: "X", value: "a\nb" }],
  ["a removal of nothing", { field: "Y", remove: true }],
  ["a name that no relation has", { field: "Depends", without: isX }],
  ["a field that is not missing", { field: "x", missing: Buffer.from(" c\n") }],
] satisfies readonly (readonly [string, FieldEdit])[]) {
  test(`editStanza: the same buffer comes back for ${name}`, () => {
    const stanza = Buffer.from("X: a\n b\nDepends: a,b");
    assert.equal(editStanza(stanza, [edit]), stanza);
  });
}

/** From Debian's Translation-en: the digest is that of the archive. */
const DESCRIPTIONS = [
  [
    "d944677bd5e700bac7422367b391928c",
    [
      "Efficient visual trace explorer",
      "ViTE is a powerful portable and open source profiling tool to visualize",
      "the behaviour of parallel applications. Thanks to its scalable design,",
      "ViTE helps programmers to efficiently analyze the performance of",
      "potentially large applications.",
      "",
      "ViTE currently enables the visualisation of traces using the Pajé format",
      "(open format, see http://www-id.imag.fr/Logiciels/paje/) and has various",
      "functionalities such as exporting a view in a svg format to integrate",
      "the results easily in a report, or viewing statistics.",
    ],
  ],
  [
    "fa0295dc4e40dbbea6c84f614c570636",
    [
      "package management related utility programs",
      "This package contains some less used commandline utilities related",
      "to package management with APT.",
      "",
      " * apt-extracttemplates is used by debconf to prompt for configuration",
      "   questions before installation.",
      " * apt-ftparchive is used to create Packages and other index files",
      "   needed to publish an archive of Debian packages",
      " * apt-sortpkgs is a Packages/Sources file normalizer.",
    ],
  ],
] as const;

for (const [digest, lines] of DESCRIPTIONS) {
  test(`editStanza: the digest of "${lines[0]}" is the one that Debian's archive has`, () => {
    const before = "Package: a\nDescription: old\nDescription-MD5: c4a4aec43084cfb4a44c959b27e3a6d6\nSection: x\n";
    const [first, ...further] = lines.map((line) => (line === "" ? "." : line));
    assert.equal(
      edited(before, { field: "description", value: lines.join("\n") }),
      `Package: a\nDescription: ${[first, ...further].join("\n ")}\nDescription-MD5: ${digest}\nSection: x\n`,
    );
  });
}

for (const [name, before, edit, after] of [
  ["a stanza without a digest gets none", "Description: a\n", { field: "Description", value: "b" }, "Description: b\n"],
  [
    "the same Description keeps the digest of the long one",
    "Description: a\nDescription-md5: 0\n",
    { field: "Description", value: "a" },
    "Description: a\nDescription-md5: 0\n",
  ],
  [
    "without a Description there is no digest",
    "X: y\nDescription: a\n b\nDescription-md5: 0\n",
    { field: "Description", remove: true },
    "X: y\n",
  ],
  [
    "a Description of another stanza has its own digest",
    "Description-md5: 0\n",
    { field: "Description", missing: Buffer.from("\t a\n") },
    `Description-md5: ${createHash("md5").update("a\n").digest("hex")}\nDescription:\t a\n`,
  ],
  [
    "another field changes no digest",
    "Description: a\nDescription-md5: 0\n",
    { field: "Section", value: "net" },
    "Description: a\nDescription-md5: 0\nSection: net\n",
  ],
] satisfies readonly (readonly [string, string, FieldEdit, string])[]) {
  test(`editStanza: Description-md5: ${name}`, () => assert.equal(edited(before, edit), after));
}
