import assert from "node:assert/strict";
import { test } from "node:test";
import {
  isFlat,
  parseArchitecture,
  parseComponentName,
  parseFingerprint,
  parseIndexPath,
  parseMirrorName,
  parseSha256,
  parseSuiteName,
  parseSuitePath,
  suiteFolder,
} from "../../lib/archive/names.ts";

const REFUSED = { name: "MergeError", code: "CONFIG_INVALID" };

for (const [what, parse, good, bad] of [
  [
    "parseMirrorName",
    parseMirrorName,
    ["debian", "debian-security", "a.b", "1st", "x_y"],
    ["", "-x", ".x", "a/b", "a b", "é", "a\n", "../a"],
  ],
  [
    "parseSuiteName",
    parseSuiteName,
    ["daedalus", "5.0", "buster/updates", "a/b/c"],
    ["", "/", "a/", "/a", "a//b", "a/../b", ".", "a/.hidden", "a b"],
  ],
  ["parseComponentName", parseComponentName, ["main", "non-free-firmware"], ["", "updates/main", "a b", ".", ".."]],
  ["parseArchitecture", parseArchitecture, ["amd64", "kfreebsd-amd64", "all"], ["", "AMD64", "amd64/..", "-x", "a.b", "a b"]],
  [
    "parseSuitePath",
    parseSuitePath,
    ["bookworm", "buster/updates", "./", "/", "stable/", "./stable/", "a/b/"],
    ["", ".", "..", "../", "a/../", "a/./b/", "./x", "a//b", "//"],
  ],
] as const) {
  test(`${what}: accepts ${good.join(" ")}`, () => {
    for (const text of good) assert.equal(parse(text), text);
  });
  test(`${what}: refuses ${bad.map((text) => JSON.stringify(text)).join(" ")}`, () => {
    for (const text of bad) assert.throws(() => parse(text), REFUSED, JSON.stringify(text));
  });
}

for (const [suite, flat, folder] of [
  ["bookworm", false, "dists/bookworm"],
  ["buster/updates", false, "dists/buster/updates"],
  ["./", true, ""],
  ["/", true, ""],
  ["stable/", true, "stable"],
  ["./stable/", true, "stable"],
] as const) {
  test(`suiteFolder: ${suite} lies in "${folder}"`, () => {
    assert.deepEqual([isFlat(parseSuitePath(suite)), suiteFolder(parseSuitePath(suite))], [flat, folder]);
  });
}

test("parseSha256: 64 lower-case hexadecimal digits and nothing else", () => {
  assert.equal(parseSha256("a".repeat(64)), "a".repeat(64));
  for (const text of ["a".repeat(63), "A".repeat(64), `${"a".repeat(63)}g`, `${"a".repeat(64)}\n`, ""])
    assert.equal(parseSha256(text), undefined);
});

test("parseFingerprint: blanks, colons, case and 0x do not matter, length does", () => {
  const wanted = "0123456789ABCDEF0123456789ABCDEF01234567";
  for (const text of [wanted, wanted.toLowerCase(), `0x${wanted}`, "0123 4567 89AB CDEF 0123  4567 89AB CDEF 0123 4567"]) {
    assert.equal(parseFingerprint(text), wanted);
  }
  for (const text of ["0123456789ABCDEF", `${wanted}0`, "", "not a fingerprint"]) assert.equal(parseFingerprint(text), undefined);
});

test("parseIndexPath: real names of indices pass", () => {
  for (const path of ["main/binary-amd64/Packages.xz", "Packages", "main/i18n/Translation-pt_BR.bz2", "main/dep11/icons-64x64@2.tar.gz"]) {
    assert.equal(parseIndexPath(path), path);
  }
});

test("parseIndexPath: what is no plain relative path is answered by undefined", () => {
  const hostile = [
    "",
    "/etc/passwd",
    "../x",
    "main/../../x",
    "main/./x",
    "main//x",
    "main/",
    "a\\b",
    "%2e%2e/x",
    "a b",
    "a\0b",
    "a\nb",
    "é",
    "http://x/y",
  ];
  for (const path of [...hostile, `main/${"x".repeat(6000)}`])
    assert.equal(parseIndexPath(path), undefined, JSON.stringify(path.slice(0, 40)));
});
