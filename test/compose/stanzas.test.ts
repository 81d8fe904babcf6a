import assert from "node:assert/strict";
import { test } from "node:test";
import type { Block } from "../../lib/archive/block.ts";
import { countLines } from "../../lib/archive/lines.ts";
import { type ComposedStanza, composeBlocks, type StanzaEdits } from "../../lib/compose/stanzas.ts";
import type { FieldEdit } from "../../lib/deb822/edit.ts";
import { packages } from "../../lib/kinds/packages.ts";
import { sources } from "../../lib/kinds/sources.ts";
import type { InputChanges } from "../merge/inputs.ts";
import { keptOf, manyStanzas, NO_EDITS } from "./kept.ts";

type Edits = StanzaEdits<ComposedStanza>;
const editsOf =
  (edits: Readonly<Record<string, readonly FieldEdit[]>>): Edits =>
  (_, name) =>
    edits[name];

/** Of which each knows its lines. */
function blocksOf(kept: readonly ComposedStanza[], edits: Edits = NO_EDITS, kind = packages): readonly Block[] {
  const blocks = [...composeBlocks(kind, kept, edits, () => {})];
  for (const { bytes, lines } of blocks) assert.equal(lines, countLines(bytes));
  return blocks;
}
const textOf = (stanzas: readonly (string | Buffer)[], changes: InputChanges = {}, edits: Edits = NO_EDITS): string =>
  Buffer.concat(blocksOf(keptOf(stanzas, changes), edits, changes.kind ?? packages).map(({ bytes }) => bytes)).toString("latin1");

for (const [name, stanza, pool, expected] of [
  ["without a prefix every byte stays", "Package: x\nFilename: ./x.deb\nX:  y \n", undefined, "Package: x\nFilename: ./x.deb\nX:  y \n"],
  [
    "the prefix goes into the path and nowhere else",
    "Package: x\nFilename: pool/x.deb\nX: pool/x.deb\n",
    "P",
    "Package: x\nFilename: pool/P/x.deb\nX: pool/x.deb\n",
  ],
  [
    "case and blanks of the path's field stay",
    "Package: x\nFILENAME:\tpool/x.deb \nX: y\n",
    "P",
    "Package: x\nFILENAME:\tpool/P/x.deb \nX: y\n",
  ],
  ["a path outside of pool", "Package: x\nFilename: ./x.deb\n", "P", "Package: x\nFilename: pool/P/_/x.deb\n"],
] as const) {
  test(`composeBlocks: ${name}`, () => assert.equal(textOf([stanza], { pool }), `${expected}\n`));
}

for (const [name, stanza, expected] of [
  [
    "a Directory gets the prefix, the names in Files do not",
    "Package: x\nFiles:\n aa 1 pool/x.dsc\nDirectory: pool/x\n",
    "Package: x\nFiles:\n aa 1 pool/x.dsc\nDirectory: pool/P/x\n",
  ],
  ["a missing Directory gets one, last", "Package: x\nFiles:\n aa 1 x.dsc\n", "Package: x\nFiles:\n aa 1 x.dsc\nDirectory: pool/P/_\n"],
  ["a Directory that is a dot", "Package: x\nDirectory: .\n", "Package: x\nDirectory: pool/P/_\n"],
] as const) {
  test(`composeBlocks: sources: ${name}`, () => assert.equal(textOf([stanza], { pool: "P", kind: sources }), `${expected}\n`));
}

test("composeBlocks: sources without a Directory and without a prefix stay as they are", () => {
  assert.equal(textOf(["Package: x\n"], { kind: sources }), "Package: x\n\n");
});

