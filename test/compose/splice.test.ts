/** gzip-splice.ts and xz-splice.ts: what they join must be one file to every reader. */
import assert from "node:assert/strict";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import { crc32, gunzipSync, inflateRawSync } from "node:zlib";
import { blockOf, spliceXz } from "../../lib/archive/xz-stream.ts";
import { spliceGzip } from "../../lib/compose/gzip-splice.ts";
import { createCompressor } from "../../lib/io/compressor.ts";
import { run, runWell } from "../support/child.ts";
import { needs } from "../support/needs.ts";
import { temporaryFolder } from "../support/temporary.ts";

const { compressBlock, decompress } = createCompressor();

const BLOCKS: Readonly<Record<string, readonly Buffer[]>> = {
  "no block": [],
  "one block": [Buffer.from("Package: a\n\n")],
  "one block of a byte": [Buffer.from("x")],
  "blocks of many sizes": [1, 3, 4, 127, 128, 129, 16_383, 16_384, 100_001].map((bytes, i) => Buffer.alloc(bytes, `block ${i} `)),
  "two hundred blocks": Array.from({ length: 200 }, (_, i) => Buffer.from(`Package: p${i}\n\n`)),
  "a block that does not shrink": [Buffer.from(Array.from({ length: 70_000 }, (_, i) => Math.imul(i ^ 0x5bd1, 0x9e3779b1) >>> 24))],
};

async function gzip(blocks: readonly Buffer[]): Promise<Buffer> {
  const plain = Buffer.concat(blocks);
  const pieces = await Promise.all(blocks.map((block) => compressBlock(block, "gz", 6)));
  return Buffer.concat(spliceGzip(pieces, crc32(plain), plain.length));
}

async function xz(blocks: readonly Buffer[]): Promise<Buffer> {
  return Buffer.concat(spliceXz(await Promise.all(blocks.map(async (block) => blockOf(await compressBlock(block, "xz", 1))))));
}

for (const [name, blocks] of Object.entries(BLOCKS)) {
  const plain = Buffer.concat(blocks);

  test(`spliceGzip: ${name}: zlib and our own reader read it`, async () => {
    const file = await gzip(blocks);
    assert.deepEqual(gunzipSync(file), plain);
    assert.deepEqual(await decompress(file, "gz", plain.length), { kind: "plain", bytes: plain });
  });

  test(`spliceGzip: ${name}: gzip takes it for one sound member`, async (t) => {
    if (!needs(t, "gzip")) return;
    const file = await gzip(blocks);
    assert.deepEqual(await run("gzip", ["-t"], { input: file }).then(({ rc, stderr }) => [rc, stderr.toString()]), [0, ""]);
    assert.deepEqual(await runWell("gzip", ["-dc"], { input: file }), plain);
    assert.deepEqual(file.subarray(4, 10), Buffer.from([0, 0, 0, 0, 2, 0xff]), "no time stamp, no system");
    assert.deepEqual(inflateRawSync(file.subarray(10, -8)), plain, "all of it is one deflate stream between one header and one trailer");
  });

  test(`spliceXz: ${name}: xz takes it for one stream of as many blocks`, async (t) => {
    if (!needs(t, "xz")) return;
    const file = await xz(blocks);
    assert.deepEqual(await runWell("xz", ["-dc"], { input: file }), plain);
    assert.deepEqual(await decompress(file, "xz", plain.length), { kind: "plain", bytes: plain });
    const listed = await list(file);
    const [, streams, count, packed, unpacked, , check] = listed.find(([kind]) => kind === "file") ?? [];
    const checks = blocks.length === 0 ? check : "CRC32";
    assert.deepEqual(
      [streams, count, packed, unpacked, check],
      ["1", String(blocks.length), String(file.length), String(plain.length), checks],
    );
    const sizes = listed.filter(([kind]) => kind === "block").map((line) => Number(line[7]));
    assert.deepEqual(
      sizes,
      blocks.map((block) => block.length),
      "the Index says where each block is",
    );
  });
}

/** `xz --robot --list`, as words; xz must find nothing wrong. */
async function list(file: Buffer): Promise<readonly (readonly string[])[]> {
  const path = join(await temporaryFolder(), "x.xz");
  await writeFile(path, file);
  await runWell("xz", ["-t", path]);
  const { rc, stdout, stderr } = await run("xz", ["--robot", "-lvv", path]);
  assert.deepEqual([rc, stderr.toString()], [0, ""]);
  return stdout
    .toString()
    .split("\n")
    .map((line) => line.split("\t"));
}

test("blockOf: what is not one stream with CRC32 and one block is not believed", async (t) => {
  if (!needs(t, "xz")) return;
  const input = Buffer.alloc(200_000, "Package: a\n");
  const asked = async (...args: readonly string[]): Promise<Buffer> => runWell("xz", ["-1", "-c", ...args], { input });
  const sound = await asked("--check=crc32");
  assert.equal(blockOf(sound).plainBytes, input.length);
  for (const [bytes, message] of [
    [await asked("--check=crc64"), /CRC32/],
    [await asked("--check=crc32", "--block-size=65536"), /4 blocks/],
    [sound.subarray(0, -1), /CRC32/],
    [sound.subarray(1), /CRC32/],
    [Buffer.alloc(0), /CRC32/],
    [Buffer.from("xz: out of memory"), /CRC32/],
  ] as const) {
    assert.throws(() => blockOf(bytes), message);
  }
});
