/** When mirrors are asked: poll, --offline, by name. */
import assert from "node:assert/strict";
import { rm } from "node:fs/promises";
import { join } from "node:path";
import test from "node:test";
import { assertPublished, assertRefused, assertUnchanged } from "../support/refused.ts";
import { deb, newWorld, type TestWorld, upstream } from "../support/world.ts";

const calm = upstream().deb(deb("hello", "1.0"));
const later = upstream().deb(deb("hello", "2.0")).at("2026-10-01T12:00:00Z");

const count = (world: TestWorld): number => world.mirror("base").requests.length;

test("poll: a mirror is asked again only when its time has come", async (t) => {
  const world = await newWorld(t, { base: calm }, { mirrors: { base: { poll: "15m" } } });
  await assertPublished(world, { now: "2026-10-02T00:00:00Z" });
  await world.publish("base", later);
  const before = count(world);
  await assertUnchanged(world, { now: "2026-10-02T00:14:59Z" });
  assert.equal(count(world), before);
  await assertPublished(world, { now: "2026-10-02T00:15:00Z" });
  assert.deepEqual(await world.packages(), ["hello 2.0"]);
});

test("poll: the time counts from the last check that was answered, also by 304", async (t) => {
  const world = await newWorld(t, { base: calm }, { mirrors: { base: { poll: "15m" } } });
  await assertPublished(world, { now: "2026-10-02T00:00:00Z" });
  await assertUnchanged(world, { now: "2026-10-02T00:20:00Z" });
  const before = count(world);
  await assertUnchanged(world, { now: "2026-10-02T00:34:00Z" });
  assert.equal(count(world), before);
});

test("poll: merge SUITE asks anyway, and so does a run after the clock went back", async (t) => {
  const world = await newWorld(t, { base: calm }, { mirrors: { base: { poll: "1d" } } });
  await assertPublished(world, { now: "2026-10-02T00:00:00Z" });
  const before = count(world);
  await assertUnchanged(world, { now: "2026-10-02T00:01:00Z", suites: ["merged"] });
  assert.equal(count(world), before + 1);
  await assertUnchanged(world, { now: "2026-10-01T12:00:00Z" });
  assert.equal(count(world), before + 2);
});

test("poll never: a mirror is asked until it was fetched once", async (t) => {
  const world = await newWorld(
    t,
    { base: calm.tamper("dists/stable/main/binary-amd64/Packages.xz", () => undefined) },
    { mirrors: { base: { poll: "never" } } },
  );
  await assertRefused(world, "INDEX_ABSENT", 4);
  await world.publish("base", calm);
  await assertPublished(world);
  const before = count(world);
  await assertUnchanged(world, { now: "2030-01-01T00:00:00Z" });
  assert.equal(count(world), before);
});

test("poll: a mirror between its checks is verified all the same, and a stored Release that has expired is asked for anew", async (t) => {
  const world = await newWorld(t, { base: calm.validUntil("2026-10-03T00:00:00Z") }, { mirrors: { base: { poll: "30d" } } });
  await assertPublished(world, { now: "2026-10-02T00:00:00Z" });
  await world.publish("base", later);
  await assertPublished(world, { now: "2026-10-03T00:00:01Z" });
  assert.deepEqual(await world.packages(), ["hello 2.0"]);
});

test("--offline asks nobody, and needs what is stored", async (t) => {
  const world = await newWorld(t, { base: calm });
  await assertRefused(world, "STORE_LACKS", 4, { offline: true });
  assert.equal(count(world), 0);
  await assertPublished(world);
  await world.publish("base", later);
  const before = count(world);
  await assertUnchanged(world, { offline: true });
  assert.equal(count(world), before);
});

test("--offline publishes what a changed config makes of stored bytes", async (t) => {
  const world = await newWorld(t, { base: calm });
  await assertPublished(world);
  await world.mirror("base").close();
  await world.configure({ suites: { merged: { release: { Description: "Other" } } } });
  await assertPublished(world, { offline: true });
  assert.match(await world.read("dists/merged/Release"), /^Description: Other$/m);
  await rm(join(world.state, "store"), { recursive: true });
  await assertRefused(world, "STORE_LACKS", 4, { offline: true });
});

test("a dry run says what would be published, moves no byte and raises no floor", async (t) => {
  const world = await newWorld(t, { base: calm });
  const first = await world.run({ dryRun: true });
  assert.deepEqual([first.exit, first.report?.outcome], [0, "would-publish"]);
  assert.deepEqual(await world.tree(), {});
  await assertPublished(world);
  await world.publish("base", later);
  const before = await world.tree({ inodes: true });
  const { exit, report } = await world.run({ dryRun: true });
  assert.deepEqual(
    [exit, report?.outcome, report?.suites[0]?.changes.map(({ kind, package: name }) => [kind, name])],
    [0, "would-publish", [["upgraded", "hello"]]],
  );
  assert.deepEqual(await world.tree({ inodes: true }), before);
  await world.publish("base", calm.deb(deb("more")).at("2026-10-01T06:00:00Z"));
  await assertPublished(world);
});
