import assert from "node:assert/strict";
import { test } from "node:test";
import { parseIndexPath } from "../../lib/archive/names.ts";
import { type FileEntry, parseRelease, type Release, words } from "../../lib/archive/release.ts";

const WHERE = { mirror: "debian", suite: "bookworm" };
const [A, B] = ["a".repeat(64), "b".repeat(64)];
const [MD5, SHA1, SHA512] = ["1".repeat(32), "2".repeat(40), "3".repeat(128)];

const parse = (text: string): Release => parseRelease(Buffer.from(text), WHERE);

function entryOf(release: Release, path: string): FileEntry | undefined {
  const parsed = parseIndexPath(path);
  return parsed === undefined ? undefined : release.entries.get(parsed);
}

test("parseRelease: fields by lower-case name, values without blanks around, no digest sections among them", () => {
  const { fields } = parse(`Origin:  Debian \nSUITE: stable\nDescription: a: b\nSHA256:\n ${A} 1 Packages\n`);
  assert.deepEqual(
    [...fields],
    [
      ["origin", "Debian"],
      ["suite", "stable"],
      ["description", "a: b"],
    ],
  );
});

test("parseRelease: lines that continue a field are joined by newline", () => {
  assert.equal(parse("Description: one\n two\n\tthree\nOrigin: x\n").fields.get("description"), "one\ntwo\nthree");
});

test("parseRelease: everything but the digests is optional", () => {
  const release = parse(`SHA256:\n ${A} 1 Packages\n`);
  assert.deepEqual([release.fields.size, release.entries.size], [0, 1]);
});

for (const [name, text] of [
  ["SHA256 alone, as bookworm-security has it", `SHA256:\n ${A} 12 Packages\n`],
  ["SHA512 before SHA256", `SHA512:\n ${SHA512} 12 Packages\nSHA256:\n ${A} 12 Packages\n`],
  ["SHA512 after SHA256, as aptly writes it", `SHA256:\n ${A} 12 Packages\nSHA512:\n ${SHA512} 12 Packages\n`],
  ["sections between other fields", `MD5Sum:\n ${MD5} 12 Packages\nOrigin: x\nSHA256:\n ${A} 12 Packages\nSuite: y\n`],
  ["digests in upper case", `SHA256:\n ${A.toUpperCase()} 12 Packages\n`],
  ["the size padded, and tabs", `SHA256:\n\t${A}\t      12 \tPackages\n`],
  ["lines that end in CR LF", `Origin: x\r\nSHA256:\r\n ${A} 12 Packages\r\n`],
  ["no newline at the end", `SHA256:\n ${A} 12 Packages`],
  ["blank lines before and after", `\n\nSHA256:\n ${A} 12 Packages\n\n \n`],
  ["one file twice with the same digest", `SHA256:\n ${A} 12 Packages\n ${A} 12 Packages\n`],
] as const) {
  test(`parseRelease: ${name}`, () => {
    const entry = entryOf(parse(text), "Packages");
    assert.deepEqual([entry?.sha256, entry?.bytes], [A, 12]);
  });
}

test("parseRelease: entries are joined by path over sections; a path that SHA256 lacks has no digest to trust", () => {
  const release = parse(`MD5Sum:\n ${MD5} 1 a\n ${MD5} 2 b\nSHA1:\n ${SHA1} 1 a\nSHA256:\n ${A} 1 a\n ${B} 3 c\n`);
  assert.deepEqual(
    [...release.entries.values()],
    [
      { path: "a", bytes: 1, sha256: A, weak: SHA1 },
      { path: "b", bytes: 2, sha256: undefined, weak: MD5 },
      { path: "c", bytes: 3, sha256: B, weak: undefined },
    ],
  );
});

test("parseRelease: SHA512 alone gives a file no digest", () => {
  const entry = entryOf(parse(`SHA512:\n ${SHA512} 1 a\n`), "a");
  assert.deepEqual([entry?.sha256, entry?.weak], [undefined, undefined]);
});

test("parseRelease: an empty file may be listed", () => {
  assert.equal(entryOf(parse(`SHA256:\n ${A} 0 main/binary-arm64/Packages\n`), "main/binary-arm64/Packages")?.bytes, 0);
});

test("parseRelease: a view into a larger buffer is read to its own end", () => {
  const whole = Buffer.from(`xxSHA256:\n ${A} 12 Packages\ntrash without colon`);
  const view = new Uint8Array(whole.buffer, whole.byteOffset + 2, whole.indexOf("trash") - 2);
  assert.equal(parseRelease(view, WHERE).entries.size, 1);
});

test("words: blanks of any kind separate, case of the field does not matter, an absent field has none", () => {
  const release = parse("Architectures: amd64  arm64\n\tall\n");
  assert.deepEqual(words(release, "architectures"), ["amd64", "arm64", "all"]);
  assert.deepEqual(words(release, "Components"), []);
});
