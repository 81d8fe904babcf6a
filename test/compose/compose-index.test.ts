import assert from "node:assert/strict";
import { test } from "node:test";
import { setTimeout as wait } from "node:timers/promises";
import { gunzipSync } from "node:zlib";
import { digestsOf, sha256Of } from "../../lib/archive/digests.ts";
import { type ComposedIndex, composeIndex } from "../../lib/compose/compose-index.ts";
import { type KnownRuns, knownRuns, NO_KNOWN_RUNS, type RunPlace } from "../../lib/compose/known-runs.ts";
import { composeBlocks } from "../../lib/compose/stanzas.ts";
import { MergeError } from "../../lib/errors.ts";
import { createCompressor } from "../../lib/io/compressor.ts";
import { packages } from "../../lib/kinds/packages.ts";
import type { Codec, Compressor } from "../../lib/ports.ts";
import { needs } from "../support/needs.ts";
import { keptOf, manyStanzas, NO_EDITS } from "./kept.ts";

const real = createCompressor();
const COUNT = 30_000;
const STANZAS = manyStanzas(COUNT);
const PLAIN = Buffer.from(STANZAS.map((stanza) => `${stanza}\n`).join(""));

interface Options {
  readonly stanzas?: readonly string[];
  readonly codecs?: readonly Codec[];
  readonly compressor?: Compressor;
  readonly known?: Partial<Record<Codec, KnownRuns>>;
  readonly settle?: boolean;
  readonly progress?: (done: number, begun: number) => void;
}

/** With what the sinks got. */
type Composed = Omit<ComposedIndex, "files"> & {
  readonly files: readonly (ComposedIndex["files"][number] & { readonly pieces: readonly Buffer[] })[];
};

async function compose({
  stanzas = STANZAS,
  codecs = ["gz", "xz"],
  compressor = real,
  known = {},
  settle = false,
  progress = () => {},
}: Options = {}): Promise<Composed> {
  const written = new Map<Codec, Buffer[]>();
  const plans = codecs.map((codec) => ({
    ...{ codec, level: 1, known: known[codec] ?? NO_KNOWN_RUNS, settle },
    async sink(pieces: AsyncIterable<Buffer>) {
      for await (const piece of pieces) written.set(codec, [...(written.get(codec) ?? []), Buffer.from(piece)]);
    },
  }));
  const blocks = composeBlocks(packages, keptOf(stanzas), NO_EDITS, () => {});
  const order = { blocks, codecs: plans, digests: ["SHA512"] as const };
  const index = await composeIndex(order, { compressor, progress });
  return { ...index, files: index.files.map((file) => ({ ...file, pieces: written.get(file.codec) ?? [] })) };
}

const partsOf = (file: Buffer) => async (offset: number, bytes: number) =>
  offset + bytes > file.length ? undefined : file.subarray(offset, offset + bytes);

/** Of what is in a file; why it cannot be read. Texts themselves are too long to be shown side by side. */
async function digestIn(file: Buffer, codec: Codec, bytes: number): Promise<string> {
  const outcome = await real.decompress(file, codec, bytes);
  return outcome.kind === "plain" ? sha256Of(outcome.bytes) : outcome.kind;
}

/** Without the bytes, whose digests stand there: a difference is told in a line. */
const facts = ({ files, ...rest }: Composed) => ({
  ...rest,
  files: files.map(({ pieces: _, ...file }) => file),
});

/** Counts what is compressed, and how much at a time. */
function counting(parallel = real.parallel, delayMs: () => number = () => 0) {
  const seen = { begun: 0, mostBytes: 0, nowBytes: 0, largest: 0 };
  const compressor: Compressor = {
    ...real,
    parallel,
    async compressBlock(block, codec, level) {
      seen.begun++;
      seen.largest = Math.max(seen.largest, block.length);
      seen.nowBytes += block.length;
      seen.mostBytes = Math.max(seen.mostBytes, seen.nowBytes);
      await wait(delayMs());
      const done = await real.compressBlock(block, codec, level);
      seen.nowBytes -= block.length;
      return done;
    },
  };
  return { seen, compressor };
}

