import assert from "node:assert/strict";
import { hash } from "node:crypto";
import { test } from "node:test";
import { ArrivalDigest } from "../../lib/verify/arrival-digest.ts";

const TEXT = Buffer.from("Package: hello\nVersion: 1\n");

/** The digest after these calls, and the text in room that has more behind it. */
function taken(...filled: readonly number[]): { readonly digest: ArrivalDigest; readonly text: Buffer } {
  const whole = Buffer.concat([TEXT, Buffer.from("garbage")]);
  const digest = new ArrivalDigest();
  for (const count of filled) digest.take(whole, count);
  return { digest, text: whole.subarray(0, TEXT.length) };
}

for (const [name, filled] of [
  ["nothing was taken", []],
  ["no byte was there yet", [0]],
  ["a part was taken", [7]],
  ["parts were taken", [1, 7, 8]],
  ["the same was taken twice", [7, 7]],
  ["fewer came than before", [8, 7]],
  ["all was taken", [7, TEXT.length]],
  ["more was taken than there is in the end", [7, TEXT.length + 1]],
] as const) {
  test(`sha256Of: ${name}`, () => {
    const { digest, text } = taken(...filled);
    assert.equal(digest.sha256Of(text), hash("sha256", TEXT));
    assert.equal(digest.sha256Of(text), hash("sha256", TEXT), "asked again");
  });
}

for (const [name, filled] of [
  ["a part of", [7]],
  ["all of", [TEXT.length]],
] as const) {
  test(`sha256Of: ${name} other bytes was taken, which says nothing about these`, () => {
    const { digest } = taken(...filled);
    const other = Buffer.from(TEXT);
    other[0] = 0x51;
    digest.take(other, other.length);
    assert.equal(digest.sha256Of(other), hash("sha256", other));
  });

  test(`sha256Of: ${name} the same memory was taken, but from another place in it`, () => {
    const { digest, text } = taken(...filled);
    assert.equal(digest.sha256Of(text.subarray(1)), hash("sha256", TEXT.subarray(1)));
  });
}
