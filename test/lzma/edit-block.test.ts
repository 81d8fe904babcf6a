/** Blocks made from older ones: the real xz must read the new text in them, whatever changed, and they must not grow. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { crc32 } from "node:zlib";
import fc from "fast-check";
import type { XzBlock } from "../../lib/archive/xz-stream.ts";
import { LzmaEncoder } from "../../lib/lzma/lzma-encoder.ts";
import { LzmaModel } from "../../lib/lzma/lzma-model.ts";
import { numbers } from "../support/numbers.ts";
import { edited, packed, stanzas, unpacked } from "./xz-blocks.ts";

const CHECK_BYTES = 4;

const random = numbers(11);
const FIRST = stanzas(1500, random);
const OTHERS = stanzas(400, random);
const textOf = (parts: readonly string[]): Buffer => Buffer.from(parts.join(""));
const OLD = packed(textOf(FIRST));

const rebuilt = (stanza = ""): string => stanza.replace(/^SHA256: .*$/m, `SHA256: ${"0123456789abcdef".repeat(4)}`);
const upgraded = (stanza = ""): string => rebuilt(stanza).replace(/^Version: .*$/m, "Version: 99.1+dfsg-1~exp1");

for (const [what, parts] of [
  ["nothing changed", FIRST],
  ["one stanza in the middle changed", FIRST.with(700, upgraded(FIRST[700]))],
  ["the first byte changed", [`X${FIRST[0]}`, ...FIRST.slice(1)]],
  ["the last stanza changed", FIRST.with(-1, upgraded(FIRST.at(-1)))],
  ["every tenth stanza was rebuilt", FIRST.map((stanza, place) => (place % 10 === 0 ? rebuilt(stanza) : stanza))],
  ["a stanza came before all others", [...OTHERS.slice(0, 1), ...FIRST]],
  ["stanzas came in the middle", FIRST.toSpliced(300, 0, ...OTHERS.slice(1, 60))],
  ["stanzas came behind all others", [...FIRST, ...OTHERS.slice(60, 200)]],
  ["stanzas went", FIRST.filter((_, place) => place % 7 !== 3)],
  ["the first half went", FIRST.slice(750)],
  ["the second half went", FIRST.slice(0, 750)],
  ["a stanza moved", [...FIRST.slice(1, 1200), FIRST[0] ?? "", ...FIRST.slice(1200)]],
  ["stanzas stand twice", [...FIRST.slice(0, 900), ...FIRST.slice(700)]],
  ["nearly a quarter is new", [...FIRST.slice(0, 1250), ...OTHERS]],
] as const) {
  test(`an edited block: when ${what}, xz reads the new text, and it is about as small as one compressed anew`, () => {
    const text = textOf(parts);
    const block = edited(OLD, text);
    assert.ok(block !== undefined);
    assert.ok(unpacked([block]).equals(text));
    const anew = packed(text).bytes.length;
    assert.ok(block.bytes.length < (/went|quarter/.test(what) ? 1.15 : 1.03) * anew, `${block.bytes.length} bytes, anew ${anew}`);
  });
}

test("an edited block: a text that did not change takes as many bytes as before", () => {
  // xz may write a distance that it used before in either of two ways, so a few bits differ.
  assert.ok(Math.abs((edited(OLD, textOf(FIRST))?.bytes.length ?? 0) - OLD.bytes.length) <= 16);
});

test("an edited block: up to shortly before the first change its bits are those of the old one", () => {
  const old = OLD.bytes;
  for (const place of [300, 750, 1200, 1490]) {
    const block = edited(OLD, textOf(FIRST.with(place, upgraded(FIRST[place]))))?.bytes ?? Buffer.alloc(0);
    const until = Math.floor((place / FIRST.length) * old.length) - 4096;
    const others = old.subarray(0, until).filter((byte, at) => block[at] !== byte).length;
    // What the block asks for with its check, and the sizes of a chunk.
    assert.ok(others <= 10, `${others} of ${until} bytes are others, stanza ${place}`);
  }
});

test("an edited block: goes on behind whatever bits the old one has there", () => {
  const other = numbers(12);
  let parts = FIRST.slice(0, 60);
  let block = packed(textOf(parts));
  const blocks: XzBlock[] = [];
  const texts: Buffer[] = [];
  for (let round = 0; round < 400; round++) {
    // By a new beginning all bits become others; then a new end is written behind them.
    parts = round % 2 === 0 ? parts.with(0, `${other(2 ** 30)}${FIRST[0]}`) : parts.with(-1, OTHERS[other(OTHERS.length)] ?? "");
    const text = textOf(parts);
    const next = edited(block, text);
    assert.ok(next !== undefined, `round ${round}`);
    block = next;
    blocks.push(block);
    texts.push(text);
  }
  assert.ok(unpacked(blocks).equals(Buffer.concat(texts)));
});

test("an edited block: a hundred new digests cost a few bytes each beyond what they cost anew", () => {
  const hex = (): string => Array.from({ length: 64 }, () => "0123456789abcdef"[random(16)]).join("");
  const rehashed = (stanza: string): string => stanza.replace(/^SHA256: .*$/m, `SHA256: ${hex()}`);
  const text = textOf(FIRST.map((stanza, place) => (place % 15 === 0 ? rehashed(stanza) : stanza)));
  const grown = (edited(OLD, text)?.bytes.length ?? 0) - packed(text).bytes.length;
  assert.ok(grown < 500, `${grown} bytes`);
});

test("an edited block: a block stays sound and small through a hundred edits", () => {
  let parts = FIRST;
  let block = OLD;
  for (let round = 0; round < 100; round++) {
    const place = random(parts.length);
    const fresh = OTHERS[random(OTHERS.length)] ?? "";
    const way = random(4);
    if (way === 0) parts = parts.toSpliced(place, 1);
    else if (way === 1) parts = parts.toSpliced(place, 0, fresh);
    else parts = parts.with(place, way === 2 ? upgraded(parts[place]) : fresh);
    const next = edited(block, textOf(parts));
    assert.ok(next !== undefined);
    block = next;
    if (round % 10 === 9) assert.ok(unpacked([block]).equals(textOf(parts)), `round ${round}`);
  }
  const anew = packed(textOf(parts)).bytes.length;
  assert.ok(block.bytes.length < 1.05 * anew, `${block.bytes.length} bytes, anew ${anew}`);
});

for (let level = 0; level <= 9; level++) {
  test(`an edited block: a block of level ${level}`, () => {
    const text = textOf(FIRST.with(9, upgraded(FIRST[9])));
    const block = edited(packed(textOf(FIRST), `preset=${level},dict=1MiB,pb=0,lc=4`), text);
    assert.ok(block !== undefined && unpacked([block]).equals(text));
  });
}

test("an edited block: a text of megabytes that all repeat, in chunks as long as they may be", () => {
  const line = "the same line again and again, as no index has it\n";
  const old = packed(Buffer.from(line.repeat(100_000)), "preset=6,dict=8MiB,pb=0,lc=4");
  const text = Buffer.from(`${line.repeat(60_000)}but for one\n${line.repeat(60_000)}`);
  const block = edited(old, text);
  assert.ok(block !== undefined && unpacked([block]).equals(text));
});

test("an edited block: a text larger than the dictionary that the old block asked for", () => {
  const old = packed(textOf(FIRST.slice(0, 180)), "preset=6,dict=64KiB,pb=0,lc=4");
  const text = textOf([...FIRST.slice(0, 180), ...FIRST.slice(0, 40)]);
  const block = edited(old, text);
  assert.ok(text.length > 64 * 1024 && block !== undefined && unpacked([block]).equals(text), `${text.length}`);
});

test("an edited block: gives up on a block that it cannot read or that is of little use", () => {
  const text = textOf(FIRST);
  const noise = Buffer.from(Uint8Array.from({ length: 200_000 }, () => random(256)));
  for (const [what, block, next] of [
    ["other properties", packed(text, "preset=6,dict=1MiB,pb=2,lc=3"), text],
    ["text that did not compress", packed(noise), noise],
    ["a text that is mostly new", OLD, textOf([...FIRST.slice(0, 900), ...OTHERS])],
    ["an empty text", OLD, Buffer.alloc(0)],
    ["a size that is not its own", { ...OLD, plainBytes: OLD.plainBytes + 1 }, text],
    ["a size that is too small", { ...OLD, plainBytes: OLD.plainBytes - 1 }, text],
    ["no block", { ...OLD, bytes: Buffer.alloc(0) }, text],
    ["the beginning of a block", { ...OLD, bytes: OLD.bytes.subarray(0, OLD.bytes.length >> 1) }, text],
  ] as const) {
    assert.equal(edited(block, next), undefined, what);
  }
});

test("an edited block: lines far apart that changed, of a text without stanzas", () => {
  const lines = Array.from({ length: 6000 }, (_, line) => `usr/share/doc/package-${line}/changelog.gz  section/package-${line}\n`);
  const old = packed(textOf(lines));
  const text = textOf(lines.with(600, "usr/bin/other  section/other\n").with(5000, "usr/bin/one  section/one\n"));
  const block = edited(old, text);
  assert.ok(block !== undefined && unpacked([block]).equals(text));
  assert.ok(block.bytes.length < 1.02 * old.bytes.length);
});

test("an edited block: a block whose second chunk begins anew, as no block of ours does, is left to xz", () => {
  const text = textOf(FIRST.slice(0, 40));
  const { bytes, unpaddedBytes } = packed(text);
  const behind = unpaddedBytes - CHECK_BYTES - 1;
  const more = Buffer.from("one more line\n");
  const both = Buffer.concat([text, more]);
  const [chunk, model] = [Buffer.alloc(200), new LzmaModel()];
  const encoder = new LzmaEncoder(model, both, chunk);
  encoder.begin(5);
  for (let at = text.length; at < both.length; at++) encoder.literal(at);
  const end = encoder.finish();
  chunk[0] = 0xa0;
  chunk.writeUInt16BE(more.length - 1, 1);
  chunk.writeUInt16BE(end - 5 - 1, 3);
  const data = Buffer.concat([bytes.subarray(0, behind), chunk.subarray(0, end), Buffer.from([0])]);
  const check = Buffer.alloc((-data.length & 3) + CHECK_BYTES);
  check.writeUInt32LE(crc32(both), check.length - CHECK_BYTES);
  const old = { bytes: Buffer.concat([data, check]), unpaddedBytes: data.length + CHECK_BYTES, plainBytes: both.length };
  assert.ok(unpacked([old]).equals(both));
  assert.equal(edited(old, Buffer.concat([both, more])), undefined);
});

test("an edited block: whatever byte of a block is damaged, it gives up or gives a block that xz can read", () => {
  const text = textOf(FIRST.slice(0, 40));
  const old = packed(text);
  const next = textOf(FIRST.slice(0, 40).with(30, upgraded(FIRST[30])));
  for (let at = 0; at < old.bytes.length; at += 3) {
    const bytes = Buffer.from(old.bytes);
    bytes[at] = (bytes[at] ?? 0) ^ (1 << random(8));
    const block = edited({ ...old, bytes }, next);
    // What stands before the first change is taken over as it is: there damage in the head or the check shows when it is read.
    if (block !== undefined && at < 12) continue;
    if (block !== undefined) assert.ok(unpacked([block]).equals(next), `byte ${at}`);
  }
});

test("law: an edited block: from any text to any other, xz reads the other one, or it is compressed anew", () => {
  const piece = fc.oneof(
    fc.constantFrom("a", "ab", "\n", "\n\n", "abcabcabcabc", "Package: x\n", "Version: 1\n"),
    fc.string({ maxLength: 30 }),
    fc.tuple(fc.string({ maxLength: 5 }), fc.nat(400)).map(([text, times]) => text.repeat(times)),
  );
  const pieces = fc.array(piece, { minLength: 1, maxLength: 30 });
  const change = fc.record({ at: fc.nat(), gone: fc.nat(6), came: fc.array(piece, { maxLength: 5 }) });
  const blocks: XzBlock[] = [];
  const texts: Buffer[] = [];
  fc.assert(
    fc.property(pieces, fc.array(change, { maxLength: 4 }), (before, changes) => {
      const old = Buffer.from(before.join(""));
      fc.pre(old.length > 0);
      let parts = before;
      for (const { at, gone, came } of changes) parts = parts.toSpliced(at % (parts.length + 1), gone, ...came);
      const text = Buffer.from(parts.join(""));
      const block = edited(packed(old), text);
      if (block === undefined) return;
      blocks.push(block);
      texts.push(text);
    }),
    { numRuns: 200 },
  );
  assert.ok(blocks.length > 50, `${blocks.length} were edited`);
  assert.ok(unpacked(blocks).equals(Buffer.concat(texts)));
});