test("composeIndex: both forms hold the same bytes, and every digest is of what stands there", async (t) => {
  if (!needs(t, "xz")) return;
  const { stanzas, plain, files } = await compose();
  assert.deepEqual([stanzas, plain.bytes, plain.digests], [COUNT, PLAIN.length, digestsOf(PLAIN, ["SHA512"])]);
  assert.deepEqual(
    files.map(({ codec }) => codec),
    ["gz", "xz"],
  );
  for (const { codec, pieces, bytes: size, digests, runs } of files) {
    const bytes = Buffer.concat(pieces);
    assert.equal(size, bytes.length);
    assert.equal(await digestIn(bytes, codec, PLAIN.length), sha256Of(PLAIN));
    assert.deepEqual(digests, digestsOf(bytes, ["SHA512"]));
    assert.equal(
      runs.flatMap(({ blocks }) => blocks).reduce((sum, block) => sum + block.plainBytes, 0),
      PLAIN.length,
    );
  }
});

test("composeIndex: the same bytes on any number of cores, in whatever order the blocks are done", async (t) => {
  if (!needs(t, "xz")) return;
  const once = await compose();
  for (const parallel of [1, 2, 7]) {
    let turn = 0;
    // Early blocks take longest: they are done last.
    const { compressor } = counting(parallel, () => Math.max(0, 40 - 10 * turn++));
    assert.deepEqual(facts(await compose({ compressor })), facts(once), `${parallel} at a time`);
  }
});

test("composeIndex: no more text at a time than 8 MiB for each core and a block", async () => {
  const { seen, compressor } = counting(2, () => 300);
  await compose({ stanzas: manyStanzas(200_000), codecs: ["gz"], compressor });
  assert.ok(seen.begun > 20, `${seen.begun} blocks`);
  assert.ok(seen.mostBytes > 6 * 2 ** 20, `${seen.mostBytes} bytes at a time`);
  assert.ok(seen.mostBytes <= 16 * 2 ** 20 + seen.largest, `${seen.mostBytes} bytes at a time`);
});

test("composeIndex: a dry run digests the same index and compresses nothing", async () => {
  const { seen, compressor } = counting();
  const { plain, files, stanzas } = await compose({ codecs: [], compressor });
  assert.deepEqual([plain.digests.SHA256, files, stanzas, seen.begun], [sha256Of(PLAIN), [], COUNT, 0]);
});

test("composeIndex: an empty index is an empty file in both forms", async (t) => {
  if (!needs(t, "xz")) return;
  const { plain, files } = await compose({ stanzas: [] });
  assert.deepEqual([plain.bytes, plain.digests.SHA256], [0, sha256Of("")]);
  for (const { codec, pieces } of files)
    assert.deepEqual(await real.decompress(Buffer.concat(pieces), codec, 0), { kind: "plain", bytes: Buffer.alloc(0) });
});

for (const [when, nth, delayMs] of [
  ["at once", 1, 0],
  ["in the middle, before the others are done", 2, 0],
  ["at the very end", 4, 50],
] as const) {
  test(`composeIndex: what fails to compress fails the index with its own error, ${when}`, async () => {
    let turn = 0;
    const failing: Compressor = {
      ...real,
      async compressBlock(block, codec, level) {
        if (++turn !== nth) return real.compressBlock(block, codec, level);
        if (delayMs > 0) await wait(delayMs);
        throw new MergeError("COMPRESSOR_FAILED", "Cannot compress");
      },
    };
    await assert.rejects(compose({ stanzas: manyStanzas(40_000), codecs: ["gz"], compressor: failing }), { code: "COMPRESSOR_FAILED" });
  });
}

test("composeIndex: the memory of what was compressed is given back as soon as it is written, that of known runs is not", async (t) => {
  if (!needs(t, "xz")) return;
  const made: Buffer[] = [];
  const compressor: Compressor = {
    ...real,
    async compressBlock(...given) {
      const piece = await real.compressBlock(...given);
      made.push(piece);
      return piece;
    },
  };
  const first = await compose({ compressor });
  assert.ok(made.length > 20);
  assert.deepEqual([...new Set(made.map(({ buffer }) => buffer.byteLength))], [0]);
  const known = await knownFrom(first);
  const again = await compose({ known });
  assert.deepEqual(again.files, (await compose({ known })).files);
});

test("composeIndex: progress goes up to all runs of all forms, also of known ones", async (t) => {
  if (!needs(t, "xz")) return;
  const told: string[] = [];
  const progress = (done: number, begun: number): void => void told.push(`${done}/${begun}`);
  const index = await compose({ progress });
  const all = index.files.reduce((sum, { runs }) => sum + runs.length, 0);
  await compose({ progress, known: await knownFrom(index) });
  assert.deepEqual([told.length, told[all - 1], told.at(-1)], [all * 2, `${all}/${all}`, `${all}/${all}`]);
});

