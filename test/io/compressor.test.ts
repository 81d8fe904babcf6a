import assert from "node:assert/strict";
import { execFileSync, spawnSync } from "node:child_process";
import { dirname } from "node:path";
import { test } from "node:test";
import { inflateRawSync } from "node:zlib";
import { sha256Of } from "../../lib/archive/digests.ts";
import { giveBack } from "../../lib/archive/give-back.ts";
import { blockOf, spliceXz } from "../../lib/archive/xz-stream.ts";
import { MergeError } from "../../lib/errors.ts";
import { createCompressor } from "../../lib/io/compressor.ts";
import { needs } from "../support/needs.ts";
import { xzThat } from "../support/xz-that.ts";

const BLOCK = Buffer.from(Array.from({ length: 5_000 }, (_, i) => `Package: p${i}\nSize: ${(i * 7919) % 10_007}\n\n`).join(""));

/** What ends a deflate stream: one last block with nothing in it. */
const LAST_BLOCK = Buffer.from([0x03, 0x00]);

test("compressBlock gz: pieces are joined by putting them in a row, and an empty last block ends them", async () => {
  const { compressBlock } = createCompressor();
  const half = BLOCK.length >> 1;
  const pieces = await Promise.all([BLOCK.subarray(0, half), BLOCK.subarray(half)].map((piece) => compressBlock(piece, "gz", 9)));
  for (const piece of pieces) assert.deepEqual(piece.subarray(-4), Buffer.from([0x00, 0x00, 0xff, 0xff]), "a full flush must end it");
  assert.deepEqual(inflateRawSync(Buffer.concat([...pieces, LAST_BLOCK])), BLOCK);
});

test("compressBlock gz: a block that does not shrink, and one of a single byte, come out whole", async () => {
  const { compressBlock } = createCompressor();
  const noise = Buffer.from(Array.from({ length: 300_000 }, (_, i) => Math.imul(i ^ 0x5bd1, 0x9e3779b1) >>> 24));
  for (const block of [noise, Buffer.from("x")]) {
    assert.deepEqual(inflateRawSync(Buffer.concat([await compressBlock(block, "gz", 1), LAST_BLOCK])), block);
  }
});

for (const codec of ["gz", "xz"] as const) {
  test(`compressBlock ${codec}: many blocks leave no memory behind that somebody would have to look for`, async (t) => {
    if (!needs(t, "xz")) return;
    const { compressBlock } = createCompressor();
    const block = BLOCK.subarray(0, 100_000);
    const pack = async (): Promise<void> => giveBack(await compressBlock(block, codec, 1));
    await pack();
    const before = process.memoryUsage().arrayBuffers;
    for (let round = 0; round < 50; round++) await pack();
    const more = process.memoryUsage().arrayBuffers - before;
    assert.ok(more < 500_000, `${more} bytes`);
  });
}

test("compressBlock xz: one stream with one block and CRC32, which xz reads", async (t) => {
  if (!needs(t, "xz")) return;
  const { compressBlock } = createCompressor();
  const packed = await compressBlock(BLOCK, "xz", 6);
  const list = spawnSync("sh", ["-c", 'f=$(mktemp) && cat > "$f" && xz --robot --list "$f"; rm "$f"'], { input: packed, encoding: "utf8" });
  const totals = list.stdout
    .split("\n")
    .find((line) => line.startsWith("file"))
    ?.split("\t");
  assert.deepEqual([totals?.[1], totals?.[2], totals?.[6]], ["1", "1", "CRC32"], list.stdout + list.stderr);
  assert.deepEqual(execFileSync("xz", ["-dc"], { input: packed, maxBuffer: 2 ** 26 }), BLOCK);
});

test("compressBlock: the same block gives the same bytes, and the level changes them", async (t) => {
  if (!needs(t, "xz")) return;
  const { compressBlock } = createCompressor();
  for (const codec of ["gz", "xz"] as const) {
    const [first, again, other] = await Promise.all([
      compressBlock(BLOCK, codec, 6),
      compressBlock(BLOCK, codec, 6),
      compressBlock(BLOCK, codec, 1),
    ]);
    assert.deepEqual(first, again);
    assert.notDeepEqual(first, other);
  }
});

