import assert from "node:assert/strict";
import { test } from "node:test";
import { keyringFiles, planMirrors } from "../../config/from-apt/mirrors.ts";
import { readOneLine } from "../../config/from-apt/one-line.ts";

const DEFAULTS = { architectures: ["amd64"] };
const plan = (...lines: readonly string[]) => planMirrors(readOneLine(lines.join("\n"), "/x.list", DEFAULTS).entries);
const named = (...uris: readonly string[]): string[] =>
  plan(...uris.map((uri) => `deb ${uri} stable main`)).mirrors.map(({ name }) => name);

for (const [name, uris, expected] of [
  ["the last part of the path", ["http://a.example/debian"], ["debian"]],
  ["the host where there is no path", ["http://archive.example/"], ["archive.example"]],
  ["a host with a port", ["http://archive.example:8080"], ["archive.example-8080"]],
  [
    "more of the path where the last part is taken",
    ["http://a.example/debian", "http://b.example/linux/debian"],
    ["debian", "linux-debian"],
  ],
  ["the host where the path is taken", ["http://a.example/debian", "http://b.example/debian"], ["debian", "b.example-debian"]],
  [
    "a number where all is taken",
    ["http://b.example/d", "https://b.example/d", "http://b.example:80/d", "file:/d"],
    ["d", "b.example-d", "d-2"],
  ],
  ["no two that differ only in case", ["http://a.example/debian", "http://b.example/Debian"], ["debian", "b.example-Debian"]],
  ["odd characters", ["http://a.example/~user/my%20archive/"], ["my-20archive"]],
  ["a folder", ["file:/srv/local"], ["local"]],
  ["one archive named twice", ["http://a.example/debian", "http://a.example/debian/"], ["debian"]],
] as const) {
  test(`planMirrors names a mirror after ${name}`, () => {
    assert.deepEqual(named(...uris), expected);
  });
}

test("planMirrors: every URI of one stanza is an archive of its own", () => {
  assert.deepEqual(named("http://a.example/debian", "http://a.example/debian-security"), ["debian", "debian-security"]);
});

test("planMirrors: one URI with two sets of keys becomes two mirrors", () => {
  const { mirrors } = plan("deb [signed-by=/a.gpg] http://a.example/d one main", "deb [signed-by=/b.gpg] http://a.example/d two main");
  assert.deepEqual(
    mirrors.map((mirror) => [mirror.name, mirror.pool, mirror.entries.map(({ suite }) => suite), keyringFiles(mirror, [])]),
    [
      ["d", "D", ["one"], ["/a.gpg"]],
      ["a.example-d", "A.EXAMPLE-D", ["two"], ["/b.gpg"]],
    ],
  );
});

test("planMirrors: without Signed-By the machine's keyrings count", () => {
  const [mirror] = plan("deb http://a.example/d one main").mirrors;
  assert.deepEqual(mirror && keyringFiles(mirror, ["/etc/one.gpg", "/etc/two.asc"]), ["/etc/one.gpg", "/etc/two.asc"]);
});

test("planMirrors: trusted=yes is told, because nothing unsigned is merged", () => {
  const { mirrors, problems } = plan("deb [trusted=yes] http://user:secret@a.example/d one main");
  assert.deepEqual([mirrors.length, problems.map(({ code, severity }) => [severity, code])], [1, [["warning", "KEYRING_UNUSABLE"]]]);
  assert.doesNotMatch(JSON.stringify(problems), /secret/);
});