async function knownFrom(index: Composed, change: (runs: readonly RunPlace[]) => readonly RunPlace[] = (runs) => runs) {
  return Object.fromEntries(
    index.files.map(({ codec, runs, pieces }) => [codec, knownRuns({ runs: change(runs) }, partsOf(Buffer.concat(pieces)))]),
  );
}

test("composeIndex: a changed stanza costs the run that it is in, the rest is taken over", async (t) => {
  if (!needs(t, "xz")) return;
  const stanzas = manyStanzas(COUNT, "package-015000");
  const once = await compose();
  assert.ok((once.files[0]?.runs.length ?? 0) >= 3, "several runs");
  const { seen, compressor } = counting();
  const { files, plain } = await compose({ stanzas, known: await knownFrom(once), compressor });
  const text = Buffer.from(stanzas.map((stanza) => `${stanza}\n`).join(""));
  assert.equal(plain.digests.SHA256, sha256Of(text));
  for (const { codec, pieces } of files) {
    assert.equal(await digestIn(Buffer.concat(pieces), codec, text.length), sha256Of(text));
  }
  assert.equal(seen.begun, 1, "the run of gz: that of xz is made from the old one");
  const edited = files.map(({ runs }) => runs.filter((run) => run.edited).length);
  assert.deepEqual(edited, [0, 1]);
});

for (const [what, spoil] of [
  ["has another form than was thought", async () => undefined],
  ["is gone", undefined],
] as const) {
  test(`composeIndex: a run whose older one ${what} is compressed anew`, async (t) => {
    if (!needs(t, "xz")) return;
    const stanzas = manyStanzas(COUNT, "package-015000");
    const once = await compose();
    const { seen, compressor } = counting();
    const known = await knownFrom(once);
    if (spoil === undefined && known["xz"] !== undefined) {
      const [runs, nothing] = [once.files[1]?.runs ?? [], async () => undefined];
      known["xz"] = knownRuns({ runs }, nothing);
    }
    const { files } = await compose({ stanzas, known, compressor: { ...compressor, ...(spoil && { editXzBlock: spoil }) } });
    const text = Buffer.from(stanzas.map((stanza) => `${stanza}\n`).join(""));
    for (const { codec, pieces } of files) assert.equal(await digestIn(Buffer.concat(pieces), codec, text.length), sha256Of(text));
    assert.equal(seen.begun, spoil === undefined ? 1 + (files[1]?.runs.length ?? 0) : 2);
    assert.ok(files[1]?.runs.every((run) => !run.edited));
  });
}

test("composeIndex: an edit that fails fails the index with its own error", async (t) => {
  if (!needs(t, "xz")) return;
  const once = await compose();
  const failing: Compressor = {
    ...real,
    editXzBlock: async () => {
      throw new MergeError("COMPRESSOR_FAILED", "Cannot edit");
    },
  };
  const changed = compose({ stanzas: manyStanzas(COUNT, "package-015000"), known: await knownFrom(once), compressor: failing });
  await assert.rejects(changed, { code: "COMPRESSOR_FAILED" });
});

test("composeIndex: what did not change is taken over whole, and the bytes stay the same", async (t) => {
  if (!needs(t, "xz")) return;
  const once = await compose();
  const { seen, compressor } = counting();
  const again = await compose({ known: await knownFrom(once), compressor });
  assert.equal(seen.begun, 0);
  const bytesOf = ({ files }: Composed): readonly string[] => files.map(({ pieces }) => sha256Of(Buffer.concat(pieces)));
  assert.deepEqual(bytesOf(again), bytesOf(once));
  const runsOf = ({ files }: Composed) => files.map(({ runs }) => runs);
  assert.deepEqual(runsOf(again), runsOf(once), "with what binds each to its bytes");
});

test("composeIndex: settling a file that updates have edited gives the bytes of a first run", async (t) => {
  if (!needs(t, "xz")) return;
  let index = await compose();
  for (const name of ["package-000300", "package-012000", "package-012500", "package-029000"]) {
    index = await compose({ stanzas: manyStanzas(COUNT, name), known: await knownFrom(index) });
  }
  const cut = await compose({ known: await knownFrom(index) });
  const first = await compose();
  assert.notDeepEqual(facts(cut).files[1]?.digests, facts(first).files[1]?.digests);
  const { seen, compressor } = counting();
  const settled = await compose({ known: await knownFrom(cut), settle: true, compressor });
  assert.deepEqual(
    settled.files.map(({ digests }) => digests),
    first.files.map(({ digests }) => digests),
  );
  assert.ok(seen.begun < (first.files[0]?.runs.length ?? 0) * 2, `${seen.begun} runs: what had stayed whole is taken over`);
});

