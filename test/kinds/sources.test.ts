import assert from "node:assert/strict";
import { test } from "node:test";
import { scanStanzas } from "../../lib/deb822/stanza-table.ts";
import { sources } from "../../lib/kinds/sources.ts";
import { changed, faultOf } from "./fault.ts";

const line = (digits: number, name: string): string => `\n ${"a".repeat(digits)} 1234 ${name}`;
const SOUND = {
  Package: "hello",
  Version: "2.10-3",
  Architecture: "any",
  Files: line(32, "hello_2.10-3.dsc"),
  "Checksums-Sha256": line(64, "hello_2.10-3.dsc"),
  Directory: "pool/main/h/hello",
};

test("sources: a sound stanza is accepted", () => assert.equal(faultOf(sources, changed(SOUND, "Package", "hello")), undefined));

for (const [why, field, value, because] of [
  ["no name", "Package", undefined, /no Package/],
  ["no version", "Version", undefined, /no Version/],
  ["a folder that leaves the archive", "Directory", "pool/../../x", /Directory is .* leaves/],
  ["an absolute folder", "Directory", "/etc", /absolute/],
  ["a folder that is a URL", "Directory", "http://b.example/x", /URL/],
  ["a file in a folder above", "Files", line(32, "../x.dsc"), /bare name/],
  ["a file in a folder", "Checksums-Sha256", line(64, "sub/x.dsc"), /bare name/],
  ["a file that is called ..", "Checksums-Sha256", line(64, ".."), /bare name/],
  ["a file above, encoded", "Checksums-Sha256", line(64, "..%2fx.dsc"), /bare name/],
  ["a file above, in the SHA1 list alone", "Checksums-Sha1", line(40, "../x.dsc"), /bare name/],
  ["a file above, in the SHA512 list alone", "Checksums-Sha512", line(128, "../x.dsc"), /bare name/],
  ["a file line of two words", "Files", "\n aaaa 1234", /digest, size and name/],
  ["a file line of four words", "Checksums-Sha256", `${line(64, "x.dsc")} y`, /digest, size and name/],
] as const) {
  test(`sources: ${why} is refused`, () => assert.match(faultOf(sources, changed(SOUND, field, value)) ?? "accepted", because));
}

for (const [why, field, value] of [
  ["a folder of a flat archive", "Directory", "."],
  ["the same with a slash", "Directory", "./"],
  ["no folder at all", "Directory", undefined],
  ["no SHA256, as very old sources have it", "Checksums-Sha256", undefined],
  ["no MD5", "Files", undefined],
  ["several files", "Files", `${line(32, "x.dsc")}${line(32, "x.tar.gz")}`],
  ["no Architecture, which no contest of sources needs", "Architecture", undefined],
] as const) {
  test(`sources: ${why} is accepted`, () => assert.equal(faultOf(sources, changed(SOUND, field, value)), undefined));
}

test("sources: a stanza that lists no file is refused", () => {
  assert.match(faultOf(sources, "Package: a\nVersion: 1\nDirectory: pool/a\n") ?? "accepted", /neither Checksums-Sha256 nor Files/);
});

for (const [text, expected] of [
  ["Extra-Source-Only: yes\n", true],
  ["extra-source-only: YES\n", true],
  ["Extra-Source-Only: no\n", false],
  ["", false],
] as const) {
  test(`sources: ${JSON.stringify(text)} ${expected ? "stands aside" : "competes"}`, () => {
    const table = scanStanzas(Buffer.from(`Package: a\n${text}`), sources.fields, {});
    assert.equal(sources.aside(table, 0), expected);
  });
}
