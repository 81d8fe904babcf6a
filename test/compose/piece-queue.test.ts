import assert from "node:assert/strict";
import { test } from "node:test";
import { pieceQueue } from "../../lib/compose/piece-queue.ts";

const KB = 1024;

test("pieceQueue: small pieces are joined, in order, and none is held back at the end", async () => {
  const queue = pieceQueue(() => {});
  const all = Array.from({ length: 100 }, (_, position) => Buffer.alloc(10 * KB, position));
  for (const piece of all) queue.put(piece);
  queue.end();
  const batches: Buffer[] = [];
  for await (const batch of queue.pieces) batches.push(Buffer.from(batch));
  assert.deepEqual(Buffer.concat(batches), Buffer.concat(all));
  assert.deepEqual(
    batches.map(({ length }) => length / KB),
    [520, 480],
  );
  assert.equal(queue.waitingBytes, 0);
});

test("pieceQueue: nothing is handed on before there is enough of it, and a large piece goes as it is", async () => {
  let taken = 0;
  const queue = pieceQueue(() => void taken++);
  const pieces = queue.pieces[Symbol.asyncIterator]();
  const first = pieces.next();
  queue.put(Buffer.alloc(500 * KB));
  await new Promise(setImmediate);
  assert.deepEqual([taken, queue.waitingBytes], [0, 500 * KB]);
  const large = Buffer.alloc(700 * KB, 1);
  queue.put(Buffer.alloc(12 * KB));
  assert.equal((await first).value?.length, 512 * KB);
  queue.put(large);
  assert.equal((await pieces.next()).value, large, "it is not copied");
  assert.equal(taken, 2);
});

test("pieceQueue: a piece is told to be written when what holds it is not read any more, and not earlier", async () => {
  const queue = pieceQueue(() => {});
  const written: number[] = [];
  for (let piece = 0; piece < 60; piece++) queue.put(Buffer.alloc(10 * KB, piece), () => void written.push(piece));
  queue.put(Buffer.alloc(KB));
  queue.end();
  const told: number[] = [];
  for await (const batch of queue.pieces) {
    told.push(written.length);
    assert.equal(batch[0], written.length, "what comes next");
  }
  assert.deepEqual(told, [0, 52]);
  assert.deepEqual(
    written,
    Array.from({ length: 60 }, (_, piece) => piece),
  );
});

test("pieceQueue: what waits is given up when the file is, and who reads is told why", async () => {
  const queue = pieceQueue(() => {});
  const pieces = queue.pieces[Symbol.asyncIterator]();
  const first = pieces.next();
  queue.put(Buffer.alloc(KB));
  const told = new Error("no");
  queue.fail(told);
  await assert.rejects(first, told);
  assert.equal(queue.waitingBytes, 0);
  assert.deepEqual(await pieces.next(), { value: undefined, done: true });
});