for (const [pool, path] of [
  [undefined, "pool/b.deb"],
  ["P", "pool/P/b.deb"],
] as const) {
  test(`composeBlocks: a last stanza without a newline gets one, ${pool === undefined ? "without" : "with"} a prefix`, () => {
    const [one] = keptOf(["Package: a\nFilename: pool/a.deb\n"], { pool });
    const table = keptOf(["Package: b\nFilename: pool/b.deb"], { pool })[0]?.input.table;
    assert.ok(one && table);
    // The file ends where the stanza ends.
    const ends = Uint32Array.of(table.bytes.indexOf(".deb") + 4);
    const cut: ComposedStanza = { input: { pool, table: { ...table, ends } }, stanza: 0 };
    assert.equal(
      Buffer.concat(blocksOf([cut, one]).map(({ bytes }) => bytes))
        .toString()
        .split("\n\n")[0],
      `Package: b\nFilename: ${path}`,
    );
  });
}

test("composeBlocks: a last stanza without a newline that lacks its Directory gets both", () => {
  const table = keptOf(["Package: a\nX: y\n"], { kind: sources })[0]?.input.table;
  assert.ok(table);
  const cut: ComposedStanza = { input: { pool: "P", table: { ...table, ends: Uint32Array.of(table.bytes.indexOf("y") + 1) } }, stanza: 0 };
  assert.equal(blocksOf([cut], NO_EDITS, sources)[0]?.bytes.toString(), "Package: a\nX: y\nDirectory: pool/P/_\n\n");
});

test("composeBlocks: overrides change their stanza only, and say whether they did", () => {
  const edits = editsOf({ a: [{ field: "Section", value: "net" }], b: [{ field: "Section", value: "net" }] });
  const kept = keptOf(["Package: a\nSection: x\n", "Package: b\nSection: net\n", "Package: c\nSection: x\n"]);
  const [block, ...others] = blocksOf(kept, edits);
  assert.equal(block?.bytes.toString(), "Package: a\nSection: net\n\nPackage: b\nSection: net\n\nPackage: c\nSection: x\n\n");
  assert.deepEqual([block.stanzas, block.overridden, others.length], [3, 1, 0]);
});

test("composeBlocks: an override of a name acts on all its stanzas, the path is prefixed before", () => {
  const edits = editsOf({ a: [{ field: "Task", value: "t" }] });
  const text = textOf(["Package: a\nVersion: 1\nFilename: pool/1\n", "Package: a\nVersion: 2\nFilename: pool/2\n"], { pool: "P" }, edits);
  assert.equal(text, "Package: a\nVersion: 1\nFilename: pool/P/1\nTask: t\n\nPackage: a\nVersion: 2\nFilename: pool/P/2\nTask: t\n\n");
});

test("composeBlocks: an override is told which stanza it is asked about, and may answer each differently", () => {
  const edits: Edits = ({ stanza }) => (stanza === 1 ? [{ field: "Task", value: "t" }] : undefined);
  assert.equal(
    textOf(["Package: a\nVersion: 1\n", "Package: a\nVersion: 2\n"], {}, edits),
    "Package: a\nVersion: 1\n\nPackage: a\nVersion: 2\nTask: t\n\n",
  );
});

for (const [name, policy, override, text, overridden] of [
  ["the policy's alone", [{ field: "Essential", remove: true }], undefined, "Package: a\nTask: x\n", 0],
  [
    "an override comes on top of the policy's",
    [{ field: "Essential", remove: true }],
    [{ field: "Essential", value: "no" }],
    "Package: a\nTask: x\nEssential: no\n",
    1,
  ],
  [
    "an override that undoes the policy's counts all the same",
    [{ field: "Task", value: "y" }],
    [{ field: "Task", value: "x" }],
    "Package: a\nEssential: yes\nTask: x\n",
    1,
  ],
  [
    "an override that changes no byte does not count",
    [{ field: "Task", value: "y" }],
    [{ field: "Task", value: "y" }],
    "Package: a\nEssential: yes\nTask: y\n",
    0,
  ],
  ["neither changes a byte", [{ field: "X", remove: true }], [], "Package: a\nEssential: yes\nTask: x\n", 0],
] satisfies readonly (readonly [string, readonly FieldEdit[], readonly FieldEdit[] | undefined, string, number])[]) {
  test(`composeBlocks: edits of the stanza itself: ${name}`, () => {
    const kept = keptOf(["Package: a\nEssential: yes\nTask: x\n", "Package: b\n"]).map((one) =>
      one.stanza === 0 ? { ...one, edits: policy } : one,
    );
    const [block] = blocksOf(kept, override === undefined ? NO_EDITS : editsOf({ a: override }));
    assert.equal(block?.bytes.toString(), `${text}\nPackage: b\n\n`);
    assert.equal(block?.overridden, overridden);
  });
}

