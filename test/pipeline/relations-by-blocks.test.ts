/** Which names blocks speak of is taken over for blocks that stayed, believed as long as it is sound, and else found anew. */
import assert from "node:assert/strict";
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { sealed, unsealed } from "../../lib/archive/sealed.ts";
import type { Archive } from "../support/archive.ts";
import { readBreakageRecord } from "../support/breakage-record.ts";
import { numbers } from "../support/numbers.ts";
import { assertPublished } from "../support/refused.ts";
import { deb, newWorld, type TestWorld, upstream } from "../support/world.ts";

const number = numbers(17);
const at = (hours: number): Date => new Date(Date.parse("2026-10-01T00:00:00Z") + hours * 3_600_000);

interface Package {
  readonly version: number;
  readonly depends: string;
  readonly provides: string;
}

/** So many that they are cut into some blocks; each needs the next. */
const FIRST: readonly Package[] = Array.from({ length: 400 }, (_, position) => ({
  version: 1,
  depends: nameOf(position + 1),
  provides: "",
}));

function nameOf(position: number): string {
  return `p${String(position).padStart(3, "0")}`;
}

function archiveOf(packages: readonly Package[], generation: number): Archive {
  const debs = packages.map(({ version, depends, provides }, position) => ({
    ...deb(nameOf(position), String(version)),
    ...(depends === "" ? {} : { Depends: depends }),
    ...(provides === "" ? {} : { Provides: provides }),
  }));
  return upstream()
    .debs([...debs, deb(nameOf(packages.length))])
    .at(at(generation));
}

/** Of two components, so that what one of them needs lies in the other. */
const overlay = upstream({ components: ["main", "extras"] })
  .deb({ ...deb("zz"), Depends: "v1 | p020" }, { component: "extras" })
  .deb({ ...deb("zy"), Depends: "v7" }, { component: "extras" });
const OPTIONS = {
  suites: { merged: { components: ["main", "extras"] } },
  config: { publish: { compress: { gz: 1 } }, policy: { uninstallable: "report" } },
  overrides: { "10.yaml": "- match: { package: 'p00*' }\n  set: { Depends: v2 }\n  reason: it asks for what may come and go\n" },
};

const world = (t: TestContext, base: Archive): Promise<TestWorld> => newWorld(t, { overlay, base }, OPTIONS);
const pathOf = (one: TestWorld): string => join(one.state, "cache/outcomes/merged/packages.amd64.mentions");

async function brokenIn(one: TestWorld): Promise<unknown> {
  const { names, partly } = (await readBreakageRecord(one)) as { names: string[]; partly: string[] };
  return { names: names.toSorted(), partly: partly.toSorted() };
}

test("law: after any update what is broken, and what blocks speak of, is that of a merge from nothing", async (t) => {
  const one = await world(t, archiveOf(FIRST, 0));
  await assertPublished(one, { now: at(1) });
  let packages = FIRST;
  let different = 0;
  for (let generation = 2; generation < 10; generation++) {
    const changed = new Set(Array.from({ length: 1 + number(4) }, () => number(packages.length)));
    packages = packages.map((known, position) => {
      if (!changed.has(position)) return known;
      const depends = [nameOf(position + 1), "gone", `v${number(3)}`, ""][number(4)] ?? "";
      return { version: known.version + number(2), depends, provides: number(2) === 0 ? `v${number(3)}` : "" };
    });
    await one.publish("base", archiveOf(packages, generation));
    await assertPublished(one, { now: at(generation) });
    const fresh = await world(t, archiveOf(packages, generation));
    await assertPublished(fresh, { now: at(generation) });
    const broken = await brokenIn(fresh);
    assert.deepEqual(await brokenIn(one), broken, `generation ${generation}`);
    assert.deepEqual(await readFile(pathOf(one)), await readFile(pathOf(fresh)), `generation ${generation}`);
    if ((broken as { names: string[] }).names.length > 5) different++;
  }
  assert.ok(different > 3, "much is broken in most of them");
});

const offering = (provides: string): readonly Package[] => FIRST.map((one, position) => (position === 300 ? { ...one, provides } : one));
/** What a package of the other component needs is there, and then it is not. */
const withOffer = archiveOf(offering("v7"), 0);
const withoutOffer = archiveOf(offering("v8"), 2);
const INNOCENT = { now: at(2) };

async function brokenBy(one: TestWorld): Promise<readonly string[]> {
  await one.publish("base", withoutOffer);
  const { exit, report } = await one.run(INNOCENT);
  assert.equal(exit, 0);
  return (report?.suites[0]?.uninstallable ?? []).map(({ package: name, relation }) => `${name}: ${relation}`);
}

