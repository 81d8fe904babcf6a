import assert from "node:assert/strict";
import { test } from "node:test";
import { parse } from "yaml";
import { formatHeader, readCatalog, withFullMedia } from "../../lib/appstream/catalog.ts";

const WHERE = { mirror: "base", suite: "stable", file: "main/dep11/Components-amd64.yml" };
const HEADER =
  "---\nFile: DEP-11\nVersion: '0.16'\nOrigin: debian-main\nMediaBaseUrl: https://media.example/pool/\nPriority: 5\nTime: 20230609T082314\n";
const read = (text: string) => readCatalog(Buffer.from(text), WHERE);

test("readCatalog: the header, and each document with the package and ID that it names", () => {
  const [one, two] = ["---\nType: font\nID: org.example.one\nPackage: one\n", "---\nType: font\nPackage: 'two'\nID: \"two.desktop\"\n"];
  const { header, entries, unreadable } = read(HEADER + one + two);
  assert.deepEqual(header, { version: "0.16", mediaBaseUrl: "https://media.example/pool", priority: 5, time: "20230609T082314" });
  assert.deepEqual(
    entries.map(({ package: name, id, bytes }) => [name, id, bytes.toString()]),
    [
      ["one", "org.example.one", one],
      ["two", "two.desktop", two],
    ],
  );
  assert.equal(unreadable, 0);
});

test("readCatalog: a line of dashes inside indented text is no border, a document may end without a newline", () => {
  const { entries } = read(`${HEADER}---\nID: a\nPackage: a\nDescription:\n  C: |\n    x\n    ---\n    y\n---\nID: b\nPackage: b`);
  assert.deepEqual(
    entries.map(({ id }) => id),
    ["a", "b"],
  );
  assert.ok(entries[1]?.bytes.toString().endsWith("\n"));
});

test("readCatalog: what belongs to no package, and values that want a YAML reader", () => {
  const { entries, unreadable } = read(
    `${HEADER}---\nType: operating-system\nID: org.example.os\n---\nPackage: >-\n  folded\nID: x\n---\nPackage: !!str plain\nID: y\n`,
  );
  assert.deepEqual(
    entries.map(({ package: name, id }) => [name, id]),
    [
      [undefined, "org.example.os"],
      ["folded", "x"],
      ["plain", "y"],
    ],
  );
  assert.equal(unreadable, 0);
});

test("readCatalog: documents that cannot be read are counted", () => {
  assert.equal(read(`${HEADER}---\nPackage: noid\n---\nID: a\nPackage: [1, 2]\n---\nID: {x: 1}\nPackage: a\n---\n`).unreadable, 4);
});

for (const [what, text, found] of [
  ["nothing", "", "it is empty"],
  ["no document", "hello\n", "it is empty"],
  ["no header", "---\nID: a\nPackage: a\n", "its first document has no File: DEP-11"],
  ["a header of another kind", "---\nFile: DEP-12\n", "its first document has no File: DEP-11"],
  ["a header that is a list", "---\n- File: DEP-11\n", "its first document has no File: DEP-11"],
  ["a header that is no YAML", "---\nFile: DEP-11\n a: [\n", "its first document has no File: DEP-11"],
  ["a header with too many aliases", `---\nFile: DEP-11\na: &a [x]\n${"b: [*a, *a\n"}`, "its first document has no File: DEP-11"],
] as const) {
  test(`readCatalog: refused: ${what}`, () =>
    assert.throws(() => read(text), {
      code: "INDEX_MALFORMED",
      message: `Cannot use ${WHERE.file} of base/stable: ${found}, it must begin with a DEP-11 header`,
    }));
}

const DOCUMENT = `---
ID: a
Package: a
Url:
  homepage: org/example/kept
Icon:
  cached:
  - name: a_a.png
    width: 64
    height: 64
  remote:
  - url: org/example/a.png   # a comment
    width: 128
Screenshots:
- default: true
  thumbnails:
  - {url: 'org/example/thumb.png', width: 1}
  - url: https://other.example/x.png
  source-image:
    url: org/example/orig.png
Releases:
- version: '1'
  url:
    details: some/where
`;

test("withFullMedia: icons and screenshots are named in full, every other byte stays", () => {
  const full = withFullMedia(Buffer.from(DOCUMENT), "https://media.example/b")?.toString() ?? "";
  const expected = DOCUMENT.replace("url: org/example/a.png", 'url: "https://media.example/b/org/example/a.png"')
    .replace("'org/example/thumb.png'", '"https://media.example/b/org/example/thumb.png"')
    .replace("url: org/example/orig.png", 'url: "https://media.example/b/org/example/orig.png"');
  assert.equal(full, expected);
  assert.equal(parse(full).Screenshots[0]["source-image"].url, "https://media.example/b/org/example/orig.png");
});

test("withFullMedia: a document without media stays as it is, one that cannot be read is told", () => {
  const plain = Buffer.from("---\nID: a\nPackage: a\n");
  assert.equal(withFullMedia(plain, "https://x.example"), plain);
  assert.equal(withFullMedia(Buffer.from("---\nID: a\nIcon:\n  remote: [\n"), "https://x.example"), undefined);
});

test("formatHeader: is read again as it was", () => {
  const header = { version: "1.0", mediaBaseUrl: "https://media.example/x", priority: 10, time: "20250101T000000" };
  assert.deepEqual(read(formatHeader("merged-main", header).toString()).header, header);
  assert.equal(parse(formatHeader("merged-main", header).toString().slice(4)).Origin, "merged-main");
});
