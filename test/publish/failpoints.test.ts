/**
 * A publish that ends at any of its changes to the disk, by a kill or by a full disk: the tree is the old or the new one, whole, and the next
 * run needs no help. Every third change that a run makes; EVERY_CHANGE=1 tries all, and `npm run test:crash` the calls themselves.
 */
import assert from "node:assert/strict";
import { readdir } from "node:fs/promises";
import { join } from "node:path";
import test, { type TestContext } from "node:test";
import { openStore } from "../../lib/state/store.ts";
import { diskFull, failingFolder } from "../support/failing-folder.ts";
import { deb, Killed, newWorld, type RunResult, type TestWorld, upstream } from "../support/world.ts";

const STEP = process.env.EVERY_CHANGE === "1" ? 1 : 3;
const calm = upstream().deb(deb("hello", "1.0"));
const later = upstream().deb(deb("hello", "2.0")).deb(deb("more")).at("2026-10-01T12:00:00Z");
const suites = { merged: { aliases: ["stable"] }, other: {} };

/** What clients see: everything below the entrances, with links followed. */
async function seen(world: TestWorld): Promise<string> {
  const tree = await world.tree();
  const live = tree["current"]?.replace("link ", "");
  if (live === undefined) return "nothing";
  for (const entrance of ["dists", "inputs.json", "key.asc"]) assert.equal(tree[entrance], `link current/${entrance}`);
  return `${(await world.packages("merged")).join()} | ${(await world.packages("stable")).join()} | ${(await world.packages("other")).join()}`;
}

async function runUntil(world: TestWorld, at: number, fault: () => Error): Promise<{ result: RunResult; changes: number }> {
  const point = { changes: 0 };
  const result = await world.runIn((inner) => {
    const state = failingFolder(inner.state, point, at, fault);
    return { ...inner, state, store: openStore(state), output: failingFolder(inner.output, point, at, fault) };
  });
  return { result, changes: point.changes };
}

const OLD = "hello 1.0 | hello 1.0 | hello 1.0";
const NEW = "hello 2.0,more 1.0 | hello 2.0,more 1.0 | hello 2.0,more 1.0";

async function published(t: TestContext, first: boolean): Promise<TestWorld> {
  const world = await newWorld(t, { base: calm }, { suites, config: { publish: { compress: { gz: 1 }, generations: 1 } } });
  if (!first) assert.equal((await world.run()).exit, 0);
  await world.publish("base", later);
  return world;
}

for (const [name, fault] of [
  ["killed", () => new Killed()],
  ["stopped by a full disk", diskFull],
] as const) {
  // On a first run a full disk is no other case than a kill.
  for (const first of name === "killed" ? [true, false] : [false]) {
    test(`U05: a ${first ? "first" : "second"} publish ${name} at any change leaves the old tree or the new one, whole`, async (t) => {
      const before = first ? "nothing" : OLD;
      const outcomes = new Set<string>();
      let changes = Number.POSITIVE_INFINITY;
      for (let at = 1; at <= changes; at += STEP) {
        const world = await published(t, first);
        const { result, changes: made } = await runUntil(world, at, fault);
        changes = made < at ? made : Number.POSITIVE_INFINITY;
        const now = await seen(world);
        assert.ok(now === before || now === NEW, `change ${at}: ${now}`);
        if (fault === diskFull && made >= at) assert.ok([0, 7].includes(result.exit), `change ${at}: exit ${result.exit}`);
        outcomes.add(now);
        // What is published is never above the floor.
        if (now === NEW) assert.match(await world.readState("trust/base/stable.json"), /"date": "2026-10-01T12:00:00/, `change ${at}`);

        // The next run repairs, and what the dead one left is gone.
        const next = await world.run({ now: "2026-10-02T00:01:00Z" });
        assert.deepEqual([next.exit, next.errors, await seen(world)], [0, [], NEW], `after change ${at}`);
        const generations = await readdir(join(world.output, ".generations"));
        assert.ok(
          generations.every((generation) => /^[0-9]{6}$/.test(generation)),
          generations.join(),
        );
        await world.mirror("base").close();
      }
      assert.deepEqual([...outcomes].sort(), [before, NEW].sort());
    });
  }
}

test("a full disk ends in exit status 7 and the old tree", async (t) => {
  const world = await published(t, false);
  const before = await world.tree({ inodes: true });
  const { result } = await runUntil(world, 8, diskFull);
  assert.deepEqual([result.exit, result.errors], [7, ["DISK_FAILED"]]);
  const after = await world.tree({ inodes: true });
  const live = (tree: typeof before) => Object.fromEntries(Object.entries(tree).filter(([path]) => !path.includes("/.new-")));
  assert.deepEqual(live(after), before);
});
