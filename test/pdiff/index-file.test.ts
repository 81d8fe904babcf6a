import assert from "node:assert/strict";
import { test } from "node:test";
import type { Sha256 } from "../../lib/archive/names.ts";
import { formatPdiffIndex, type PdiffIndex, parsePdiffIndex } from "../../lib/pdiff/index-file.ts";

const WHERE = { mirror: "base", suite: "stable", file: "main/binary-amd64/Packages.diff/Index" };
const sized = (digit: string, bytes: number) => ({ sha256: digit.repeat(64) as Sha256, bytes });
const entry = (name: string, digit: string) => ({ name, from: sized(digit, 10), patch: sized("b", 200), download: sized("c", 3) });
const INDEX: PdiffIndex = { current: sized("a", 12345), patches: [entry("T-2-F-0", "1"), entry("T-2-F-1", "2")], merged: true };
const read = (text: string): PdiffIndex => parsePdiffIndex(Buffer.from(text), WHERE);

test("parsePdiffIndex: what was written comes back", () => {
  for (const merged of [true, false]) assert.deepEqual(read(formatPdiffIndex({ ...INDEX, merged }).toString()), { ...INDEX, merged });
});

test("parsePdiffIndex: other digests, unmerged lists and fields that nobody knows are passed over", () => {
  const text = formatPdiffIndex(INDEX).toString();
  const more = `SHA1-Current: x 1\nSHA1-History:\n nonsense\n${text}X-Unmerged-SHA256-History:\n ${"9".repeat(64)} 1 old\nX-DAK-Older-Patches: a b\n`;
  assert.deepEqual(read(more), INDEX);
});

test("parsePdiffIndex: a list without patches", () => {
  assert.deepEqual(read(`SHA256-Current: ${"a".repeat(64)} 1\n`), { current: sized("a", 1), patches: [], merged: false });
});

for (const [what, change, found] of [
  ["no current state", /SHA256-Current.*\n/, "it has no SHA256-Current with digest and size"],
  ["a patch without a digest", / b{64} .*T-2-F-1\n/, '"T-2-F-1" has no SHA256-Patches'],
  ["a patch without the digest of its file", / c{64} .*T-2-F-1\.gz\n/, '"T-2-F-1" has no SHA256-Download'],
] as const) {
  test(`parsePdiffIndex: refused: ${what}`, () => {
    const text = formatPdiffIndex(INDEX).toString().replace(change, "");
    assert.throws(() => read(text), { code: "INDEX_MALFORMED", message: new RegExp(`^Cannot use ${WHERE.file} of base/stable: ${found}`) });
  });
}

for (const [what, from, to] of [
  ["a name that leaves the folder", "T-2-F-0", "../../x"],
  ["a hidden name", "T-2-F-0", ".x"],
  ["a digest that is none", "1".repeat(64), "1".repeat(63)],
  ["a size that is none", " 10 T-2-F-0", " -1 T-2-F-0"],
  ["a line too many words", "T-2-F-0\n", "T-2-F-0 more\n"],
  ["a name twice", "T-2-F-1", "T-2-F-0"],
] as const) {
  test(`parsePdiffIndex: refused: ${what}`, () => {
    assert.throws(() => read(formatPdiffIndex(INDEX).toString().replace(from, to)), { code: "INDEX_MALFORMED" });
  });
}
