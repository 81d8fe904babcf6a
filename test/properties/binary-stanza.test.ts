/** Stanzas that look plain are not taken apart: that must let nothing pass that would be refused otherwise. */
import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { pathFault } from "../../lib/archive/paths.ts";
import { isVersion } from "../../lib/archive/version.ts";
import { packages } from "../../lib/kinds/packages.ts";
import { faultOf } from "../kinds/fault.ts";

/** Mostly sound, with a piece in it that may spoil it. */
const near = (sound: readonly string[], spoiling: readonly string[]): fc.Arbitrary<string> =>
  fc
    .tuple(fc.constantFrom(...sound), fc.oneof({ weight: 4, arbitrary: fc.constant("") }, fc.constantFrom(...spoiling)), fc.nat())
    .map(([text, piece, at]) =>
      piece === null ? text : text.slice(0, at % (text.length + 1)) + piece + text.slice(at % (text.length + 1)),
    );

const FIELDS = {
  Package: near(["hello", "g++-12", "lib.Foo", "0ad"], ["", "_", "+", "-", "/", " x", ":", "é", "~", "A"]),
  Version: near(["1", "2.10-3", "1:2.0~rc1", "0-0", "1.0+b2"], ["", "-", "--", ":", "_", " x", "~", "é", "a:", "4294967296:"]),
  Architecture: fc.constantFrom("amd64", "all"),
  Filename: near(
    ["pool/main/h/hello_1.deb", "x.deb", "./x.deb", "pool/a%3a1.deb"],
    ["", "..", "/", "/../", "//", "%2e%2e/", "?", " x", "é", "http:", ":", "~", "\\", "a".repeat(1100), "b".repeat(250)],
  ),
  Size: near(["1", "53072", "000"], ["", "-", "e", "9".repeat(14), "9".repeat(20), " 1", "."]),
  SHA256: near(["a".repeat(64), "0F".repeat(32), "1".repeat(63)], ["", "g", " a", "a", "-"]),
};

test("law: a stanza is refused for just the values that one of its fields may not have", () => {
  let refused = 0;
  fc.assert(
    fc.property(fc.record(FIELDS), (stanza) => {
      const text = Object.entries(stanza)
        .map(([field, value]) => `${field}: ${value}\n`)
        .join("");
      const latin1 = (value: string): string => Buffer.from(value).toString("latin1");
      const sound =
        /^[A-Za-z0-9][A-Za-z0-9+._-]*$/.test(latin1(stanza.Package.trim())) &&
        isVersion(latin1(stanza.Version.trim())) &&
        pathFault(latin1(stanza.Filename.trim())) === undefined &&
        /^[0-9]{1,15}$/.test(stanza.Size.trim()) &&
        /^[0-9a-fA-F]{64}$/.test(stanza.SHA256.trim());
      if (!sound) refused++;
      assert.equal(faultOf(packages, text) === undefined, sound, text);
    }),
    { numRuns: 5000 },
  );
  assert.ok(refused > 500 && refused < 4900, `${refused} of 5000 were refused`);
});
