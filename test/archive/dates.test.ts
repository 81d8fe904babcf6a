import assert from "node:assert/strict";
import { test } from "node:test";
import { formatInstant, formatReleaseDate, parseReleaseDate, toSecond } from "../../lib/archive/dates.ts";

for (const [why, text, expected] of [
  ["as Debian writes it", "Sat, 21 Nov 2026 03:12:45 UTC", "2026-11-21T03:12:45.000Z"],
  ["GMT", "Sat, 21 Nov 2026 03:12:45 GMT", "2026-11-21T03:12:45.000Z"],
  ["Z", "Sat, 21 Nov 2026 03:12:45 Z", "2026-11-21T03:12:45.000Z"],
  ["an offset of zero", "Sat, 21 Nov 2026 03:12:45 +0000", "2026-11-21T03:12:45.000Z"],
  ["a day of one digit", "Sun, 1 Nov 2026 03:12:45 UTC", "2026-11-01T03:12:45.000Z"],
  ["a day padded by a blank", "Sun,  1 Nov 2026 03:12:45 UTC", "2026-11-01T03:12:45.000Z"],
  ["an hour of one digit, as some third parties write", "Sun, 01 Nov 2026 3:12:45 UTC", "2026-11-01T03:12:45.000Z"],
  ["no day of the week", "21 Nov 2026 03:12:45 UTC", "2026-11-21T03:12:45.000Z"],
  ["29 February of a leap year", "Tue, 29 Feb 2028 00:00:00 UTC", "2028-02-29T00:00:00.000Z"],
  ["blanks around", "  Sat, 21 Nov 2026 03:12:45 UTC\t", "2026-11-21T03:12:45.000Z"],
  ["another zone, which apt refuses", "Sat, 21 Nov 2026 03:12:45 +0200", undefined],
  ["a zone of letters", "Sat, 21 Nov 2026 03:12:45 CET", undefined],
  ["no zone", "Sat, 21 Nov 2026 03:12:45", undefined],
  ["31 February", "Sat, 31 Feb 2026 00:00:00 UTC", undefined],
  ["29 February of another year", "Sun, 29 Feb 2026 00:00:00 UTC", undefined],
  ["a month that is none", "Sat, 21 Nix 2026 00:00:00 UTC", undefined],
  ["hour 24", "Sat, 21 Nov 2026 24:00:00 UTC", undefined],
  ["minute 60", "Sat, 21 Nov 2026 23:60:00 UTC", undefined],
  ["second 60", "Sat, 21 Nov 2026 23:59:60 UTC", undefined],
  ["the form of ISO 8601", "2026-11-21T03:12:45Z", undefined],
  ["something behind it", "Sat, 21 Nov 2026 03:12:45 UTC evil", undefined],
  ["a second line", "Sat, 21 Nov 2026 03:12:45 UTC\nDate: x", undefined],
  ["nothing", "", undefined],
] as const) {
  test(`parseReleaseDate: ${why}`, () => assert.equal(parseReleaseDate(text)?.toISOString(), expected));
}

test("formatReleaseDate: always UTC, two digits, and the day of the week that it is", () => {
  assert.equal(formatReleaseDate(new Date("2026-11-01T03:02:01.999Z")), "Sun, 01 Nov 2026 03:02:01 UTC");
});

test("formatReleaseDate: what it writes is read back", () => {
  for (const text of ["1999-12-31T23:59:59.000Z", "2026-02-28T00:00:00.000Z", "2038-01-19T03:14:08.000Z"]) {
    assert.equal(parseReleaseDate(formatReleaseDate(new Date(text)))?.toISOString(), text);
  }
});

test("toSecond and formatInstant: fractions of a second go down", () => {
  const late = new Date("2026-11-21T03:12:45.999Z");
  assert.equal(toSecond(late).toISOString(), "2026-11-21T03:12:45.000Z");
  assert.equal(formatInstant(late), "2026-11-21T03:12:45Z");
});