test("compressBlock: a block gives the same bytes whatever was compressed before it", { timeout: 60_000 }, async (t) => {
  if (!needs(t, "xz")) return;
  const texts = Array.from({ length: 150 }, (_, k) =>
    Buffer.from(
      Array.from({ length: 40 + k }, (_, i) => `Package: p${Math.imul(k * 31 + i, 0x9e3779b1) >>> 0}\nSize: ${(i * k) % 97}\n\n`).join(""),
    ),
  );
  for (const codec of ["gz", "xz"] as const) {
    const { compressBlock } = createCompressor(undefined, 1);
    const forwards: string[] = [];
    for (const text of texts) forwards.push(sha256Of(await compressBlock(text, codec, 6)));
    const backwards: string[] = [];
    for (const text of texts.toReversed()) backwards.unshift(sha256Of(await compressBlock(text, codec, 6)));
    assert.deepEqual(backwards, forwards, codec);
  }
});

test("compressBlock xz: many at once come out right", { timeout: 60_000 }, async (t) => {
  if (!needs(t, "xz")) return;
  const { compressBlock, decompress } = createCompressor();
  const blocks = Array.from({ length: 40 }, (_, i) => Buffer.from(`block ${i}\n`.repeat(i + 1)));
  const back = await Promise.all(blocks.map(async (block) => decompress(await compressBlock(block, "xz", 1), "xz", block.length)));
  assert.deepEqual(
    back,
    blocks.map((bytes) => ({ kind: "plain", bytes })),
  );
});

test("compressBlock xz: a block comes out the same whatever waits beside it", { timeout: 60_000 }, async (t) => {
  if (!needs(t, "xz")) return;
  const blocks = [1, 100, 40_000, 70_000, 300_000, 70_001, 2_500_000, 41_000].map((bytes, seed) =>
    Buffer.from(Array.from({ length: bytes }, (_, i) => 97 + ((i * i + seed * 7 + (i >> 9)) % 23))),
  );
  const alone: Buffer[] = [];
  for (const block of blocks) alone.push(await createCompressor(undefined, 1).compressBlock(block, "xz", 6));
  for (const parallel of [1, 2, 5]) {
    const { compressBlock, decompress } = createCompressor(undefined, parallel);
    const together = await Promise.all(blocks.map((block) => compressBlock(block, "xz", 6)));
    assert.deepEqual(together, alone, `${parallel} at a time`);
    const outcomes = await Promise.all(together.map((bytes, i) => decompress(bytes, "xz", blocks[i]?.length ?? 0)));
    assert.deepEqual(
      outcomes.map((outcome) => (outcome.kind === "plain" ? outcome.bytes : outcome)),
      blocks,
    );
  }
});

test("compressBlock xz: without the program the error says what to install", async () => {
  const compressor = createCompressor("/nowhere");
  assert.equal(compressor.canXz, false);
  await assert.rejects(
    compressor.compressBlock(BLOCK, "xz", 6),
    (error) => error instanceof MergeError && error.code === "COMPRESSOR_MISSING",
  );
});

test("compressBlock xz: what the program complains of is in the message", async (t) => {
  if (!needs(t, "xz")) return;
  const { compressBlock } = createCompressor();
  await assert.rejects(
    compressBlock(BLOCK, "xz", 42.5),
    (error) => error instanceof MergeError && error.code === "COMPRESSOR_FAILED" && /invalid option|status 1/.test(error.message),
  );
});

test("endChildren: what runs is ended, what waits does not start, and the run can end at once", { timeout: 30_000 }, (t) => {
  if (!needs(t, "xz")) return;
  const script = `
    import { createCompressor } from ${JSON.stringify(new URL("../../lib/io/compressor.ts", import.meta.url).href)};
    import { endChildren } from ${JSON.stringify(new URL("../../lib/io/child.ts", import.meta.url).href)};
    const { compressBlock } = createCompressor();
    const block = Buffer.alloc(30_000_000, "abcdefghijklmnopqrstuvwxyz0123456789 Package: x Version: y");
    for (let i = 0; i < block.length; i += 7) block[i] = (i * 2654435761) >>> 24;
    const all = Promise.allSettled(Array.from({ length: 10 }, () => compressBlock(block, "xz", 9)));
    setTimeout(endChildren, 300);
    const started = performance.now();
    for (const outcome of await all) console.log(outcome.status, outcome.reason?.code);
    console.log(performance.now() - started < 5000 ? "soon" : "late");
  `;
  const run = spawnSync(process.execPath, ["--input-type=module-typescript", "-e", script], { encoding: "utf8" });
  assert.equal(run.stdout, `${"rejected COMPRESSOR_FAILED\n".repeat(10)}soon\n`, run.stderr);
});

