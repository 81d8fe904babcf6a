import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { countLines } from "../../lib/archive/lines.ts";

for (const [text, lines] of [
  ["", 0],
  ["\n", 1],
  ["a", 1],
  ["a\n", 1],
  ["a\nb", 2],
  ["\n\n\n\n\n\n\n\n\n", 9],
  ["\x0b\x09\x8a\n", 1],
] as const) {
  test(`countLines: ${JSON.stringify(text)} has ${lines}`, () => assert.equal(countLines(Buffer.from(text, "latin1")), lines));
}

test("law: lines are counted wherever the bytes lie in memory", () => {
  const bytes = fc.uint8Array({ maxLength: 40 });
  const likely = fc
    .array(fc.constantFrom(0x0a, 0x0a, 0x8a, 0x0b, 0x00, 0xff, 0x61), { maxLength: 40 })
    .map((list) => Uint8Array.from(list));
  fc.assert(
    fc.property(fc.oneof(bytes, likely), fc.nat(7), (text, offset) => {
      const room = Buffer.alloc(text.length + offset + 3, 0x0a);
      room.set(text, offset);
      const parts = Buffer.from(text).toString("latin1").split("\n");
      assert.equal(countLines(room.subarray(offset, offset + text.length)), parts.at(-1) === "" ? parts.length - 1 : parts.length);
    }),
  );
});