for (const [name, change] of [
  ["offsets that are one too high", (runs) => runs.map((run) => ({ ...run, offset: run.offset + 1 }))],
  ["offsets behind the end of the file", (runs) => runs.map((run) => ({ ...run, offset: run.offset + 1e9 }))],
  ["sizes that are one too low", (runs) => runs.map((run) => ({ ...run, bytes: run.bytes - 1 }))],
  ["sizes of zero", (runs) => runs.map((run) => ({ ...run, bytes: 0 }))],
  [
    "plain sizes that are wrong",
    (runs) => runs.map((run) => ({ ...run, blocks: run.blocks.map((block) => ({ ...block, plainBytes: block.plainBytes + 1 })) })),
  ],
  ["unpadded sizes that are wrong", (runs) => runs.map((run) => ({ ...run, unpaddedBytes: run.unpaddedBytes + 4 }))],
  ["places of other runs", (runs) => runs.map((run, i) => ({ ...(runs[(i + 1) % runs.length] ?? run), blocks: run.blocks }))],
  ["no run", () => []],
] as const satisfies readonly (readonly [string, (runs: readonly RunPlace[]) => readonly RunPlace[]])[]) {
  test(`composeIndex: a stored layout with ${name} costs time and nothing else`, async (t) => {
    if (!needs(t, "xz")) return;
    const once = await compose();
    const { files, plain } = await compose({ known: await knownFrom(once, change) });
    assert.equal(plain.digests.SHA256, sha256Of(PLAIN));
    for (const { codec, pieces } of files) {
      assert.equal(await digestIn(Buffer.concat(pieces), codec, PLAIN.length), sha256Of(PLAIN));
    }
  });
}

test("composeIndex: a known run of the right length that holds other bytes is compressed anew", async (t) => {
  if (!needs(t, "xz")) return;
  const once = await compose();
  const other = await compose({ stanzas: STANZAS.map((stanza) => stanza.replace("pool/main", "pool/niam")) });
  const blocks = once.files[0]?.runs.map((run) => run.blocks) ?? [];
  const known = await knownFrom(other, (runs) => runs.map((run, i) => ({ ...run, blocks: blocks[i] ?? [] })));
  const { files } = await compose({ known });
  for (const { codec, pieces } of files) {
    assert.equal(await digestIn(Buffer.concat(pieces), codec, PLAIN.length), sha256Of(PLAIN));
  }
});

test("composeIndex: gunzip of Node reads what was joined from known and new blocks", async () => {
  const known = await knownFrom(await compose({ codecs: ["gz"] }));
  const stanzas = manyStanzas(COUNT, "package-000007");
  const { files } = await compose({ stanzas, codecs: ["gz"], known });
  assert.equal(gunzipSync(Buffer.concat(files[0]?.pieces ?? [])).toString(), stanzas.map((stanza) => `${stanza}\n`).join(""));
});

test("composeIndex: while compressors are waited for others may go on, and in a dry run nobody is waited for", async () => {
  for (const [codecs, most] of [
    [["gz"], Number.POSITIVE_INFINITY],
    [[], 0],
  ] as const) {
    let [asked, composing] = [0, true];
    const slow: Compressor = {
      ...real,
      async compressBlock(block, codec, level) {
        await wait(1);
        return real.compressBlock(block, codec, level);
      },
    };
    const plans = codecs.map((codec) => ({
      ...{ codec, level: 1, known: NO_KNOWN_RUNS, settle: false },
      async sink(pieces: AsyncIterable<Buffer>) {
        for await (const _ of pieces);
      },
    }));
    await composeIndex(
      {
        blocks: composeBlocks(packages, keptOf(STANZAS), NO_EDITS, () => {}),
        codecs: plans,
        digests: [],
        meanwhile: () => {
          assert.ok(composing, "not when all is composed");
          asked++;
        },
        waiting: () => {
          composing = false;
        },
      },
      // Nothing may run beside it.
      { compressor: { ...slow, parallel: 0 }, progress: () => {} },
    );
    assert.ok(most === 0 ? asked === 0 : asked > 3, `${asked} times`);
  }
});