test("composeBlocks: a stanza that grows beyond the room by an edit", () => {
  const value = "v".repeat(5_000_000);
  assert.equal(
    textOf(["Package: a\n", "Package: b\n"], {}, editsOf({ a: [{ field: "X", value }] })),
    `Package: a\nX: ${value}\n\nPackage: b\n\n`,
  );
});

test("composeBlocks: the observer sees each stanza as it is written, without the empty line", () => {
  const seen: string[] = [];
  const edits = editsOf({ a: [{ field: "Task", value: "t" }] });
  const kept = keptOf(["Package: a\nFilename: pool/a\n", "Package: b\nFilename: pool/b\n"], { pool: "P" });
  for (const _ of composeBlocks(packages, kept, edits, (_stanza, name, bytes) => seen.push(`${name}|${bytes()}`)));
  assert.deepEqual(seen, ["a|Package: a\nFilename: pool/P/a\nTask: t\n", "b|Package: b\nFilename: pool/P/b\n"]);
});

test("composeBlocks: nothing kept makes no block", () => assert.deepEqual(blocksOf([]), []));

test("composeBlocks: the blocks in a row are the stanzas in a row", () => {
  const stanzas = manyStanzas(5_000);
  const blocks = blocksOf(keptOf(stanzas));
  assert.ok(blocks.length > 2, `${blocks.length} blocks`);
  assert.equal(Buffer.concat(blocks.map(({ bytes }) => bytes)).toString(), stanzas.map((stanza) => `${stanza}\n`).join(""));
  assert.equal(
    blocks.reduce((sum, { stanzas: count }) => sum + count, 0),
    5_000,
  );
});

test("composeBlocks: a stanza larger than the first room, and many of them", () => {
  const large = `Package: a\nX: ${"x".repeat(5_000_000)}\n`;
  assert.equal(textOf([large, "Package: b\n"]), `${large}\nPackage: b\n\n`);
});

test("composeBlocks: borders go by name alone: what is inserted, removed or changed touches the blocks around it only", () => {
  const stanzas = manyStanzas(5_000);
  const before = blocksOf(keptOf(stanzas)).map(({ bytes }) => bytes.toString());
  const without = stanzas.filter((_, position) => position !== 2_500);
  const inserted = [...stanzas.slice(0, 2_500), "Package: package-002499-new\nX: y\n", ...stanzas.slice(2_500)];
  for (const [what, changed] of [
    ["changed", manyStanzas(5_000, "package-002500")],
    ["removed", without],
    ["inserted", inserted],
  ] as const) {
    const after = blocksOf(keptOf(changed)).map(({ bytes }) => bytes.toString());
    const fresh = after.filter((block) => !before.includes(block));
    assert.ok(fresh.length <= 2, `${what}: ${fresh.length} of ${after.length} blocks are new`);
    assert.ok(fresh.length >= 1, what);
  }
});

test("composeBlocks: all stanzas of a name stay in one block, also of a name that begins one", () => {
  const first = blocksOf(keptOf(manyStanzas(5_000)))[1]
    ?.bytes.toString()
    .split("\n")[0];
  assert.ok(first);
  const versions = Array.from({ length: 5 }, (_, version) => `${first}\nVersion: ${version}\n`);
  const blocks = blocksOf(keptOf(["Package: before\n", ...versions]));
  assert.deepEqual(
    blocks.map(({ stanzas }) => stanzas),
    [1, 5],
  );
});
