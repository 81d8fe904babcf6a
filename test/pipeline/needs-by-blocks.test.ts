/** What Sources must hold is collected anew for blocks of binaries that changed, and comes to the same as from nothing. */
import assert from "node:assert/strict";
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { sha256Of } from "../../lib/archive/digests.ts";
import { sealed, unsealed } from "../../lib/archive/sealed.ts";
import type { Archive } from "../support/archive.ts";
import { numbers } from "../support/numbers.ts";
import { assertPublished } from "../support/refused.ts";
import { deb, newWorld, type TestWorld, upstream } from "../support/world.ts";

const number = numbers(11);
const at = (hours: number): Date => new Date(Date.parse("2026-10-01T00:00:00Z") + hours * 3_600_000);

interface Binary {
  readonly version: number;
  readonly source: number;
  readonly using: number;
}

/** So many that they are cut into some blocks. */
const FIRST: readonly Binary[] = Array.from({ length: 500 }, (_, position) => ({ version: 1, source: position >> 1, using: 0 }));

const nameOf = (position: number): string => `p${String(position).padStart(3, "0")}`;

function archiveOf(binaries: readonly Binary[], generation: number): Archive {
  const debs = binaries.map(({ version, source, using }, position) => ({
    ...deb(nameOf(position), String(version)),
    ...(position % 3 === 0 ? {} : { Source: `s${source} (${version})` }),
    ...(using === 0 ? {} : { "Built-Using": `go (= ${using})` }),
  }));
  return upstream().debs(debs).source({ Package: "go", Version: "1" }).at(at(generation));
}

const OPTIONS = {
  suites: { merged: { architectures: ["amd64", "source"], indices: ["packages", "sources"] } },
  config: { publish: { compress: { gz: 1 } } },
  overrides: { "10.yaml": "- match: { package: 'p1*' }\n  set: { Built-Using: hidden (= 1) }\n  reason: it hides what the mirror says\n" },
};

const world = (t: TestContext, base: Archive): Promise<TestWorld> =>
  newWorld(t, { overlay: upstream().deb(deb("p007", "9")).source({ Package: "p007", Version: "9" }), base }, OPTIONS);

const pathOf = (one: TestWorld, part: string): string => join(one.state, `cache/outcomes/merged/packages.amd64.${part}`);
const needsOf = (one: TestWorld): Promise<string> => readFile(pathOf(one, "needs"), "utf8");

test("law: after any update the needs are those of a merge from nothing", async (t) => {
  const one = await world(t, archiveOf(FIRST, 0));
  await assertPublished(one, { now: at(1) });
  let binaries = FIRST;
  for (let generation = 2; generation < 9; generation++) {
    const changed = new Set(Array.from({ length: 1 + number(4) }, () => number(binaries.length)));
    binaries = binaries.map((binary, position) => {
      if (!changed.has(position)) return binary;
      return { version: binary.version + number(2), source: binary.source + number(2), using: number(3) };
    });
    if (generation % 3 === 0) binaries = binaries.slice(number(3));
    await one.publish("base", archiveOf(binaries, generation));
    await assertPublished(one, { now: at(generation), acceptUninstallable: true });
    const fresh = await world(t, archiveOf(binaries, generation));
    await assertPublished(fresh, { now: at(generation) });
    assert.equal(await needsOf(one), await needsOf(fresh));
    assert.equal(await one.index("merged", "main/source"), await fresh.index("merged", "main/source"));
  }
});

interface NeedsRecord {
  schema: string;
  sha256: string;
  blocks: [raw: string, beyond: string, bytes: number][];
}

const readRecord = async (one: TestWorld): Promise<NeedsRecord> =>
  JSON.parse(unsealed(await readFile(pathOf(one, "needs-blocks")))?.toString() ?? "");

/** What no binary needs, in the first block. */
async function forge(one: TestWorld): Promise<void> {
  const [record, needs] = [await readRecord(one), await readFile(pathOf(one, "needs"))];
  const [first] = record.blocks;
  assert.ok(first !== undefined && record.blocks.length > 3);
  const line = Buffer.from('[["forged 1","base","nobody"],[]]\n');
  const bytes = Buffer.concat([line, needs.subarray(first[2])]);
  first[2] = line.length;
  await writeFile(pathOf(one, "needs"), bytes);
  const seal = sealed(Buffer.from(JSON.stringify({ ...record, sha256: sha256Of(bytes) })));
  await writeFile(pathOf(one, "needs-blocks"), seal);
}

