import assert from "node:assert/strict";
import { test } from "node:test";
import { parseRelease } from "../../lib/archive/release.ts";

const WHERE = { mirror: "debian", suite: "bookworm" };
const [A, B] = ["a".repeat(64), "b".repeat(64)];
const list = (...lines: readonly string[]): string => `Origin: x\nSHA256:\n${lines.map((line) => ` ${line}\n`).join("")}`;

for (const [name, text, found] of [
  ["a second stanza inside the signed text", `Origin: x\n\nOrigin: y\n`, /line 3 starts a second stanza/],
  ["a second stanza behind a line of blanks", `Origin: x\n \t\nOrigin: y\n`, /second stanza/],
  ["a continuation first", ` x\nOrigin: x\n`, /continues no field/],
  ["a line without a colon", `Origin: x\nnonsense\n`, /line 2 has no field name/],
  ["a line that begins with a colon", `: x\n`, /no field name/],
  ["a field twice", `Origin: x\nOrigin: y\n`, /twice/],
  ["a field twice in different case", `Suite: x\nSUITE: y\n`, /twice/],
  ["a digest section twice", `${list(`${A} 1 a`)}SHA256:\n ${B} 1 b\n`, /twice/],
  ["one file with two digests", list(`${A} 1 a`, `${B} 1 a`), /listed twice/],
  ["one file with two sizes", list(`${A} 1 a`, `${A} 2 a`), /listed twice/],
  ["sizes that differ between sections", `MD5Sum:\n ${"1".repeat(32)} 2 a\n${list(`${A} 1 a`)}`, /listed twice/],
  ["two SHA512 of one file", `${list(`${A} 1 a`)}SHA512:\n ${"3".repeat(128)} 1 a\n ${"4".repeat(128)} 1 a\n`, /listed twice/],
  ["a line of two words", list(`${A} 1`), /digest size path/],
  ["a line of four words", list(`${A} 1 a b`), /digest size path/],
  ["a size below zero", list(`${A} -1 a`), /size "-1"/],
  ["a size of 30 digits", list(`${A} ${"9".repeat(30)} a`), /size/],
  ["a size beyond what any index has", list(`${A} 999999999999999 a`), /size/],
  ["a size in hexadecimal", list(`${A} 0x10 a`), /size/],
  ["a size with an exponent", list(`${A} 1e3 a`), /size/],
  ["a size with a fraction", list(`${A} 1.5 a`), /size/],
  ["a size with a sign", list(`${A} +1 a`), /size/],
  ["a digest that is too short", list(`${A.slice(1)} 1 a`), /64 hexadecimal digits/],
  ["a digest of other letters", list(`${"g".repeat(64)} 1 a`), /64 hexadecimal digits/],
] as const) {
  test(`parseRelease: ${name} is refused`, () => {
    assert.throws(() => parseRelease(Buffer.from(text), WHERE), { code: "RELEASE_MALFORMED", message: found });
  });
}

test("parseRelease: names that are no plain relative path are left out, the others stay", () => {
  const hostile = ["../../etc/passwd", "/etc/passwd", "a\\b", "%2e%2e/x", "a\0b", `main/${"x".repeat(6000)}`, "main//x", "main/./x"];
  const release = parseRelease(Buffer.from(list(...hostile.map((name) => `${A} 1 ${name}`), `${A} 1 main/binary-amd64/Packages`)), WHERE);
  assert.deepEqual([...release.entries.keys()], ["main/binary-amd64/Packages"]);
});

test("parseRelease: names of Object's own are names like any other", () => {
  const release = parseRelease(Buffer.from(list(`${A} 1 __proto__`, `${B} 2 constructor`, `${A} 3 2048`)), WHERE);
  assert.deepEqual([...release.entries.keys()], ["__proto__", "constructor", "2048"]);
});

test("parseRelease: fields named as Object's own are fields, and toString is no digest section", () => {
  const { fields } = parseRelease(Buffer.from("constructor: a\n b\ntoString: c\n d\n__proto__: e\n f\n"), WHERE);
  assert.deepEqual(
    [...fields],
    [
      ["constructor", "a\nb"],
      ["tostring", "c\nd"],
      ["__proto__", "e\nf"],
    ],
  );
});

test("parseRelease: bytes that are no UTF-8 do not stop it", () => {
  const text = Buffer.concat([Buffer.from("Description: "), Buffer.from([0xe9, 0xff]), Buffer.from(`\n${list(`${A} 1 a`)}`)]);
  assert.equal(parseRelease(text, WHERE).entries.size, 1);
});

test("parseRelease: a million lines and more are refused", () => {
  assert.throws(() => parseRelease(Buffer.alloc(1_000_001, "\n"), WHERE), { code: "RELEASE_MALFORMED", message: /lines/ });
});
