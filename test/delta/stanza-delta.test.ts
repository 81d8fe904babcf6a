import assert from "node:assert/strict";
import { test } from "node:test";
import { fieldText, scanStanzas } from "../../lib/deb822/stanza-table.ts";
import { type StanzaChange, walkDelta } from "../../lib/delta/stanza-delta.ts";
import { DIGEST, NAME, PATH, VERSION } from "../../lib/kinds/index-kind.ts";
import { packages } from "../../lib/kinds/packages.ts";
import { sourceOf } from "../../lib/merge/needed-sources.ts";
import { deb, input } from "../merge/inputs.ts";

/** A stanza of a merged index: its path says which mirror it came from. */
const of = (mirror: string, name: string, version: string, fields: Readonly<Record<string, string>> = {}): Buffer =>
  deb(name, version, { Filename: `pool/${mirror}/main/${name}_${version}_amd64.deb`, ...fields });

const mirrorOf = (path: string): string => path.split("/")[1] ?? "";

function changes(before: readonly Buffer[] | undefined, after: readonly Buffer[]): readonly StanzaChange[] {
  const join = (stanzas: readonly Buffer[]): Buffer => Buffer.concat(stanzas.flatMap((stanza) => [stanza, Buffer.from("\n")]));
  const walk = walkDelta(before === undefined ? undefined : scanStanzas(join(before), packages.fields, {}), mirrorOf);
  const next = input("new", 0, after);
  for (let stanza = 0; stanza < next.table.count; stanza++) {
    const text = (field: number): string => fieldText(next.table, stanza, field) ?? "";
    const bytes = Buffer.from(next.table.bytes.subarray(next.table.starts[stanza], next.table.ends[stanza]));
    walk.see(
      text(NAME),
      () => bytes,
      () => ({
        version: text(VERSION),
        digest: text(DIGEST),
        mirror: mirrorOf(text(PATH)),
        source: sourceOf({ input: next, stanza }).name,
      }),
    );
    // The room that the bytes were in is used again.
    bytes.fill(0);
  }
  return walk.finish();
}

/** `kind name from -> to`, versions with their mirrors. */
const told = (found: readonly StanzaChange[]): readonly string[] =>
  found.map(({ kind, name, from, to }) =>
    [kind, name, ...[from, to].map((side) => (side === undefined ? "-" : `${side.version}@${side.mirror}`))].join(" "),
  );

const A1 = of("A", "x", "1");

for (const [name, before, after, expected] of [
  ["the same bytes are no change", [A1], [A1], []],
  ["a first run adds everything", undefined, [A1, of("A", "y", "2")], ["added x - 1@A", "added y - 2@A"]],
  ["a new name", [A1], [A1, of("B", "y", "1")], ["added y - 1@B"]],
  ["a name that is gone", [A1, of("A", "y", "1")], [A1], ["removed y 1@A -"]],
  ["everything gone", [A1, of("A", "y", "1")], [], ["removed x 1@A -", "removed y 1@A -"]],
  [
    "names that are gone before, between and after",
    [of("A", "a", "1"), of("A", "m", "1"), of("A", "z", "1")],
    [of("A", "b", "1")],
    ["removed a 1@A -", "added b - 1@A", "removed m 1@A -", "removed z 1@A -"],
  ],
  ["a higher version", [A1], [of("A", "x", "2")], ["upgraded x 1@A 2@A"]],
  ["a higher version of another mirror", [A1], [of("B", "x", "2")], ["upgraded x 1@A 2@B"]],
  ["a lower version", [of("A", "x", "2")], [A1], ["downgraded x 2@A 1@A"]],
  ["versions compare by Debian's rule", [of("A", "x", "2~rc1")], [of("A", "x", "2")], ["upgraded x 2~rc1@A 2@A"]],
  ["the same version with another file", [A1], [of("A", "x", "1", { content: "other" })], ["rebuilt x 1@A 1@A"]],
  ["another file from another mirror", [A1], [of("B", "x", "1", { content: "other" })], ["rebuilt x 1@A 1@B"]],
  ["the same file from another mirror", [A1], [of("B", "x", "1")], ["moved x 1@A 1@B"]],
  ["the same file with other fields", [A1], [of("A", "x", "1", { Section: "net" })], ["edited x 1@A 1@A"]],
] as const) {
  test(`walkDelta: ${name}`, () => assert.deepEqual(told(changes(before, after)), expected));
}

const [V1, V2, V3] = ["1", "2", "3"].map((version) => of("A", "x", version));
assert.ok(V1 && V2 && V3);

for (const [name, before, after, expected] of [
  ["an older one went", [V1, V2], [V2], ["removed x 1@A -"]],
  ["an older one came", [V2], [V1, V2], ["added x - 1@A"]],
  ["a higher one came beside", [V1], [V1, V2], ["upgraded x 1@A 2@A"]],
  ["the highest went", [V1, V2], [V1], ["downgraded x 2@A 1@A"]],
  ["an older one was replaced by one between", [V1, V3], [V2, V3], ["upgraded x 1@A 2@A"]],
  ["the older one was edited", [V1, V2], [of("A", "x", "1", { Section: "net" }), V2], ["edited x 1@A 1@A"]],
  ["both were rebuilt", [V1, V2], [of("A", "x", "1", { content: "o" }), of("A", "x", "2", { content: "o" })], ["rebuilt x 2@A 2@A"]],
  ["all of them went", [V1, V2], [], ["removed x 2@A -"]],
  ["all of them came", [], [V1, V2], ["added x - 2@A"]],
  ["nothing changed", [V1, V2, V3], [V1, V2, V3], []],
] as const) {
  test(`walkDelta: several versions, one line each name: ${name}`, () => assert.deepEqual(told(changes(before, after)), expected));
}

test("walkDelta: the source is the one that builds the package now, without its version", () => {
  const [change] = changes([A1], [of("A", "x", "2", { Source: "src (1.9)" })]);
  assert.equal(change?.source, "src");
  const [removed] = changes([of("A", "x", "1", { Source: "old (1)" })], []);
  assert.equal(removed?.source, "old");
});

test("walkDelta: facts of stanzas that did not change are never asked for", () => {
  const walk = walkDelta(scanStanzas(A1, packages.fields, {}), mirrorOf);
  walk.see(
    "x",
    () => A1,
    () => assert.fail("the stanza is as it was"),
  );
  assert.deepEqual(walk.finish(), []);
});
