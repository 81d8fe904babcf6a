/** THREATS 2.1, T12 to T15. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { isLocalHost, judgeRedirect } from "../../lib/io/http-redirect.ts";

const MIRROR = "http://a.example/debian/file";

for (const [name, from, location, followed] of [
  ["a path is taken from the root of its host", MIRROR, "/other/file", "http://a.example/other/file"],
  ["a relative path is taken from the file", MIRROR, "next?x=1", "http://a.example/debian/next?x=1"],
  ["another host", MIRROR, "http://b.example/file", "http://b.example/file"],
  ["another host without a scheme", MIRROR, "//b.example/file", "http://b.example/file"],
  ["http to https", MIRROR, "https://a.example/file", "https://a.example/file"],
  ["https to https", "https://a.example/x", "https://b.example/file", "https://b.example/file"],
  ["credentials in a Location are dropped", MIRROR, "http://user:pass@b.example/file#x", "http://b.example/file"],
  ["an encoded blank", MIRROR, "/a%20b%2B", "http://a.example/a%20b%2B"],
  ["a private network, as mirrors inside a house have", MIRROR, "http://192.168.0.7/file", "http://192.168.0.7/file"],
] as const) {
  test(`judgeRedirect follows: ${name}`, () => {
    const verdict = judgeRedirect(new URL(from), location, new URL(MIRROR));
    assert.equal(verdict.kind === "follow" ? verdict.url.href : verdict.found, followed);
  });
}

for (const [name, from, location, wanted] of [
  ["https to http", "https://a.example/x", "http://a.example/x", /https must stay https/],
  ["https to http by a relative step before", "https://b.example/x", "http://b.example/", /https must stay https/],
  ["ftp", MIRROR, "ftp://a.example/x", /http or https/],
  ["gopher", MIRROR, "gopher://a.example/x", /http or https/],
  ["file", MIRROR, "file:///etc/passwd", /http or https/],
  ["data", MIRROR, "data:text/plain,x", /http or https/],
  ["javascript", MIRROR, "javascript:1", /http or https/],
  ["nothing", MIRROR, "", /one URL/],
  ["no Location", MIRROR, undefined, /one URL/],
  ["what is no URL", MIRROR, "http://[x]/", /must be a URL/],
  ["a line break", MIRROR, "/x\nSize: 1", /control characters/],
  ["a tab at the end", MIRROR, "/x\t", /control characters/],
  ["a C1 control", MIRROR, "/x\u0085y", /control characters/],
  ["an encoded line break", MIRROR, "/x%0aSize:", /control characters/],
  ["an encoded NUL", MIRROR, "/x%00", /control characters/],
  ["an encoded delete", MIRROR, "/x%7F", /control characters/],
  ["a blank", MIRROR, "/x y", /blanks/],
] as const) {
  test(`judgeRedirect refuses: ${name}`, () => {
    const verdict = judgeRedirect(new URL(from), location, new URL(MIRROR));
    assert.match(verdict.kind === "refuse" ? verdict.wanted : verdict.url.href, wanted);
  });
}

const LOCAL = [
  "127.0.0.1",
  "127.1",
  "2130706433",
  "0x7f.0.0.1",
  "0.0.0.0",
  "0",
  "169.254.169.254",
  "localhost",
  "LOCALHOST.",
  "x.localhost",
];
const LOCAL6 = ["[::1]", "[::]", "[fe80::1]", "[febf::1]", "[::ffff:127.0.0.1]", "[::ffff:169.254.1.1]"];

for (const host of [...LOCAL, ...LOCAL6]) {
  test(`a mirror elsewhere may not lead to ${host}, one on this machine may`, () => {
    const target = `http://${host}:8080/latest/meta-data`;
    const verdict = judgeRedirect(new URL(MIRROR), target, new URL(MIRROR));
    assert.match(verdict.kind === "refuse" ? verdict.wanted : verdict.url.href, /may not lead to this machine/);
    const local = new URL("http://127.0.0.1/debian");
    assert.equal(judgeRedirect(local, target, local).kind, "follow");
    assert.equal(isLocalHost(new URL(target).hostname), true);
  });
}

for (const host of ["128.0.0.1", "1.127.0.0", "169.253.1.1", "[fec0::1]", "[2001:db8::1]", "localhost.example", "notlocalhost"]) {
  test(`${host} is another machine`, () => assert.equal(isLocalHost(new URL(`http://${host}/`).hostname), false));
}

test("the found part of a refusal shows no password and no control character", () => {
  const verdict = judgeRedirect(new URL(MIRROR), "ftp://user:pass@b.example/\u001b[2J", new URL(MIRROR));
  assert.equal(verdict.kind === "refuse" ? verdict.found : "", 'redirected to "ftp://b.example/\\u001b[2J"');
});
