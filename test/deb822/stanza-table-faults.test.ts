import assert from "node:assert/strict";
import { test } from "node:test";
import { scanStanzas } from "../../lib/deb822/stanza-table.ts";
import { scan, stanzasOf, valuesOf, WHERE } from "./scan.ts";

/** Stands before and after the stanza in question: what it has must not cost them anything. */
const around = (text: string | Buffer): Buffer =>
  Buffer.concat([Buffer.from("Package: before\nVersion: 1\n\n"), Buffer.from(text), Buffer.from("\n\nPackage: after\nVersion: 1\n")]);

for (const [name, text, because] of [
  ["a field twice", "Package: a\nVersion: 1\nVersion: 2", /"Version" stands there twice/],
  ["a field twice in different case", "Package: a\nVersion: 1\nvERSION: 2", /twice/],
  ["a field that nobody looks for twice", "Package: a\nX-Y: 1\nVersion: 2\nX-Y: 1", /"X-Y" stands there twice/],
  ["a NUL", "Package: a\nDepends: b\0c", /control byte 0x00/],
  ["a lone CR", "Package: a\nDepends: b\rVersion: 9", /control byte 0x0d/],
  ["an escape", "Package: a\nDepends: \x1b[2J", /control byte 0x1b/],
  ["a form feed", "Package: a\nDepends: \f", /control byte 0x0c/],
  ["CR LF at a line's end", "Package: a\r\nVersion: 1\r", /control byte 0x0d/],
  ["a blank in a field name", "Package: a\nX Y: 1", /field name "X Y"/],
  ["a tab before the colon", "Package: a\nX\t: 1", /field name/],
  ["a field name that begins with #", "Package: a\n#X: 1", /field name/],
  ["a field name that begins with -", "Package: a\n-X: 1", /field name/],
  ["a field name beyond ASCII", Buffer.from("Package: a\nX\xff: 1", "latin1"), /field name/],
  ["no field name at all", "Package: a\n: 1", /field name/],
  ["a byte order mark", "\ufeffPackage: a\nVersion: 1", /field name/],
] as const) {
  test(`scanStanzas: ${name} spoils its own stanza only`, () => {
    const table = scan(around(text));
    assert.equal(table.count, 3);
    assert.deepEqual([...table.faults.keys()], [1]);
    assert.match(table.faults.get(1) ?? "", because);
    assert.deepEqual([valuesOf(table, "package")[0], valuesOf(table, "package")[2]], ["before", "after"]);
  });
}

test("scanStanzas: of a field that stands there twice the first value is read, as apt reads it", () => {
  assert.deepEqual(valuesOf(scan("Package: first\nPackage: second\nVersion: 1\n"), "package"), ["first"]);
});

for (const [name, text, found] of [
  ["a line without a colon", "Package: a\nnonsense\n", /line 2 is "nonsense"/],
  ["the first line without a colon", "<html>\n", /line 1 is "<html>"/],
  ["a continuation first", " continued\nPackage: a\n", /line 1 continues a field but none is open/],
  ["a continuation behind a blank line", "Package: a\n\n continued\n", /line 3 continues/],
  ["a blank line that ends in CR LF", "Package: a\r\n\r\nPackage: b\r\n", /line 2/],
  ["UTF-16", Buffer.from("Package: a\n\nPackage: b\n", "utf16le"), /line 2/],
] as const) {
  test(`scanStanzas: ${name} breaks the file`, () => {
    assert.throws(() => scan(text), { code: "INDEX_MALFORMED", message: found });
  });
}

test("scanStanzas: the message names the file, and shows hostile bytes escaped and cut", () => {
  const line = `\x1b[2J${"x".repeat(5_000)}`;
  assert.throws(
    () => scan(`Package: a\n\n${line}\n`),
    (error: Error) => {
      assert.match(error.message, /^Cannot read debian\/bookworm main\/binary-amd64\/Packages: line 3 is "\\u001b\[2J/);
      assert.ok(error.message.length < 300 && !error.message.includes("\x1b"), error.message);
      return true;
    },
  );
});

test("scanStanzas: a stanza of more than 64 MiB is refused", () => {
  const bytes = Buffer.alloc(65 * 1024 * 1024, "x");
  bytes.write("Package: a\nDepends: ", "latin1");
  assert.throws(() => scanStanzas(bytes, ["package"], WHERE), {
    code: "INDEX_MALFORMED",
    message: /line 1 starts a stanza of 68157440 bytes/,
  });
});

test("scanStanzas: control bytes are found at any place, also where a chunk of a megabyte ends", () => {
  const filler = `Package: p\nDepends: ${"x".repeat(999)}\n\n`;
  const many = filler.repeat(2_100);
  for (const at of [2 ** 20 - 1, 2 ** 20, 2 ** 20 + 1, 2 ** 21 - 1, 2 ** 21]) {
    const bytes = Buffer.from(many);
    // Not onto a newline: that would be another file.
    const place = bytes[at] === 0x78 ? at : at + 60;
    bytes[place] = 0x01;
    const table = scan(bytes);
    assert.deepEqual([...table.faults.keys()], [Math.floor(place / filler.length)]);
  }
});

test("scanStanzas: a file full of control bytes notes each stanza once and is done soon", () => {
  const table = scan(`Package: ${"\x01".repeat(2_000)}\n\n`.repeat(1_000));
  assert.equal(table.faults.size, 1_000);
});

test("scanStanzas: control bytes between stanzas are a line without a colon", () => {
  assert.throws(() => scan("Package: a\n\n\0\nPackage: b\n"), { code: "INDEX_MALFORMED" });
});

test("scanStanzas: a spoilt stanza keeps its bytes", () => {
  assert.deepEqual(stanzasOf(scan("Package: a\nX: \0\n")), ["Package: a\nX: \0\n"]);
});
