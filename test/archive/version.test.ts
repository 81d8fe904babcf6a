import assert from "node:assert/strict";
import { test } from "node:test";
import { compareVersions, isVersion } from "../../lib/archive/version.ts";

for (const [name, left, right, expected] of [
  ["the same text is equal", "1.0-1", "1.0-1", 0],
  ["a missing epoch counts as zero", "1.0", "0:1.0", 0],
  ["a missing revision counts as zero", "1.0", "1.0-0", 0],
  ["leading zeros of a number do not count", "1.010", "1.10", 0],
  ["an epoch beats any upstream version", "1:0.1", "99.9", 1],
  ["epochs compare as numbers", "10:1", "9:1", 1],
  ["numbers compare as numbers, not as text", "1.10", "1.9", 1],
  ["numbers longer than a JavaScript number is exact keep their last digit", "9007199254740993", "9007199254740992", 1],
  ["dates with times compare digit by digit", "20261121000000000001", "20261121000000000000", 1],
  ["a tilde sorts before the end of the version", "1.0~rc1", "1.0", -1],
  ["two tildes sort before one", "1.0~~", "1.0~", -1],
  ["a tilde sorts before the end of the revision", "1.0-1~bpo12+1", "1.0-1", -1],
  ["a tilde sorts before a letter", "1.0~a", "1.0a", -1],
  ["a letter sorts before a plus", "1.0a", "1.0+", -1],
  ["letters sort before a dot", "1.0a", "1.0.", -1],
  ["upper case sorts before lower case", "1.0A", "1.0a", -1],
  ["the end sorts before a letter", "1.0", "1.0a", -1],
  ["a binNMU is later than what it rebuilt", "1.0-1+b1", "1.0-1", 1],
  ["the revision decides when upstream is equal", "1.0-2", "1.0-10", -1],
  ["upstream decides before the revision", "1.1-1", "1.0-99", 1],
  ["only the last dash starts the revision", "1.0-rc-2", "1.0-rc-1", 1],
  ["a colon after the epoch belongs to upstream", "1:2:3-1", "1:2:4-1", -1],
  ["a security update sorts above the release it mends", "7.88.1-10+deb12u8", "7.88.1-10+deb12u7", 1],
  ["a version that starts with a letter is older than none", "abc", "1", 1],
] as const) {
  test(`compareVersions: ${name}`, () => {
    assert.equal(compareVersions(left, right), expected);
    assert.equal(compareVersions(right, left), expected === 0 ? 0 : -expected);
  });
}

for (const [text, expected, why] of [
  ["1.0-1", true, "plain"],
  ["0", true, "zero"],
  ["1:2:3-4", true, "a colon in upstream after an epoch"],
  ["1.0-1~bpo12+1", true, "tildes and pluses"],
  ["2147483647:1", true, "the largest epoch"],
  ["abc", true, "dpkg warns only when the first character is no digit"],
  ["", false, "empty"],
  ["2147483648:1", false, "an epoch beyond dpkg's integer"],
  ["99999999999:1", false, "an epoch of eleven digits"],
  [":1", false, "an empty epoch"],
  ["a:1", false, "an epoch of letters"],
  ["1a:1", false, "an epoch that is half a number"],
  ["+1:1", false, "an epoch with a sign"],
  ["1:", false, "nothing after the epoch"],
  ["1-", false, "an empty revision"],
  ["-1", false, "nothing before the revision"],
  ["1.0_1", false, "an underscore"],
  ["1.0 1", false, "a blank"],
  ["1.0-1:2", false, "a colon without an epoch before it"],
  ["1:2-3:4", false, "a colon in the revision"],
  ["1.0\n", false, "a newline at the end"],
  ["1.0/2", false, "a slash"],
  ["1.0é", false, "a letter outside ASCII"],
] as const) {
  test(`isVersion: ${why}: ${JSON.stringify(text)} is ${expected ? "accepted" : "refused"}`, () => assert.equal(isVersion(text), expected));
}
