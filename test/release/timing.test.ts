import assert from "node:assert/strict";
import { test } from "node:test";
import { isRenewalDue, nextDate, validUntil } from "../../lib/release/timing.ts";

const at = (time: string): Date => new Date(`2026-11-21T${time}Z`);

for (const [name, now, last, expected] of [
  ["a first run is dated now, in whole seconds", "12:00:00.900", undefined, "12:00:00"],
  ["later than the last one is now", "12:00:00", "11:00:00", "12:00:00"],
  ["two runs within one second", "12:00:00.900", "12:00:00", "12:00:01"],
  ["the same instant", "12:00:00", "12:00:00", "12:00:01"],
  ["a clock that went back", "10:00:00", "12:00:00", "12:00:01"],
  ["a last one with a fraction", "12:00:00", "12:00:00.500", "12:00:01"],
] as const) {
  test(`nextDate: ${name}`, () => {
    assert.equal(nextDate(at(now), last === undefined ? undefined : at(last)).getTime(), at(expected).getTime());
  });
}

test("nextDate: a thousand runs within one second only go up", () => {
  let last = nextDate(at("12:00:00.100"), undefined);
  for (let i = 0; i < 1000; i++) {
    const next = nextDate(at("12:00:00.200"), last);
    assert.ok(next > last);
    last = next;
  }
});

test("validUntil: so long after Date, in whole seconds; none when none is configured", () => {
  assert.equal(validUntil(at("12:00:00"), 1500)?.getTime(), at("12:00:01").getTime());
  assert.equal(validUntil(at("12:00:00"), undefined), undefined);
});

for (const [name, now, until, expected] of [
  ["before half of the time", "12:59:59.999", "14:00:00", false],
  ["at half of the time", "13:00:00", "14:00:00", true],
  ["after it has run out", "15:00:00", "14:00:00", true],
  ["when it never runs out", "15:00:00", undefined, false],
] as const) {
  test(`isRenewalDue: ${name}: ${expected}`, () => {
    assert.equal(isRenewalDue(at(now), at("12:00:00"), until === undefined ? undefined : at(until)), expected);
  });
}
