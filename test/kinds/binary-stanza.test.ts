import assert from "node:assert/strict";
import { test } from "node:test";
import { packages } from "../../lib/kinds/packages.ts";
import { udeb } from "../../lib/kinds/udeb.ts";
import { changed, faultOf } from "./fault.ts";

const SOUND = {
  Package: "hello",
  Version: "2.10-3",
  Architecture: "amd64",
  Filename: "pool/main/h/hello/hello_2.10-3_amd64.deb",
  Size: "53072",
  SHA256: "a".repeat(64),
};

for (const kind of [packages, udeb]) {
  test(`${kind.name}: a sound stanza is accepted`, () => assert.equal(faultOf(kind, changed(SOUND, "Package", "hello")), undefined));
}

for (const [field, value, because] of [
  ["Package", undefined, /no Package field/],
  ["Package", "", /Package is ""/],
  ["Package", "-x", /Package/],
  ["Package", "a/b", /Package/],
  ["Package", "a b", /Package/],
  ["Package", "ѕudo", /Package/],
  ["Package", "a\n b", /Package/],
  ["Version", undefined, /no Version field/],
  ["Version", "1.0 beta", /Version is "1.0 beta"/],
  ["Version", "1_0", /Version/],
  ["Version", "a:1", /Version/],
  ["Version", "1-", /Version/],
  ["Architecture", undefined, /no Architecture field/],
  ["Filename", undefined, /no Filename field/],
  ["Filename", "../../etc/passwd", /Filename is "\.\.\/\.\.\/etc\/passwd": it leaves/],
  ["Filename", "/x.deb", /absolute/],
  ["Filename", "http://b.example/x.deb", /URL/],
  ["Filename", "pool/x.deb?y", /characters/],
  ["Filename", "pool/x.deb\n pool/y.deb", /characters/],
  ["Filename", "", /empty/],
  ["Size", undefined, /Size is ""/],
  ["Size", "-1", /Size/],
  ["Size", "1e3", /Size/],
  ["Size", "0x10", /Size/],
  ["Size", "9".repeat(30), /Size/],
  ["SHA256", undefined, /neither SHA256 nor SHA512/],
  ["SHA256", "a".repeat(63), /SHA256/],
  ["SHA256", "g".repeat(64), /SHA256/],
  ["SHA256", "", /SHA256/],
] as const) {
  test(`packages: ${field} ${value === undefined ? "missing" : JSON.stringify(value.slice(0, 30))} is refused`, () => {
    assert.match(faultOf(packages, changed(SOUND, field, value)) ?? "accepted", because);
  });
}

for (const [field, value] of [
  ["Package", "g++-12"],
  ["Package", "2048"],
  ["Package", "libFoo.bar"],
  ["Version", "1:2.0~rc1+dfsg-1+b2"],
  ["Filename", "./hello.deb"],
  ["Filename", "pool/main/x_1%3a1.deb"],
  ["SHA256", "A".repeat(64)],
  ["X-Unknown", "anything at all"],
] as const) {
  test(`packages: ${field} ${value.slice(0, 30)} is accepted`, () =>
    assert.equal(faultOf(packages, changed(SOUND, field, value)), undefined));
}

test("packages: SHA512 stands in for SHA256; weak digests do only where the config allows them", () => {
  const weak = changed(SOUND, "SHA256", undefined);
  assert.equal(faultOf(packages, `${weak}SHA512: ${"b".repeat(128)}\n`), undefined);
  assert.match(faultOf(packages, `${weak}MD5sum: ${"c".repeat(32)}\n`) ?? "accepted", /neither/);
  assert.equal(faultOf(packages, `${weak}MD5sum: ${"c".repeat(32)}\n`, true), undefined);
});

test("packages: a field twice is refused whatever it is", () => {
  assert.match(faultOf(packages, `${changed(SOUND, "Package", "hello")}sha256: ${"b".repeat(64)}\n`) ?? "accepted", /twice/);
});