const lastChanged = FIRST.map((binary, position) => (position === 499 ? { ...binary, version: 2 } : binary));

test("needs of a block that stayed are taken over, and a full run collects them anew", async (t) => {
  const one = await world(t, archiveOf(FIRST, 0));
  await assertPublished(one, { now: at(1) });
  await forge(one);
  await one.publish("base", archiveOf(lastChanged, 2));
  await assertPublished(one, { now: at(2) });
  assert.match(await needsOf(one), /forged 1/, "so it was not collected again");
  await one.publish("base", archiveOf(FIRST, 3));
  await assertPublished(one, { now: at(3), full: true });
  assert.doesNotMatch(await needsOf(one), /forged/);
});

for (const [what, damage] of [
  ["the needs", async (one: TestWorld) => writeFile(pathOf(one, "needs"), (await needsOf(one)).replace("p001", "p00x"))],
  ["the list of blocks", async (one: TestWorld) => writeFile(pathOf(one, "needs-blocks"), `${"0".repeat(64)}\n{}`)],
  ...[
    ["a list of another version", (record: NeedsRecord) => ({ ...record, schema: "x" })],
    ["a list that is none", () => null],
    ["a list without blocks", ({ schema, sha256 }: NeedsRecord) => ({ schema, sha256 })],
    ["a list of nothing", (record: NeedsRecord) => ({ ...record, blocks: [null] })],
    ["a length below nothing", (record: NeedsRecord) => ({ ...record, blocks: record.blocks.map(([raw, beyond]) => [raw, beyond, -5]) })],
    ["lengths that are not the file's", (record: NeedsRecord) => ({ ...record, blocks: record.blocks.slice(1) })],
  ].map(
    ([name, change]) =>
      [
        name as string,
        async (one: TestWorld) => {
          const changed = (change as (record: NeedsRecord) => unknown)(await readRecord(one));
          await writeFile(pathOf(one, "needs-blocks"), sealed(Buffer.from(JSON.stringify(changed))));
        },
      ] as const,
  ),
] as const) {
  test(`needs are collected anew where ${what} cannot be used`, async (t) => {
    const one = await world(t, archiveOf(FIRST, 0));
    await assertPublished(one, { now: at(1) });
    await damage(one);
    await one.publish("base", archiveOf(lastChanged, 2));
    await assertPublished(one, { now: at(2) });
    const fresh = await world(t, archiveOf(lastChanged, 2));
    await assertPublished(fresh, { now: at(2) });
    assert.equal(await needsOf(one), await needsOf(fresh));
    assert.equal((await readRecord(one)).schema, "aptmerge.needs/1");
  });
}

const RULE = "- match: { package: tool, mirror: base }\n  set: { Built-Using: go (= 1) }\n  reason: it was forgotten\n";

/** A tool that says what it has parts of, or does not, and the rule that says it in its place. */
for (const [what, [first, firstRules], [second, secondRules], kept] of [
  ["the mirror comes to say what an override said", [false, RULE], [true, undefined], true],
  ["an override comes to say what the mirror said", [true, undefined], [false, RULE], false],
] as const) {
  test(`what is needed follows the mirror where the text stays the same: ${what}`, async (t) => {
    const base = (says: boolean, hours: number): Archive =>
      upstream()
        .deb({ ...deb("tool"), ...(says ? { "Built-Using": "go (= 1)" } : {}) })
        .source({ Package: "go", Version: "1" })
        .source({ Package: "tool", Version: "1.0" })
        .at(at(hours));
    const { overrides: _, ...options } = OPTIONS;
    const over = upstream().source({ Package: "go", Version: "2" });
    const one = await newWorld(t, { over, base: base(first, 0) }, { ...options, overrides: { "10.yaml": firstRules ?? "[]\n" } });
    await assertPublished(one, { now: at(1) });
    const text = await one.index();
    await one.publish("base", base(second, 2));
    await writeFile(join(one.folder, "indices/10.yaml"), secondRules ?? "[]\n");
    await assertPublished(one, { now: at(2), acceptShrink: true });
    assert.equal(await one.index(), text);
    assert.deepEqual(await one.packages("merged", "main/source"), kept ? ["go 1", "go 2", "tool 1.0"] : ["go 2", "tool 1.0"]);
  });
}
