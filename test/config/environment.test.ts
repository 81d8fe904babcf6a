/** References to the environment in values of the config. */
import assert from "node:assert/strict";
import test from "node:test";
import { expand } from "../../config/environment.ts";
import { load, withLines } from "./config-file.ts";

for (const [text, expected] of [
  [`\${A}`, { kind: "text", text: "1" }],
  [`x\${A}y\${A}`, { kind: "text", text: "x1y1" }],
  [`\${NONE:-d}`, { kind: "text", text: "d" }],
  [`\${NONE:-}`, { kind: "text", text: "" }],
  [`\${EMPTY:-d}`, { kind: "text", text: "d" }],
  [`\${EMPTY}`, { kind: "text", text: "" }],
  [`\${INNER}`, { kind: "text", text: `\${A}` }],
  ["$A $ {A} $$", { kind: "text", text: "$A $ {A} $$" }],
  [`\${NONE} \${A}`, { kind: "unset", name: "NONE" }],
  [`\${`, { kind: "malformed" }],
  [`\${A`, { kind: "malformed" }],
  [`\${1A}`, { kind: "malformed" }],
  [`\${A-x}`, { kind: "malformed" }],
  [`\${}`, { kind: "malformed" }],
] as const) {
  test(`expand("${text}")`, () => assert.deepEqual(expand(text, { A: "1", EMPTY: "", INNER: `\${A}` }), expected));
}

test("values come from the environment", async (t) => {
  const text = withLines({
    1: `state: \${ROOT}/state`,
    2: `output: \${OUT:-tree}/a`,
    10: `    release: { Label: "\${L} \${M:-and} \${L}" }`,
  });
  const { settings, messages } = await load(t, text, { ROOT: "/var", L: `\${ROOT}` });
  assert.deepEqual(messages, []);
  assert.equal(settings?.state, "/var/state");
  assert.match(settings?.output ?? "", /\/tree\/a$/);
  assert.equal(settings?.suites[0]?.release.get("Label"), `\${ROOT} and \${ROOT}`);
});

test("a password from the environment is not shown when its URL is refused", async (t) => {
  const text = withLines({ 4: `  debian: { url: 'http://u:\${PASSWORD}@c.example/?q', signed-by: a }` });
  const { messages } = await load(t, text, { PASSWORD: "se/cr@et word" });
  assert.deepEqual(messages, [
    'aptmerge.yaml:4:18: Cannot use mirrors.debian.url: it is "http://u:***@c.example/?q", it must be an http, https or file URL or a folder without blanks',
  ]);
});
