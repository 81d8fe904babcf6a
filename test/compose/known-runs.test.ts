import assert from "node:assert/strict";
import { test } from "node:test";
import { sha256Of } from "../../lib/archive/digests.ts";
import { bondOf, knownRuns, parseRunLayout, type RunLayout, sameRuns } from "../../lib/compose/known-runs.ts";

const FILE = Buffer.from("headerAAAABBtrailer");
const [RAW_A, RAW_B, RAW_C] = [sha256Of("a"), sha256Of("b"), sha256Of("c")];
const LAYOUT: RunLayout = {
  schema: "aptmerge.runs/4",
  codec: "gz",
  level: 9,
  file: sha256Of(FILE),
  settled: 1_790_000_000_000,
  loose: true,
  runs: [
    {
      blocks: [
        { raw: RAW_A, plainBytes: 100 },
        { raw: RAW_C, plainBytes: 20 },
      ],
      offset: 6,
      bytes: 4,
      unpaddedBytes: 4,
      edited: false,
      bond: bondOf([{ raw: RAW_A }, { raw: RAW_C }], Buffer.from("AAAA")),
    },
    {
      blocks: [{ raw: RAW_B, plainBytes: 50 }],
      offset: 10,
      bytes: 2,
      unpaddedBytes: 2,
      edited: true,
      bond: bondOf([{ raw: RAW_B }], Buffer.from("BB")),
    },
  ],
};

test("knownRuns: each run by the digests of its blocks, read when it is asked for", async () => {
  const known = knownRuns(LAYOUT, async (offset, bytes) => FILE.subarray(offset, offset + bytes));
  const [first, second] = [known.holding(RAW_A), known.holding(RAW_B)];
  assert.deepEqual([first?.plainBytes, first?.edited, await first?.read()], [120, false, Buffer.from("AAAA")]);
  assert.deepEqual([second?.plainBytes, second?.edited, await second?.read()], [50, true, Buffer.from("BB")]);
  assert.equal(known.holding(RAW_C), first);
  assert.equal(known.holding(sha256Of("d")), undefined);
});

for (const [what, file] of [
  ["one bit of it is another", Buffer.from("headerAAACBBtrailer")],
  ["another run lies in its place", Buffer.from("headerBBAAAAtrailer")],
  ["the file is shorter", Buffer.from("headerAA")],
] as const) {
  test(`knownRuns: a run is not read when ${what}`, async () => {
    const known = knownRuns(LAYOUT, async (offset, bytes) => file.subarray(offset, offset + bytes));
    assert.equal(await known.holding(RAW_A)?.read(), undefined);
  });
}

test("knownRuns: a run is not read for blocks that it was not made from", async () => {
  const [first, second] = LAYOUT.runs;
  assert.ok(first !== undefined && second !== undefined);
  const runs = [{ ...first, blocks: second.blocks }];
  const known = knownRuns({ runs }, async (offset, bytes) => FILE.subarray(offset, offset + bytes));
  assert.equal(await known.holding(RAW_B)?.read(), undefined);
});

test("sameRuns: the same blocks, cut at the same places", () => {
  const [first, second] = LAYOUT.runs;
  assert.ok(first !== undefined && second !== undefined);
  assert.equal(sameRuns(LAYOUT.runs, [{ ...first, offset: 99, edited: true }, second]), true);
  for (const other of [[first], [second, first], [first, second, second], [{ blocks: [...first.blocks, ...second.blocks] }]])
    assert.equal(sameRuns(LAYOUT.runs, other), false);
});

test("parseRunLayout: what was stored comes back", () => {
  assert.deepEqual(parseRunLayout(JSON.stringify(LAYOUT), "gz"), LAYOUT);
});

const [first] = LAYOUT.runs;
for (const [name, text] of [
  ["nothing", ""],
  ["half of it", JSON.stringify(LAYOUT).slice(0, 100)],
  ["null", "null"],
  ["a number", "7"],
  ["a list", "[]"],
  ["another schema", JSON.stringify({ ...LAYOUT, schema: "aptmerge.runs/2" })],
  ["another codec", JSON.stringify({ ...LAYOUT, codec: "xz" })],
  ["a level as text", JSON.stringify({ ...LAYOUT, level: "9" })],
  ["no runs", JSON.stringify({ ...LAYOUT, runs: undefined })],
  ["runs that are no list", JSON.stringify({ ...LAYOUT, runs: { length: 1 } })],
  ["a run that is null", JSON.stringify({ ...LAYOUT, runs: [null] })],
  ["a run without blocks", JSON.stringify({ ...LAYOUT, runs: [{ ...first, blocks: [] }] })],
  ["a block that is null", JSON.stringify({ ...LAYOUT, runs: [{ ...first, blocks: [null] }] })],
  ["an edit that is no flag", JSON.stringify({ ...LAYOUT, runs: [{ ...first, edited: 1 }] })],
  ["a bond that is no digest", JSON.stringify({ ...LAYOUT, runs: [{ ...first, bond: "x" }] })],
  ["no word of when it was settled", JSON.stringify({ ...LAYOUT, settled: undefined })],
  ["a looseness that is no flag", JSON.stringify({ ...LAYOUT, loose: "no" })],
  ["a block without a digest", JSON.stringify({ ...LAYOUT, runs: [{ ...first, blocks: [{ raw: "x", plainBytes: 1 }] }] })],
  ["a negative offset", JSON.stringify({ ...LAYOUT, runs: [{ ...first, offset: -1 }] })],
  ["a fraction", JSON.stringify({ ...LAYOUT, runs: [{ ...first, bytes: 1.5 }] })],
  ["a number beyond what is exact", JSON.stringify({ ...LAYOUT, runs: [{ ...first, offset: 2 ** 60 }] })],
  ["a size as text", JSON.stringify({ ...LAYOUT, runs: [{ ...first, blocks: [{ raw: RAW_A, plainBytes: "100" }] }] })],
  ["a digest of the file that is none", JSON.stringify({ ...LAYOUT, file: "x" })],
] as const) {
  test(`parseRunLayout: ${name} is no layout`, () => assert.equal(parseRunLayout(text, "gz"), undefined));
}
