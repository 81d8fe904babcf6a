import assert from "node:assert/strict";
import { test } from "node:test";
import { Part } from "../../lib/io/http-part.ts";

const whole = Buffer.from(Array.from({ length: 300_000 }, (_, position) => position % 251));

for (const [name, total] of [
  ["a known length", whole.length],
  ["no length", undefined],
  ["a length that is too small", 10],
] as const) {
  test(`a body of ${name} comes out as its chunks went in`, () => {
    const part = new Part(total, undefined);
    for (let start = 0; start < whole.length; start += 7919) part.append(whole.subarray(start, start + 7919));
    assert.equal(part.length, whole.length);
    assert.ok(part.bytes().equals(whole));
  });
}

test("a length that is claimed takes no memory before its bytes come", () => {
  const part = new Part(2 ** 45, undefined);
  part.append(whole);
  assert.ok(part.bytes().equals(whole));
  assert.ok(part.bytes().buffer.byteLength < 1_000_000);
});

for (const [name, validator, condition] of [
  ["a strong ETag", { etag: '"1"', lastModified: "Thu, 01 Jan 2026 00:00:00 GMT" }, '"1"'],
  ["the date beside a weak ETag", { etag: 'W/"1"', lastModified: "Thu, 01 Jan 2026 00:00:00 GMT" }, "Thu, 01 Jan 2026 00:00:00 GMT"],
  ["nothing when there is a weak ETag only", { etag: 'W/"1"' }, undefined],
] as const) {
  test(`a body is continued under ${name}`, () => {
    assert.equal(new Part(1, { url: "http://a.example/", ...validator }).condition, condition);
  });
}
