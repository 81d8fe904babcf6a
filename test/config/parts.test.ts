/** The small parts of config/: units, nearest words, URLs, what messages show. */
import assert from "node:assert/strict";
import test from "node:test";
import { nearest } from "../../config/nearest.ts";
import { pathText, quoted, redact } from "../../config/quoting.ts";
import { parseDuration, parseShare, parseSize } from "../../config/units.ts";
import { baseUrl, urlFault } from "../../config/urls.ts";

for (const [text, expected] of [
  ["250ms", 250],
  ["30s", 30_000],
  ["15m", 900_000],
  ["2h", 7_200_000],
  ["7d", 604_800_000],
  ["0", 0],
  ["0d", 0],
  ["15", undefined],
  ["1h30m", undefined],
  ["-1s", undefined],
  ["1.5h", undefined],
  [" 1s", undefined],
  ["1S", undefined],
  ["", undefined],
] as const) {
  test(`parseDuration("${text}")`, () => assert.equal(parseDuration(text), expected));
}

for (const [text, expected] of [
  ["1", 1],
  ["2K", 2048],
  ["512M", 536_870_912],
  ["4G", 4_294_967_296],
  ["1T", 1_099_511_627_776],
  ["999999999999T", undefined],
  ["1GB", undefined],
  ["1.5G", undefined],
  ["G", undefined],
] as const) {
  test(`parseSize("${text}")`, () => assert.equal(parseSize(text), expected));
}

for (const [text, expected] of [
  ["20%", 0.2],
  ["0%", 0],
  ["100%", 1],
  ["2.5%", 0.025],
  ["101%", undefined],
  ["20", undefined],
  [".5%", undefined],
] as const) {
  test(`parseShare("${text}")`, () => assert.equal(parseShare(text), expected));
}

for (const [word, known, expected] of [
  ["form", ["from", "components"], "from"],
  ["signed_by", ["url", "signed-by"], "signed-by"],
  ["COMPONENTS", ["components"], "components"],
  ["komponents", ["components", "component"], "components"],
  ["x", ["y"], "y"],
  ["key", ["url", "pool"], undefined],
  ["z".repeat(1000), ["z"], undefined],
] as const) {
  test(`the word nearest to ${word.slice(0, 20)} is ${expected}`, () => assert.equal(nearest(word, known), expected));
}

for (const [text, expected] of [
  ["http://user:secret@host/x", "http://user:***@host/x"],
  ["http://token@host/x", "http://***@host/x"],
  ["http://token:@host/x", "http://***@host/x"],
  ["http://:secret@host/x", "http://***@host/x"],
  ["https://u:a@b/c:d@host", "https://u:***@host"],
  ["http:/u:secret@host", "http:/u:***@host"],
  ["u:secret@host", "u:***@host"],
  ["http://u:two words@host", "http://u:***@host"],
  ["http://host/x", "http://host/x"],
  ["file:///srv/a@b", "file:///srv/a@b"],
  ["someone@host", "someone@host"],
] as const) {
  test(`redact("${text}")`, () => assert.equal(redact(text), expected));
}

test("quoted shows control characters, cuts long text and keeps the longest to itself", () => {
  assert.equal(quoted('a\n"\u001b'), '"a\\n\\"\\u001b"');
  assert.equal(quoted("a".repeat(200)), `"${"a".repeat(100)}…"`);
  assert.equal(quoted(`http://u:${"a".repeat(5000)}@host`), "a text of 5014 characters");
});

test("pathText quotes keys that are no plain words", () => {
  assert.equal(pathText(["suites", "buster/updates", "from", 0, "5.0", "a b"]), 'suites.buster/updates.from[0]."5.0"."a b"');
});

for (const [text, expected] of [
  ["http://a.example/debian/", "http://a.example/debian"],
  ["HTTP://A.example", "http://a.example"],
  ["http://[::1]:8080/x//", "http://[::1]:8080/x"],
  ["file:///srv/a%20b/", "file:///srv/a%20b"],
  ["file:/srv/x", "file:///srv/x"],
  ["file://localhost/srv/x", "file:///srv/x"],
  ["/srv/a b#c", "file:///srv/a%20b%23c"],
  ["x/../y/", "file:///config/y"],
  ["./a:b", "file:///config/a:b"],
  ["/", "file://"],
] as const) {
  test(`baseUrl("${text}")`, () => {
    assert.equal(urlFault(text), undefined);
    assert.equal(baseUrl(text, "/config"), expected);
  });
}

for (const text of [
  ...["", "ftp://x", "rsync://x/y", "a:b", "http://", "http:///x", "http://a b", "http://a?b", "http://a#b", "http://a:99999/"],
  ...["file://host/x", "file://", "file:x", "file:///a%00b", "file:///a%2Fb", "/srv/\u0000", "/srv/\n", "x".repeat(3000)],
]) {
  test(`a mirror is not at ${quoted(text)}`, () => assert.notEqual(urlFault(text), undefined));
}
