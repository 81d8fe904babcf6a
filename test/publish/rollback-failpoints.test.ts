/** A rollback that ends at any of its changes to the disk: the tree is the newest or the older content, whole, floors stay, the next command needs no help. */
import assert from "node:assert/strict";
import { readdir } from "node:fs/promises";
import { join } from "node:path";
import test from "node:test";
import { openStore } from "../../lib/state/store.ts";
import { diskFull, failingFolder } from "../support/failing-folder.ts";
import { deb, Killed, newWorld, type TestWorld, upstream } from "../support/world.ts";

const BAD = "hello 2.0,more 1.0";
const GOOD = "hello 1.0";
const suites = { merged: { aliases: ["stable"] }, other: {} };

async function seen(world: TestWorld): Promise<string> {
  const [merged, alias, other] = await Promise.all(
    ["merged", "stable", "other"].map(async (suite) => (await world.packages(suite)).join()),
  );
  assert.deepEqual([alias, other], [merged, merged]);
  return merged ?? "";
}

for (const [name, fault] of [
  ["killed", () => new Killed()],
  ["stopped by a full disk", diskFull],
] as const) {
  test(`a rollback ${name} at any change leaves the newest content or the older one, whole, and floors as they were`, async (t) => {
    const world = await newWorld(t, { base: upstream().deb(deb("hello", "1.0")) }, { suites });
    assert.equal((await world.run()).exit, 0);
    await world.publish("base", upstream().deb(deb("hello", "2.0")).deb(deb("more")).at("2026-10-01T12:00:00Z"));
    assert.equal((await world.run({ now: "2026-10-02T00:01:00Z" })).exit, 0);
    const trust = await world.readState("trust/base/stable.json");
    const outcomes = new Set<string>();
    let changes = Number.POSITIVE_INFINITY;
    for (let at = 1; at <= changes; at++) {
      const point = { changes: 0 };
      const change: NonNullable<Parameters<TestWorld["rollBack"]>[0]>["change"] = (inner) => {
        const state = failingFolder(inner.state, point, at, fault);
        return { ...inner, state, store: openStore(state), output: failingFolder(inner.output, point, at, fault) };
      };
      const live = (await world.tree())["current"];
      const { exit, errors } = await world.rollBack({ now: "2026-10-02T00:02:00Z", generation: 1, change });
      changes = point.changes < at ? point.changes : Number.POSITIVE_INFINITY;
      const now = await seen(world);
      const moved = (await world.tree())["current"] !== live;
      assert.equal(now, moved ? GOOD : BAD, `change ${at}`);
      if (fault === diskFull && point.changes >= at && !moved) assert.deepEqual([exit, errors], [7, ["DISK_FAILED"]], `change ${at}`);
      assert.equal(await world.readState("trust/base/stable.json"), trust);
      outcomes.add(now);

      // A merge from cron leaves what it finds, and takes away what the dead one left.
      const next = await world.run({ now: "2026-10-02T00:03:00Z" });
      assert.deepEqual([next.exit, next.report?.outcome, await seen(world)], [0, "unchanged", now], `after change ${at}`);
      const generations = await readdir(join(world.output, ".generations"));
      assert.ok(
        generations.every((generation) => /^[0-9]{6}$/.test(generation)),
        generations.join(),
      );
      if (moved) assert.equal((await world.run({ now: "2026-10-02T00:04:00Z", full: true })).exit, 0);
      assert.equal(await seen(world), BAD);
    }
    assert.deepEqual([...outcomes].sort(), [GOOD, BAD].sort());
  });
}
