import assert from "node:assert/strict";
import { test } from "node:test";
import { BlockRooms, sideBySide } from "../../lib/compose/block-rooms.ts";
import { numbers } from "../support/numbers.ts";

/** Writes blocks of these sizes, each of a byte of its own and in pieces of at most `piece`. */
function writeBlocks(rooms: BlockRooms, sizes: readonly number[], piece = 100_000): readonly ReturnType<BlockRooms["take"]>[] {
  let used = rooms.start;
  return sizes.map((size, number) => {
    for (let left = size; left > 0; ) {
      const bytes = Math.min(left, piece);
      if (used + bytes > rooms.room.length) used = rooms.move(used, bytes);
      rooms.room.fill(number + 1, used, used + bytes);
      used += bytes;
      left -= bytes;
    }
    return rooms.take(used);
  });
}

const isWhole = (bytes: Buffer, size: number, value: number): boolean => bytes.length === size && bytes.every((byte) => byte === value);

test("BlockRooms: blocks lie side by side until a room is full, and one that does not fit goes on in another, whole", () => {
  const sizes = [1_500_000, 1_500_000, 1_500_000, 10, 1_200_000];
  const blocks = writeBlocks(new BlockRooms(), sizes).map(({ bytes }) => bytes);
  for (const [number, size] of sizes.entries()) assert.ok(isWhole(blocks[number] ?? Buffer.alloc(0), size, number + 1));
  assert.equal(sideBySide(blocks.slice(0, 2))?.length, 3_000_000);
  assert.equal(sideBySide(blocks.slice(1, 3)), undefined);
  assert.deepEqual(sideBySide(blocks.slice(2)), Buffer.concat(blocks.slice(2)));
});

test("BlockRooms: a block larger than a room", () => {
  const blocks = writeBlocks(new BlockRooms(), [3_000_000, 9_000_000, 30]).map(({ bytes }) => bytes);
  for (const [number, size] of [3_000_000, 9_000_000, 30].entries()) {
    assert.ok(isWhole(blocks[number] ?? Buffer.alloc(0), size, number + 1));
  }
});

test("BlockRooms: no block changes before it is given back, whatever the order", () => {
  const rooms = new BlockRooms();
  const number = numbers(3);
  const held: { readonly block: ReturnType<BlockRooms["take"]>; readonly value: number }[] = [];
  const seen = new Set<ArrayBufferLike>();
  for (let value = 0; value < 600; value++) {
    const size = 1 + number(300_000);
    let used = rooms.start;
    if (used + size > rooms.room.length) used = rooms.move(used, size);
    rooms.room.fill(value & 0xff, used, used + size);
    held.push({ block: rooms.take(used + size), value: value & 0xff });
    seen.add(rooms.room.buffer);
    while (held.length > 40) {
      const [{ block, value: own } = { block: undefined, value: 0 }] = held.splice(number(held.length), 1);
      assert.ok(block?.bytes.every((byte) => byte === own));
      block?.release();
    }
  }
  // 90 MB went through rooms of 4 MiB, of which 6 MB were held at a time.
  assert.ok(seen.size < 12, `${seen.size} rooms`);
});

test("sideBySide: nothing, one, and a gap", () => {
  const room = Buffer.from("abcdef");
  assert.equal(sideBySide([]), undefined);
  assert.equal(sideBySide([room.subarray(1, 3)])?.toString(), "bc");
  assert.equal(sideBySide([room.subarray(1, 3), room.subarray(3, 5)])?.toString(), "bcde");
  assert.equal(sideBySide([room.subarray(1, 3), room.subarray(4, 5)]), undefined);
});