test("editXzBlock: blocks are edited in other threads, as many as one asks for, and xz reads them", async (t) => {
  if (!needs(t, "xz")) return;
  const compressor = createCompressor();
  const text = Buffer.from(Array.from({ length: 3000 }, (_, line) => `line ${line} of ${Math.imul(line, 0x9e3779b1) >>> 0}\n`).join(""));
  const { bytes: block } = blockOf(await compressor.compressBlock(text, "xz", 6));
  const texts = Array.from({ length: 12 }, (_, edit) =>
    Buffer.concat([text.subarray(0, 900 * edit), Buffer.from(`edit ${edit}\n`), text.subarray(900 * edit)]),
  );
  const edits = await Promise.all(texts.map((next) => compressor.editXzBlock({ block, plainBytes: text.length, text: next })));
  for (const [edit, edited] of edits.entries()) {
    assert.ok(edited !== undefined);
    const next = texts[edit] ?? Buffer.alloc(0);
    const stream = Buffer.concat(spliceXz([{ ...edited, plainBytes: next.length }]));
    assert.deepEqual(await compressor.decompress(stream, "xz", next.length), { kind: "plain", bytes: next });
  }
  assert.equal(await compressor.editXzBlock({ block: Buffer.from("no block"), plainBytes: 9, text }), undefined);
});

for (const [what, script, isGiven] of [
  ["reads something else in it", "printf '#'; exec cat >/dev/null", false],
  ["refuses it", "exit 1", false],
  ["cannot be asked", "kill -9 $$", true],
] as const) {
  test(`editXzBlock: when xz ${what}, a block is ${isGiven ? "proven by our own reader" : "not given"}`, { timeout: 60_000 }, async (t) => {
    if (!needs(t, "xz")) return;
    const { program } = await xzThat(`case "$*" in *--decompress*) ${script} ;; esac`);
    const compressor = createCompressor(dirname(program));
    const text = Buffer.from(Array.from({ length: 3000 }, (_, line) => `line ${Math.imul(line, 0x9e3779b1) >>> 0}\n`).join(""));
    const { bytes: block } = blockOf(await compressor.compressBlock(text, "xz", 6));
    const next = Buffer.concat([text.subarray(0, 20_000), Buffer.from("new\n"), text.subarray(20_000)]);
    const edited = await compressor.editXzBlock({ block, plainBytes: text.length, text: next });
    assert.equal(edited !== undefined, isGiven);
    if (edited === undefined) return;
    const stream = Buffer.concat(spliceXz([{ ...edited, plainBytes: next.length }]));
    assert.deepEqual(await createCompressor().decompress(stream, "xz", next.length), { kind: "plain", bytes: next });
  });
}

test("editXzBlock: without xz a block is proven by our own reader", async (t) => {
  if (!needs(t, "xz")) return;
  const text = Buffer.from(Array.from({ length: 3000 }, (_, line) => `line ${Math.imul(line, 0x9e3779b1) >>> 0}\n`).join(""));
  const { bytes: block } = blockOf(await createCompressor().compressBlock(text, "xz", 6));
  const next = Buffer.concat([Buffer.from("new\n"), text]);
  const edited = await createCompressor("/nowhere").editXzBlock({ block, plainBytes: text.length, text: next });
  assert.ok(edited !== undefined);
  const stream = Buffer.concat(spliceXz([{ ...edited, plainBytes: next.length }]));
  assert.deepEqual(await createCompressor().decompress(stream, "xz", next.length), { kind: "plain", bytes: next });
});

test("editXzBlock: where no thread can be had the block is left to xz", () => {
  const script = `
    import threads from "node:worker_threads";
    import { syncBuiltinESMExports } from "node:module";
    threads.Worker = class { constructor() { throw new Error("EAGAIN"); } };
    syncBuiltinESMExports();
    const { createCompressor } = await import(${JSON.stringify(new URL("../../lib/io/compressor.ts", import.meta.url).href)});
    console.log(await createCompressor().editXzBlock({ block: Buffer.alloc(9), plainBytes: 9, text: Buffer.alloc(9) }));
  `;
  const { stdout, status } = spawnSync(process.execPath, ["--input-type=module", "--eval", script], { encoding: "utf8", timeout: 20_000 });
  assert.deepEqual([stdout, status], ["undefined\n", 0]);
});
