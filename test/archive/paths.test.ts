import assert from "node:assert/strict";
import { test } from "node:test";
import { pathFault, prefixed, withoutDot } from "../../lib/archive/paths.ts";

for (const path of [
  "pool/main/h/hello/hello_2.10-3_amd64.deb",
  "./hello.deb",
  "hello.deb",
  "binary/amd64/x.deb",
  "pool/main/g/g++/g++_4%3a12.2.0-3_amd64.deb",
  "pool/main/x/x_1.0~rc1+b1_all.deb",
  "pool/a..b/x..deb",
  "pool/...",
  ".evil/x",
  "@evil/x",
]) {
  test(`pathFault: accepts ${path}`, () => assert.equal(pathFault(path), undefined));
}

for (const [path, because] of [
  ["", /empty/],
  ["../x.deb", /leaves/],
  ["pool/../../etc/passwd", /leaves/],
  ["pool/main/..", /leaves/],
  ["./../x", /leaves/],
  ["%2e%2e/x", /leaves/],
  ["pool/%2E./x", /leaves/],
  ["pool/.%2e/x", /leaves/],
  ["pool/..%2fx", /leaves/],
  ["pool/x%2f..%2F..%2fy", /leaves/],
  ["pool/..%5cx", /leaves/],
  ["/etc/passwd", /absolute/],
  ["//host/x.deb", /absolute/],
  ["http://host/x.deb", /URL/],
  ["HTTPS:x", /URL/],
  ["file:x", /URL/],
  ["javascript:alert", /URL/],
  ["pool/x.deb?a=b", /characters/],
  ["pool/x.deb#a", /characters/],
  ["pool\\x.deb", /characters/],
  ["pool/x y.deb", /characters/],
  ["pool/x\ty.deb", /characters/],
  ["pool/x\ny.deb", /characters/],
  ["pool/x\r", /characters/],
  ["pool/x\0.deb", /characters/],
  ["pool/x\u2028y", /characters/],
  ["pool/é.deb", /characters/],
  ["pool/\x7f", /characters/],
  ['pool/".deb', /characters/],
  [`pool/${"x".repeat(1100)}`, /1024/],
] as const) {
  test(`pathFault: refuses ${JSON.stringify(path.slice(0, 40))}`, () => assert.match(pathFault(path) ?? "accepted", because));
}

for (const [path, pool, expected] of [
  ["pool/main/x.deb", "NAME", "pool/NAME/main/x.deb"],
  ["./pool/main/x.deb", "NAME", "pool/NAME/main/x.deb"],
  ["x.deb", "NAME", "pool/NAME/_/x.deb"],
  ["./x.deb", "NAME", "pool/NAME/_/x.deb"],
  ["././/x.deb", "NAME", "pool/NAME/_/x.deb"],
  ["binary/pool/x.deb", "NAME", "pool/NAME/_/binary/pool/x.deb"],
  ["pools/x.deb", "NAME", "pool/NAME/_/pools/x.deb"],
  ["pool", "NAME", "pool/NAME/_/pool"],
  ["pool/pool/x", "NAME", "pool/NAME/pool/x"],
  ["pool/main/x%3a1.deb", "NAME", "pool/NAME/main/x%3a1.deb"],
  [".", "NAME", "pool/NAME/_"],
  ["./", "NAME", "pool/NAME/_"],
  ["", "NAME", "pool/NAME/_"],
  ["@evil/x", "NAME", "pool/NAME/_/@evil/x"],
  [":80@evil/x", "NAME", "pool/NAME/_/:80@evil/x"],
  [".evil/x", "NAME", "pool/NAME/_/.evil/x"],
  ["./x.deb", undefined, "./x.deb"],
  ["pool/main/x.deb", undefined, "pool/main/x.deb"],
] as const) {
  test(`prefixed: ${JSON.stringify(path)} ${pool === undefined ? "without a prefix" : `of ${pool}`} becomes ${expected}`, () => {
    assert.equal(prefixed(path, pool), expected);
  });
}

test("prefixed: a client that resolves the path stays at our host, whatever the path begins with", () => {
  for (const path of ["@evil/x", ":80@evil/x", ".evil/x"]) {
    assert.equal(pathFault(path), undefined);
    for (const pool of [undefined, "NAME"]) {
      assert.equal(new URL(prefixed(path, pool), "http://a.example/merged/").href, `http://a.example/merged/${prefixed(path, pool)}`);
    }
  }
});

test("withoutDot: only whole leading ./ go", () => {
  assert.deepEqual(["./a", ".//./a", ".a", "a/./b", "../a"].map(withoutDot), ["a", "a", ".a", "a/./b", "../a"]);
});
