/** From the second generation on, what cannot be installed is found out from what changed, wherever that is enough. */
import assert from "node:assert/strict";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import type { Archive } from "../support/archive.ts";
import { readBreakageRecord } from "../support/breakage-record.ts";
import { assertPublished } from "../support/refused.ts";
import { deb, newWorld, type RunResult, type TestWorld, upstream, type WorldOptions } from "../support/world.ts";

/** So many that to look through all of them would take a thread. */
const MANY = Array.from({ length: 5000 }, (_, position) => ({ ...deb(`p${position}`), Description: "d".repeat(600) }));
const COMPONENTS = { suites: { merged: { components: ["main", "extras", "third"] } } };

let hours = 0;
/** The same archive, pushed later. */
const later = (archive: Archive): Archive => archive.at(`2026-10-01T${String(6 + (hours++ % 12)).padStart(2, "0")}:00:00Z`);

const needing = (name: string, depends: string, more: object = {}) => ({ ...deb(name), Depends: depends, ...more });

/** Runs without any thread for relations. */
const runAlone = (world: TestWorld): Promise<RunResult> =>
  world.runIn((parts) => ({
    ...parts,
    aside: {
      ...parts.aside,
      open: (task) => {
        assert.fail(`a thread was opened for ${task.name}`);
      },
    },
  }));

async function recorded(world: TestWorld): Promise<unknown> {
  const { names, partly } = await readBreakageRecord(world);
  return { names, partly };
}

const brokenIn = ({ report }: RunResult): unknown =>
  report?.suites[0]?.uninstallable.map(({ package: name, relation }) => `${name}: ${relation}`);

test("an update that breaks nothing asks no thread, and what it mends is known to the next", async (t) => {
  const first = upstream().debs(MANY).deb(needing("old", "gone")).deb(needing("older", "old")).deb(needing("other", "nobody"));
  const world = await newWorld(t, { base: first });
  await assertPublished(world);
  assert.deepEqual(await recorded(world), { names: ["old", "older", "other"], partly: [] });
  const second = first.deb(deb("gone"));
  await world.publish("base", later(second));
  assert.equal((await runAlone(world)).exit, 0);
  assert.deepEqual(await recorded(world), { names: ["other"], partly: [] });
  await world.publish("base", later(first));
  const third = await world.run();
  assert.deepEqual([third.exit, brokenIn(third)], [9, ["old: Depends: gone", "older: Depends: gone"]]);
});

test("a name of which one version is broken is remembered as such: what needs just that one is told", async (t) => {
  const two = [needing("a", "gone"), { ...deb("a", "2.0") }] as const;
  const first = upstream().debs(MANY).deb(two[0]).deb(two[1]).deb(needing("b", "a (>= 2)"));
  const world = await newWorld(t, { base: first }, { config: { policy: { winner: "all" } } });
  await assertPublished(world);
  assert.deepEqual(await recorded(world), { names: [], partly: ["a"] });
  await world.publish("base", later(first.deb(deb("z"))));
  assert.equal((await runAlone(world)).exit, 0);
  assert.deepEqual(await recorded(world), { names: [], partly: ["a"] });
  await world.publish("base", later(upstream().debs(MANY).deb(two[0]).deb(needing("b", "a (>= 2)"))));
  const broken = await world.run();
  assert.deepEqual([broken.exit, brokenIn(broken)], [9, ["a: Depends: gone", "b: Depends: a (>= 2)"]]);
});

for (const [what, second, change] of [
  [
    "what another component provided goes",
    upstream({ components: ["main", "extras", "third"] })
      .debs(MANY)
      .deb(needing("a", "v")),
    {},
  ],
  ["a component is no longer merged, and what it held was needed", undefined, { suites: { merged: { components: ["main"] } } }],
] as const satisfies readonly (readonly [string, Archive | undefined, WorldOptions])[]) {
  test(`${what}: that is told`, async (t) => {
    const first = upstream({ components: ["main", "extras", "third"] })
      .debs(MANY)
      .deb(needing("a", "v"))
      .deb({ ...deb("b"), Provides: "v", component: "extras" })
      .deb({ ...deb("c"), component: "third" });
    const world = await newWorld(t, { base: first }, COMPONENTS);
    await assertPublished(world);
    if (second !== undefined) await world.publish("base", later(second));
    await world.configure({ ...COMPONENTS, ...change });
    const result = await world.run();
    assert.deepEqual([result.exit, brokenIn(result)], [9, ["a: Depends: v"]]);
  });
}

test("when the last generation's files cannot be read, all is looked through, in each of three components", {
  timeout: 60_000,
}, async (t) => {
  const all = ["main", "extras", "third"].map((component) => ({ ...deb(component), component }));
  const first = upstream({ components: ["main", "extras", "third"] })
    .debs(all)
    .deb(needing("old", "gone"));
  const world = await newWorld(t, { base: first }, COMPONENTS);
  await assertPublished(world);
  for (const component of ["main", "extras", "third"])
    for (const codec of ["gz", "xz"])
      await writeFile(join(world.output, `dists/merged/${component}/binary-amd64/Packages.${codec}`), "damaged");
  await world.publish("base", later(first.debs(all.map((one) => ({ ...one, Version: "2.0" })))));
  const { exit, warnings } = await world.run();
  assert.deepEqual([exit, [...new Set(warnings)]], [0, ["TREE_UNSOUND"]]);
  assert.deepEqual(await recorded(world), { names: ["old"], partly: [] });
});

test("a package that provides 135,000 names and changes is merged, whatever is asked about what can be installed", async (t) => {
  const provides = Array.from({ length: 135_000 }, (_, number) => `v${number.toString(36)}`).join(", ");
  const wide = (version: string): Archive => later(upstream().deb({ ...deb("wide", version), Provides: provides }));
  const world = await newWorld(t, { base: wide("1") });
  await assertPublished(world);
  await world.publish("base", wide("2"));
  await assertPublished(world);
  await world.configure({ config: { policy: { uninstallable: "off" } } });
  await world.publish("base", wide("3"));
  await assertPublished(world);
  assert.deepEqual(await world.packages(), ["wide 3"]);
});
