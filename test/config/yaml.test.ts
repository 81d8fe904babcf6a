/** Only plain YAML is a config: what lets a line mean something else than it says is refused at its place. */
import assert from "node:assert/strict";
import test from "node:test";
import { load, withLines } from "./config-file.ts";

const TOO_DEEP = "it nests too deep, a config has at most some ten levels";

for (const [name, text, ...expected] of [
  [
    "a key that stands twice",
    withLines({ 2: "state: x" }),
    '2:1: Cannot read YAML: key "state" stands twice in one map, each may stand once',
  ],
  [
    "a suite that stands twice",
    withLines({ 10: "  daedalus: {}" }),
    '10:3: Cannot read YAML: key "daedalus" stands twice in one map, each may stand once',
  ],
  ["a tab that indents", "state: x\nmirrors:\n\ta: b\n", "3:1: Cannot read YAML: a tab indents the line, only blanks may"],
  [
    "an anchor and its alias",
    withLines({ 1: "state: &a x", 2: "output: *a" }),
    '1:11: Cannot read YAML: an anchor stands here ("&a"), anchors are not used',
    '2:9: Cannot read YAML: an alias stands here ("*a"), values must be written out; put text into quotes',
  ],
  [
    "an alias of what it stands in",
    "state: &a\n  x: *a\n",
    '2:3: Cannot read YAML: an anchor stands here ("&a"), anchors are not used',
    '2:6: Cannot read YAML: an alias stands here ("*a"), values must be written out; put text into quotes',
  ],
  [
    "a pattern without quotes",
    withLines({ 10: "policy: { ban: [{ package: *-dbg }] }" }),
    '10:28: Cannot read YAML: an alias stands here ("*-dbg"), values must be written out; put text into quotes',
  ],
  [
    "a version constraint without quotes",
    withLines({ 10: "policy:\n  ban:\n    - package: a\n      version: >= 2.0" }),
    "13:17: Cannot read YAML: text that begins with > or | must be in quotes",
  ],
  [
    "a version constraint without quotes in one line with others",
    withLines({ 10: "policy: { ban: [{ package: a, version: >= 2.0 }] }" }),
    "10:40: Cannot read YAML: Plain value cannot start with block scalar indicator >; put text into quotes",
  ],
  [
    "a merge key",
    withLines({ 10: "    <<: { aliases: [a] }" }),
    '10:5: Cannot use key "<<" of suites.daedalus: it is unknown, known here: aliases, from, components, architectures, languages, indices, essential, release, valid-for, policy',
  ],
  [
    "a tag",
    withLines({ 1: "state: !!binary aaaa" }),
    '1:17: Cannot read YAML: a tag stands here ("tag:yaml.org,2002:binary"), tags are not used; put text into quotes',
  ],
  [
    "a tag on a map",
    withLines({ 3: "mirrors: !!map" }),
    '4:3: Cannot read YAML: a tag stands here ("tag:yaml.org,2002:map"), tags are not used; put text into quotes',
  ],
  [
    "a quoted key that stands twice",
    withLines({ 2: '"state": x' }),
    '2:1: Cannot read YAML: key "state" stands twice in one map, each may stand once',
  ],
  ["an unknown tag", withLines({ 1: "state: !x aaaa" }), "1:8: Cannot read YAML: Unresolved tag: !x"],
  ["YAML 1.1, where no is false", `%YAML 1.1\n---\n${withLines({})}`, "1:1: Cannot read YAML: it says it is YAML 1.1, it must be 1.2"],
  [
    "a second document",
    withLines({ 10: "---\na: 1" }),
    "10:1: Cannot read YAML: a second document starts here, the file must be one document",
  ],
  ["a key that no object can have", withLines({ 10: "__proto__: {}" }), '10:1: Cannot read YAML: key "__proto__" cannot be used'],
  ["a list as a key", withLines({ 10: "? [a]\n: b" }), "10:3: Cannot read YAML: With stringKeys, all keys must be strings"],
  ["lists without end", `state: ${"[".repeat(20_000)}${"]".repeat(20_000)}`, TOO_DEEP],
  ["maps without end", `state: ${"{a: ".repeat(20_000)}${"}".repeat(20_000)}`, TOO_DEEP],
  ["a byte order mark", `\ufeff${withLines({})}`, "1:1: Cannot read config: it begins with a byte order mark, it must be plain UTF-8"],
  [
    "bytes that are no UTF-8",
    Buffer.concat([Buffer.from("a: b\nc: é"), Buffer.of(0xe9, 0x0a)]),
    "2:5: Cannot read config: a byte is no UTF-8, the file must be UTF-8",
  ],
  [
    "more than 4 MiB",
    `#${" ".repeat(4 * 1024 * 1024)}\n`,
    "1:1: Cannot read config: it has more than 4194304 bytes, at most that many are read",
  ],
  ["nothing", "", "1:1: Cannot use the config: it is empty, it must be a map with state, output, mirrors and suites"],
  ["a list", "- 1\n", "1:1: Cannot use the config: it is a list, it must be a map with state, output, mirrors and suites"],
] as const satisfies readonly (readonly [string, string | Uint8Array, ...string[]])[]) {
  test(`a config is refused: ${name}`, async (t) => {
    const { messages, errors } = await load(t, text);
    if (expected[0] === TOO_DEEP) assert.match(messages[0] ?? "", new RegExp(`^aptmerge\\.yaml:1:\\d+: Cannot read YAML: ${TOO_DEEP}$`));
    else {
      assert.deepEqual(
        messages,
        expected.map((message) => `aptmerge.yaml:${message}`),
      );
    }
    const wanted = messages.some((message) => message.includes("Cannot use")) ? "CONFIG_INVALID" : "CONFIG_SYNTAX";
    assert.ok(errors.every((error) => error.code === wanted));
  });
}

test("a syntax error does not show the text around it", async (t) => {
  const { messages } = await load(t, "sign:\n  - { key: a, passphrase: 'secret' } secret2\n");
  assert.ok(messages.length > 0);
  assert.doesNotMatch(messages.join("\n"), /secret/);
});

test("keys are text, whatever they look like", async (t) => {
  const { settings, messages } = await load(
    t,
    withLines({ 6: "  5.0:", 10: "  no: { from: [debian/x], components: [main], architectures: [amd64] }" }),
  );
  assert.deepEqual([messages, settings?.suites.map((suite) => suite.name)], [[], ["5.0", "no"]]);
});
