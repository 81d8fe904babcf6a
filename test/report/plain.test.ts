import assert from "node:assert/strict";
import { test } from "node:test";
import { many, plain, size, thousands } from "../../lib/report/plain.ts";

for (const [name, text, shown] of [
  ["what people write stays", "Größe – 大きさ 1 -> 2", "Größe – 大きさ 1 -> 2"],
  ["a terminal's commands are escaped", "\u001b[2J\u0007\u009b", "\\u001b[2J\\u0007\\u009b"],
  ["what turns text around is escaped", "\u202ex\u2066", "\\u202ex\\u2066"],
  ["what cannot be seen is escaped", "a\u200bb\u00adc\ufeff", "a\\u200bb\\u00adc\\ufeff"],
  ["line separators of every sort are escaped", "\n\r\u2028\u2029", "\\u000a\\u000d\\u2028\\u2029"],
  ["long code points have braces", "\u{e0041}", "\\u{e0041}"],
  ["half a character is escaped", "\ud800", "\\ud800"],
] as const) {
  test(`plain: ${name}`, () => assert.equal(plain(text), shown));
}

for (const [bytes, text] of [
  [0, "0 B"],
  [999, "999 B"],
  [1000, "1.0 kB"],
  [1_234_567, "1.2 MB"],
  [2_000_000_000, "2.00 GB"],
] as const) {
  test(`size: ${bytes} bytes are ${text}`, () => assert.equal(size(bytes), text));
}

test("many: one is told from several", () =>
  assert.deepEqual(
    [0, 1, 2].map((count) => many(count, "file")),
    ["0 files", "1 file", "2 files"],
  ));

test("thousands: groups of three from the right", () =>
  assert.deepEqual([0, 999, 1000, 63_120, 1_000_000].map(thousands), ["0", "999", "1,000", "63,120", "1,000,000"]));
