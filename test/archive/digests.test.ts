import assert from "node:assert/strict";
import { test } from "node:test";
import { digester, digestsOf, sha256Of } from "../../lib/archive/digests.ts";

test("digestsOf: SHA256 is always there, the others only when asked for", () => {
  assert.deepEqual(digestsOf(Buffer.from("abc"), []), {
    SHA256: "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad",
  });
  assert.deepEqual(Object.keys(digestsOf(Buffer.from("abc"), ["MD5Sum", "SHA512"])).sort(), ["MD5Sum", "SHA256", "SHA512"]);
  assert.equal(digestsOf(Buffer.from("abc"), ["MD5Sum"]).MD5Sum, "900150983cd24fb0d6963f7d28e17f72");
});

test("digester: pieces give the digests of the whole", () => {
  const pieces = digester(["SHA256", "SHA512", "MD5Sum"]);
  for (const piece of ["Package: a\n", "", "\nPackage: b\n"]) pieces.update(Buffer.from(piece));
  assert.deepEqual(pieces.digests(), digestsOf(Buffer.from("Package: a\n\nPackage: b\n"), ["SHA512", "MD5Sum"]));
});

test("sha256Of: text counts as its UTF-8 bytes", () => assert.equal(sha256Of("é"), sha256Of(Buffer.from([0xc3, 0xa9]))));
