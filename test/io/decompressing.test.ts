/** Decompression in pieces says the same as decompression at once, and leaves nothing behind when its reader stops. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { gzipSync, zstdCompressSync } from "node:zlib";
import { createCompressor } from "../../lib/io/compressor.ts";
import type { Compression, StreamEnd } from "../../lib/ports.ts";

const compressor = createCompressor();
const TEXT = Buffer.from(Array.from({ length: 200_000 }, (_, i) => `line ${i}\n`).join(""));

async function* inPieces(bytes: Buffer, size: number): AsyncGenerator<Buffer> {
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
}

async function read(
  bytes: Buffer | AsyncIterable<Buffer>,
  form: Compression = "gz",
): Promise<{ text: Buffer; end: StreamEnd; pieces: number }> {
  const pieces: Buffer[] = [];
  const stream = compressor.decompressing(bytes, form, 10 * TEXT.length);
  for (;;) {
    const next = await stream.next();
    if (next.done === true) return { text: Buffer.concat(pieces), end: next.value, pieces: pieces.length };
    pieces.push(next.value);
  }
}

const GZIP = gzipSync(TEXT);

test("decompressing: gzip comes in pieces, whole or in pieces itself", async () => {
  for (const source of [GZIP, inPieces(GZIP, 997), inPieces(GZIP, 70_000)]) {
    const { text, end, pieces } = await read(source);
    assert.deepEqual(end, { kind: "ended" });
    assert.ok(text.equals(TEXT) && pieces > 1);
  }
});

test("decompressing: several gzip members are one text", async () => {
  const { text, end } = await read(inPieces(Buffer.concat([gzipSync("one "), gzipSync("two")]), 5));
  assert.deepEqual([text.toString(), end], ["one two", { kind: "ended" }]);
});

test("decompressing: other forms come as they are", async () => {
  for (const [form, bytes] of [
    ["plain", TEXT],
    ["zst", zstdCompressSync(TEXT)],
  ] as const) {
    for (const source of [bytes, inPieces(bytes, 10_000)]) assert.ok((await read(source, form)).text.equals(TEXT), form);
  }
});

for (const [what, bytes] of [
  ["nothing", Buffer.alloc(0)],
  ["half of it", GZIP.subarray(0, GZIP.length >> 1)],
  ["a flipped bit", Buffer.from(GZIP).fill(0x55, 5000, 5001)],
  ["another checksum", Buffer.concat([GZIP.subarray(0, -8), Buffer.alloc(8)])],
  ["other bytes behind it", Buffer.concat([GZIP, Buffer.alloc(10)])],
  ["no gzip", TEXT.subarray(0, 100)],
] as const) {
  test(`decompressing: ${what} is damage`, async () => {
    for (const source of [bytes, inPieces(bytes, 1000)]) assert.equal((await read(source)).end.kind, "damaged");
  });
}

test("decompressing: what the source throws is thrown, and is no damage of the text", async () => {
  async function* failing(): AsyncGenerator<Buffer> {
    yield GZIP.subarray(0, 1000);
    throw new Error("the disk broke");
  }
  await assert.rejects(read(failing()), /the disk broke/);
});

test("decompressing: a reader that stops early closes the source", async () => {
  let closed = false;
  async function* source(): AsyncGenerator<Buffer> {
    try {
      for (;;) yield GZIP;
    } finally {
      closed = true;
    }
  }
  for await (const _ of compressor.decompressing(source(), "gz", Number.MAX_SAFE_INTEGER)) break;
  assert.ok(closed);
});
