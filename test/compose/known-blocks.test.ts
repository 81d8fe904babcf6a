import assert from "node:assert/strict";
import { test } from "node:test";
import { sha256Of } from "../../lib/archive/digests.ts";
import { type BlockLayout, knownBlocks, parseBlockLayout } from "../../lib/compose/known-blocks.ts";

const FILE = Buffer.from("headerAAAABBtrailer");
const [RAW_A, RAW_B] = [sha256Of("a"), sha256Of("b")];
const LAYOUT: BlockLayout = {
  schema: "aptmerge.blocks/1",
  codec: "gz",
  level: 9,
  file: sha256Of(FILE),
  blocks: [
    { raw: RAW_A, plainBytes: 100, offset: 6, bytes: 4, unpaddedBytes: 4 },
    { raw: RAW_B, plainBytes: 50, offset: 10, bytes: 2, unpaddedBytes: 2 },
  ],
};

test("knownBlocks: each block by the digest of what it was made from, read when it is asked for", async () => {
  const known = knownBlocks(LAYOUT, async (offset, bytes) => FILE.subarray(offset, offset + bytes));
  const all = [...known].map(async ([raw, { read, ...facts }]) => [raw, { ...facts, bytes: await read() }]);
  assert.deepEqual(await Promise.all(all), [
    [RAW_A, { bytes: Buffer.from("AAAA"), plainBytes: 100, unpaddedBytes: 4 }],
    [RAW_B, { bytes: Buffer.from("BB"), plainBytes: 50, unpaddedBytes: 2 }],
  ]);
});

test("parseBlockLayout: what was stored comes back", () => {
  assert.deepEqual(parseBlockLayout(JSON.stringify(LAYOUT), "gz"), LAYOUT);
});

const [first] = LAYOUT.blocks;
for (const [name, text] of [
  ["nothing", ""],
  ["half of it", JSON.stringify(LAYOUT).slice(0, 100)],
  ["null", "null"],
  ["a number", "7"],
  ["a list", "[]"],
  ["another schema", JSON.stringify({ ...LAYOUT, schema: "aptmerge.blocks/2" })],
  ["another codec", JSON.stringify({ ...LAYOUT, codec: "xz" })],
  ["a level as text", JSON.stringify({ ...LAYOUT, level: "9" })],
  ["no blocks", JSON.stringify({ ...LAYOUT, blocks: undefined })],
  ["blocks that are no list", JSON.stringify({ ...LAYOUT, blocks: { length: 1 } })],
  ["a block that is null", JSON.stringify({ ...LAYOUT, blocks: [null] })],
  ["a block without a digest", JSON.stringify({ ...LAYOUT, blocks: [{ ...first, raw: "x" }] })],
  ["a negative offset", JSON.stringify({ ...LAYOUT, blocks: [{ ...first, offset: -1 }] })],
  ["a fraction", JSON.stringify({ ...LAYOUT, blocks: [{ ...first, bytes: 1.5 }] })],
  ["a number beyond what is exact", JSON.stringify({ ...LAYOUT, blocks: [{ ...first, offset: 2 ** 60 }] })],
  ["a size as text", JSON.stringify({ ...LAYOUT, blocks: [{ ...first, plainBytes: "100" }] })],
  ["a digest of the file that is none", JSON.stringify({ ...LAYOUT, file: "x" })],
] as const) {
  test(`parseBlockLayout: ${name} is no layout`, () => assert.equal(parseBlockLayout(text, "gz"), undefined));
}
