import assert from "node:assert/strict";
import { test } from "node:test";
import { blockOf, isWholeStream, spliceXz } from "../../lib/archive/xz-stream.ts";

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
