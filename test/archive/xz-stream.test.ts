import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { test } from "node:test";
import { blockOf, isWholeStream, spliceXz, storedBlock } from "../../lib/archive/xz-stream.ts";
import { needs } from "../support/needs.ts";

const block = (bytes: number) => ({ bytes: Buffer.alloc(bytes, "x"), unpaddedBytes: bytes - 1, plainBytes: 1000 });

test("isWholeStream: a stream of one block is whole with its last byte and not before", () => {
  const stream = Buffer.concat(spliceXz([block(400)]));
  for (let end = 0; end < stream.length; end++) assert.equal(isWholeStream(stream.subarray(0, end)), false, `${end} of ${stream.length}`);
  assert.equal(isWholeStream(stream), true);
  assert.equal(isWholeStream(Buffer.concat([stream, stream])), false);
});

test("isWholeStream: what only ends like a stream is none", () => {
  const stream = Buffer.concat(spliceXz([block(400)]));
  for (let at = stream.length - 12; at < stream.length; at++) {
    const damaged = Buffer.from(stream);
    damaged[at] = (damaged[at] ?? 0) ^ 0x20;
    assert.equal(isWholeStream(damaged), false, `byte ${at}`);
  }
  assert.equal(isWholeStream(Buffer.concat([stream.subarray(0, 200), Buffer.from("YZ")])), false);
  const more = Buffer.concat(spliceXz([block(400), block(404)]));
  assert.equal(isWholeStream(more), true);
  assert.throws(() => blockOf(more), /gave 2 blocks, 1 was asked for/);
});

test("storedBlock: xz reads what it holds, alone and between others", (t) => {
  if (!needs(t, "xz")) return;
  for (const bytes of [1, 2, 3, 4, 5, 16, 255, 256, 257, 65_535, 65_536]) {
    const text = Buffer.alloc(bytes, "Package: one\n");
    const stream = Buffer.concat(spliceXz([storedBlock(text), storedBlock(Buffer.from("and more")), storedBlock(text)]));
    const plain = execFileSync("xz", ["--decompress", "--stdout"], { input: stream });
    assert.ok(plain.equals(Buffer.concat([text, Buffer.from("and more"), text])), `${bytes} bytes`);
  }
});
