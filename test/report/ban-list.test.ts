import assert from "node:assert/strict";
import test from "node:test";
import { BANS_SCHEMA, formatBans, parseBans } from "../../lib/report/ban-list.ts";

const one = { package: "x", type: "deb", architecture: "amd64", version: "1", mirror: "base", rule: "package x", chain: ["x"] } as const;

test("formatBans: a line for each package, suites in byte order, and parseBans reads it back", () => {
  const bytes = formatBans({ schema: BANS_SCHEMA, suites: { stable: [one, { ...one, package: "y" }], constructor: [] } });
  assert.deepEqual(bytes.toString().match(/^\{"package".*$/gm)?.length, 2);
  assert.deepEqual(
    [...parseBans(bytes)].map(([suite, list]) => [suite, list.length]),
    [
      ["constructor", 0],
      ["stable", 2],
    ],
  );
});

for (const [what, text] of [
  ["nothing", undefined],
  ["no JSON", "{"],
  ["null", "null"],
  ["another schema", '{"schema":"aptmerge.bans/9","suites":{"a":[]}}'],
  ["suites of another form", `{"schema":"${BANS_SCHEMA}","suites":{"a":5}}`],
] as const) {
  test(`parseBans: ${what} is an empty list, and never a name that every object has`, () => {
    const lists = parseBans(text === undefined ? undefined : Buffer.from(text));
    assert.deepEqual([lists.size, lists.get("constructor")], [0, undefined]);
  });
}
