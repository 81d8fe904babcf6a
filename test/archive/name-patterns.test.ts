import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { fitsPattern, isNamePattern, namePatterns } from "../../lib/archive/name-patterns.ts";

for (const [pattern, name, fits] of [
  ["systemd", "systemd", true],
  ["systemd", "systemd-sysv", false],
  ["linux-*", "linux-image-amd64", true],
  ["linux-*", "linux-", true],
  ["linux-*", "linux", false],
  ["*-dbg", "gcc-dbg", true],
  ["*-dbg", "gcc-dbgsym", false],
  ["lib*1-dev", "libfoo1-dev", true],
  ["lib*1-dev", "libfoo2-dev", false],
  ["lib?", "libc", true],
  ["lib?", "lib", false],
  ["*", "", true],
  ["*", "anything", true],
  ["a*a", "a", false],
  ["*a*b*", "xxaxxbxx", true],
  ["*a*b*", "xxbxxaxx", false],
  ["g++*", "g++-12", true],
  ["Foo", "foo", false],
] as const) {
  test(`fitsPattern: ${pattern} ${fits ? "fits" : "does not fit"} "${name}"`, () => assert.equal(fitsPattern(pattern, name), fits));
}

for (const [text, sound] of [
  ["systemd", true],
  ["*", true],
  ["lib*", true],
  ["*-dev", true],
  ["", false],
  ["**", false],
  ["?*", true],
  ["?", true],
  ["a b", false],
  ["a|b", false],
  ["a[bc]", false],
  ["*".repeat(9).split("").join("a"), false],
  ["a".repeat(201), false],
] as const) {
  test(`isNamePattern: ${JSON.stringify(text.slice(0, 30))} is ${sound ? "a" : "no"} pattern`, () =>
    assert.equal(isNamePattern(text), sound));
}

test("namePatterns: every pattern that fits, in the order in which they were given", () => {
  const patterns = namePatterns([
    ["*", 0],
    ["linux-*", 1],
    ["linux-image", 2],
    ["*-image", 3],
    ["other", 4],
    ["?inux*e", 5],
    ["linux-image", 6],
  ]);
  assert.deepEqual(patterns.matching("linux-image"), [0, 1, 2, 3, 5, 6]);
  assert.deepEqual(patterns.matching("x"), [0]);
});

test("namePatterns: looking up many at once finds what looking at each finds", () => {
  const piece = fc.constantFrom("a", "b", "-", "lib", "*", "?", "1");
  const pattern = fc
    .array(piece, { minLength: 1, maxLength: 5 })
    .map((parts) => parts.join(""))
    .filter(isNamePattern);
  const name = fc.array(fc.constantFrom("a", "b", "-", "lib", "1"), { minLength: 1, maxLength: 6 }).map((parts) => parts.join(""));
  fc.assert(
    fc.property(fc.array(pattern, { maxLength: 12 }), name, (all, asked) => {
      const expected = all.flatMap((one, position) => (fitsPattern(one, asked) ? [position] : []));
      assert.deepEqual(namePatterns(all.map((one, position) => [one, position])).matching(asked), expected);
    }),
    { numRuns: 2000 },
  );
});

test("O04: a pattern made to go back again and again is tried in a time that grows as the name does", () => {
  // As a regular expression, one that backtracks would be at it for years; one that tries every end for each star, for minutes.
  for (const pattern of ["*a".repeat(8), `${"a*".repeat(8)}b`, `*${"a".repeat(150)}b`, "*?a*?a*?a*?b"]) {
    assert.ok(isNamePattern(pattern));
    const started = process.cpuUsage();
    assert.equal(fitsPattern(pattern, `${"a".repeat(100_000)}c`), false);
    const { user } = process.cpuUsage(started);
    assert.ok(user < 5_000_000, `${pattern} took ${user} microseconds`);
  }
});

test("fitsPattern: agrees with the same glob as a regular expression", () => {
  const pattern = fc.array(fc.constantFrom("a", "b", "*", "?"), { minLength: 1, maxLength: 8 }).map((parts) => parts.join(""));
  const name = fc.array(fc.constantFrom("a", "b"), { maxLength: 10 }).map((parts) => parts.join(""));
  fc.assert(
    fc.property(pattern, name, (glob, text) => {
      const expression = new RegExp(`^${glob.replaceAll("*", ".*").replaceAll("?", ".")}$`);
      assert.equal(fitsPattern(glob, text), expression.test(text));
    }),
    { numRuns: 3000 },
  );
});