/** @param change of the hashes of what the stanzas of a block need */
function forged(bytes: Buffer, change: (needs: Uint16Array<ArrayBuffer>) => Uint16Array<ArrayBuffer>): Buffer {
  const content = unsealed(bytes) ?? Buffer.alloc(0);
  const headEnd = content.indexOf("\n");
  type Row = [raw: string, names: number, needs: number, provides: number];
  const { schema, blocks } = JSON.parse(content.toString("utf8", 0, headEnd)) as { schema: string; blocks: Row[] };
  assert.ok(blocks.length > 3);
  const lists = new Uint16Array(new Uint8Array(content.subarray(headEnd + 1)).buffer);
  const parts = [lists.slice(0, 1)];
  let place = 1;
  const rows = blocks.map(([raw, names, needs, provides]): Row => {
    const own = change(lists.slice(place + names, place + names + needs));
    const end = place + names + needs + provides;
    parts.push(lists.slice(place, place + names), own, lists.slice(place + names + needs, end));
    place = end;
    return [raw, names, own.length, provides];
  });
  const head = Buffer.from(`${JSON.stringify({ schema, blocks: rows })}\n`);
  return sealed(Buffer.concat([head, ...parts.map((part) => Buffer.from(part.buffer))]));
}

/** As if no stanza needed anything. */
const withoutNeeds = (bytes: Buffer): Buffer => forged(bytes, (needs) => needs.filter((hash) => hash === 0));

test("what blocks speak of is taken over, and a full run does without it", async (t) => {
  const one = await world(t, withOffer);
  await assertPublished(one, { now: at(1) });
  await writeFile(pathOf(one), withoutNeeds(await readFile(pathOf(one))));
  assert.deepEqual(await brokenBy(one), [], "nothing that stayed seems to need what went");
  await assertPublished(one, { now: at(3), full: true });
  assert.ok(((await readBreakageRecord(one)) as { names: string[] }).names.includes("zy"));
  const fresh = await world(t, withoutOffer);
  await assertPublished(fresh, INNOCENT);
  assert.deepEqual(await readFile(pathOf(one)), await readFile(pathOf(fresh)), "and it keeps what it found");
});

for (const [what, damage] of [
  ["a flipped bit", (bytes: Buffer) => Buffer.concat([bytes.subarray(0, -1), Buffer.from([(bytes.at(-1) ?? 0) ^ 1])])],
  ["lists of fewer stanzas", (bytes: Buffer) => forged(bytes, (needs) => needs.subarray(1).slice())],
  ["lists of more stanzas", (bytes: Buffer) => forged(bytes, (needs) => Uint16Array.of(...Array(4000).fill(0), ...needs))],
  ["nothing in it", () => Buffer.alloc(0)],
  ["an end that is missing", (bytes: Buffer) => sealed((unsealed(bytes) ?? bytes).subarray(0, -2))],
  ["half a number at its end", (bytes: Buffer) => sealed(Buffer.concat([unsealed(bytes) ?? bytes, Buffer.from([0])]))],
  ["no line", () => sealed(Buffer.from("nothing"))],
  ["a line that is none", () => sealed(Buffer.from("null\n"))],
  ["another schema", (bytes: Buffer) => sealed(Buffer.from((unsealed(bytes) ?? bytes).toString("latin1").replace("/1", "/0"), "latin1"))],
  ["rows that are none", () => sealed(Buffer.from('{"schema":"aptmerge.mentions/1","blocks":[[1,2,3,4],null]}\n'))],
  [
    "numbers of another machine",
    (bytes: Buffer) => {
      const content = Buffer.from(unsealed(bytes) ?? bytes);
      content.subarray(content.indexOf("\n") + 1).swap16();
      return sealed(content);
    },
  ],
] as const) {
  test(`what blocks speak of is found anew where the file has ${what}`, async (t) => {
    const one = await world(t, withOffer);
    await assertPublished(one, { now: at(1) });
    const sound = await readFile(pathOf(one));
    // Were it believed, nothing that stayed would seem to need what went.
    await writeFile(pathOf(one), damage(withoutNeeds(sound)));
    assert.deepEqual(await brokenBy(one), ["zy: Depends: v7"]);
    const fresh = await world(t, withoutOffer);
    await assertPublished(fresh, INNOCENT);
    assert.deepEqual(await readFile(pathOf(one)), await readFile(pathOf(fresh)));
  });
}

test("a dry run keeps nothing of what blocks speak of", async (t) => {
  const one = await world(t, archiveOf(FIRST, 0));
  await assertPublished(one, { now: at(1) });
  const before = await readFile(pathOf(one));
  await one.publish("base", withoutOffer);
  await one.run({ now: at(2), dryRun: true });
  assert.deepEqual(await readFile(pathOf(one)), before);
});
