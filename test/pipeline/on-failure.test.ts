/** What a failing mirror does to a suite that is merged from several: hold, cached, skip. A lower mirror never inherits its names. */
import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { rm } from "node:fs/promises";
import { join } from "node:path";
import test from "node:test";
import { status } from "../support/fault-answers.ts";
import { assertPublished, assertRefused, assertUnchanged, errorOf } from "../support/refused.ts";
import { deb, newWorld, type TestWorld, upstream } from "../support/world.ts";

const fork = upstream().deb(deb("hello", "1.0+fork1"));
const base = upstream().deb(deb("hello", "2.0")).deb(deb("other", "1.0"));
const newBase = base.deb(deb("more")).at("2026-10-01T12:00:00Z");

const DOWN = [[/./, status(503)]] as const;

async function forkAndBase(t: Parameters<typeof newWorld>[0], onFailure: string): Promise<TestWorld> {
  return newWorld(t, { fork, base }, { mirrors: { fork: { "on-failure": onFailure } } });
}

test("hold: the suite keeps its last state, and no lower mirror takes the failing one's names", async (t) => {
  const world = await forkAndBase(t, "hold");
  await assertPublished(world);
  world.mirror("fork").rules = [...DOWN];
  await world.publish("base", newBase);
  await assertRefused(world, "MIRROR_BROKE_OFF", 4);
  world.mirror("fork").rules = [];
  await assertPublished(world);
  assert.deepEqual(await world.packages(), ["hello 1.0+fork1", "more 1.0", "other 1.0"]);
});

test("hold: a first run publishes nothing", async (t) => {
  const world = await forkAndBase(t, "hold");
  world.mirror("fork").rules = [...DOWN];
  await assertRefused(world, "MIRROR_BROKE_OFF", 4);
  assert.deepEqual(await world.tree(), {});
});

test("cached: the last verified state of the failing mirror is merged with the news of the others", async (t) => {
  const world = await forkAndBase(t, "cached");
  await assertPublished(world);
  world.mirror("fork").rules = [...DOWN];
  await world.publish("base", newBase);
  const { warnings, report } = await assertPublished(world);
  assert.deepEqual([...warnings].sort(), ["MIRROR_BROKE_OFF", "MIRROR_CACHED"]);
  assert.deepEqual(await world.packages(), ["hello 1.0+fork1", "more 1.0", "other 1.0"]);
  assert.deepEqual(
    report?.suites[0]?.mirrors.map(({ name, state }) => [name, state]),
    [
      ["fork", "cached"],
      ["base", "changed"],
    ],
  );
  await assertUnchanged(world);
});

test("cached: an untrusted Release is no better than none", async (t) => {
  const world = await forkAndBase(t, "cached");
  await assertPublished(world);
  await world.publish("fork", upstream().deb(deb("hello", "0.1")).at("2026-09-01"));
  await world.publish("base", newBase);
  const { warnings } = await assertPublished(world);
  assert.deepEqual([...warnings].sort(), ["MIRROR_CACHED", "RELEASE_ROLLBACK"]);
  assert.deepEqual(await world.packages(), ["hello 1.0+fork1", "more 1.0", "other 1.0"]);
});

test("cached: the stored state is verified again, and an expired one holds the suite", async (t) => {
  const world = await newWorld(t, { fork: fork.validUntil("2026-10-03"), base }, { mirrors: { fork: { "on-failure": "cached" } } });
  await assertPublished(world);
  world.mirror("fork").rules = [...DOWN];
  await world.publish("base", newBase);
  await assertRefused(world, "MIRROR_BROKE_OFF", 4, { now: "2026-10-03T00:00:01Z" });
});

test("cached: a mirror that lacks a listed index gives its last verified state", async (t) => {
  const world = await forkAndBase(t, "cached");
  await assertPublished(world);
  await world.publish(
    "fork",
    fork
      .deb(deb("hello", "1.0+fork2"))
      .at("2026-10-01T12:00:00Z")
      .tamper("dists/stable/main/binary-amd64/Packages.xz", () => undefined),
  );
  await world.publish("base", newBase);
  const { warnings } = await assertPublished(world);
  assert.deepEqual([...warnings].sort(), ["INDEX_ABSENT", "MIRROR_CACHED"]);
  assert.deepEqual(await world.packages(), ["hello 1.0+fork1", "more 1.0", "other 1.0"]);
});

test("cached: a first run has nothing to fall back to", async (t) => {
  const world = await forkAndBase(t, "cached");
  world.mirror("fork").rules = [...DOWN];
  await assertRefused(world, "MIRROR_BROKE_OFF", 4);
});

test("skip: a mirror that never contributed is left out with a warning and exit status 0", async (t) => {
  const world = await forkAndBase(t, "skip");
  world.mirror("fork").rules = [...DOWN];
  const { warnings } = await assertPublished(world);
  assert.deepEqual([...warnings].sort(), ["MIRROR_BROKE_OFF", "MIRROR_SKIPPED"]);
  assert.deepEqual(await world.packages(), ["hello 2.0", "other 1.0"]);
  await assertUnchanged(world);
  world.mirror("fork").rules = [];
  await assertPublished(world);
  assert.deepEqual(await world.packages(), ["hello 1.0+fork1", "other 1.0"]);
});

test("skip: a mirror that has contributed holds its suite, also when STATE is gone", async (t) => {
  const world = await forkAndBase(t, "skip");
  await assertPublished(world);
  world.mirror("fork").rules = [...DOWN];
  await world.publish("base", newBase);
  await assertRefused(world, "MIRROR_BROKE_OFF", 4);
  await rm(world.state, { recursive: true });
  await assertRefused(world, "MIRROR_BROKE_OFF", 4);
});

test("skip: a mirror that lacks a listed index and never contributed is left out", async (t) => {
  const world = await forkAndBase(t, "skip");
  await world.publish(
    "fork",
    fork.tamper("dists/stable/main/binary-amd64/Packages.xz", () => undefined),
  );
  const { warnings } = await assertPublished(world);
  assert.deepEqual([...warnings].sort(), ["INDEX_ABSENT", "MIRROR_SKIPPED"]);
  assert.deepEqual(await world.packages(), ["hello 2.0", "other 1.0"]);
});

test("skip: what never contributed is passed over offline too", async (t) => {
  const world = await forkAndBase(t, "skip");
  world.mirror("fork").rules = [...DOWN];
  await assertPublished(world);
  const { exit, report } = await world.run({ offline: true });
  assert.deepEqual([exit, report?.outcome], [0, "unchanged"]);
});

test("skip: a suite that the mirror does not have is left out", async (t) => {
  const from = ["fork/nowhere", "base/stable"];
  const world = await newWorld(t, { fork, base }, { mirrors: { fork: { "on-failure": "skip" } }, suites: { merged: { from } } });
  const { warnings } = await assertPublished(world);
  assert.deepEqual([...warnings].sort(), ["MIRROR_SKIPPED", "RELEASE_ABSENT"]);
  await world.configure({ mirrors: {}, suites: { merged: { from } } });
  await assertRefused(world, "RELEASE_ABSENT", 4);
});

test("a mirror that fails is asked once a run, also when two suites are merged from it", async (t) => {
  const world = await newWorld(t, { fork, base }, { suites: { one: {}, two: {} } });
  world.mirror("fork").rules = [...DOWN];
  const { errors } = await world.run();
  assert.deepEqual(errors, ["MIRROR_BROKE_OFF", "MIRROR_BROKE_OFF"]);
  assert.equal(world.mirror("fork").requests.length, 1);
});

test("the store of a mirror that fails is enough for the others' suites", async (t) => {
  const suites = { one: { from: ["fork/stable"] }, two: { from: ["base/stable"] } };
  const world = await newWorld(t, { fork, base }, { suites });
  await assertPublished(world);
  await rm(join(world.state, "store"), { recursive: true });
  world.mirror("fork").rules = [...DOWN];
  await world.publish("base", newBase);
  const { exit, report } = await world.run();
  assert.deepEqual([exit, report?.suites.map(({ outcome }) => outcome)], [4, ["held", "published"]]);
});

for (const [what, fault] of [
  ["cannot be reached", status(503)],
  ["sends an unsigned page", status(200, {}, "<html>log in</html>")],
  ["lacks its Release", status(404)],
] as const) {
  for (const onFailure of ["hold", "cached", "skip"]) {
    test(`a top mirror that ${what} hands its names down to nobody, with on-failure: ${onFailure}`, async (t) => {
      const world = await newWorld(t, { fork, base }, { mirrors: { fork: { "on-failure": onFailure } } });
      await assertPublished(world);
      world.mirror("fork").rules = [[/./, fault]];
      await world.publish("base", newBase);
      const { exit } = await world.run();
      // Cached goes on with the last state, the others hold: either way hello is the fork's.
      assert.equal(exit === 0, onFailure === "cached");
      assert.ok((await world.packages()).includes("hello 1.0+fork1"));
      assert.ok(!(await world.packages()).includes("hello 2.0"));
    });
  }
}

test("cached: without the files of the last verified state the suite is held", async (t) => {
  const world = await forkAndBase(t, "cached");
  await assertPublished(world);
  await rm(join(world.state, "store"), { recursive: true });
  world.mirror("fork").rules = [...DOWN];
  await world.publish("base", newBase);
  await assertRefused(world, "MIRROR_BROKE_OFF", 4);
});

test("cached: with the Release alone of the last verified state the suite is held", async (t) => {
  const world = await forkAndBase(t, "cached");
  await assertPublished(world);
  const packages = (await fork.build()).get("dists/stable/main/binary-amd64/Packages.xz") ?? Buffer.of();
  const digest = createHash("sha256").update(packages).digest("hex");
  await rm(join(world.state, "store/sha256", digest.slice(0, 2), digest));
  world.mirror("fork").rules = [...DOWN];
  await world.publish("base", newBase);
  assert.match(errorOf(await assertRefused(world, "STORE_LACKS", 4)).line, /on-failure: cached use stored bytes only/);
});

test("skip: a mirror that has contributed to another suite holds this one too", async (t) => {
  const one = { one: { from: ["fork/stable"] } };
  const world = await newWorld(t, { fork, base }, { mirrors: { fork: { "on-failure": "skip" } }, suites: one });
  await assertPublished(world);
  await world.configure({ mirrors: { fork: { "on-failure": "skip" } }, suites: { ...one, two: {} } });
  world.mirror("fork").rules = [...DOWN];
  const { exit, report } = await world.run();
  assert.deepEqual([exit, report?.suites.map(({ outcome }) => outcome)], [4, ["held", "failed"]]);
});

test("skip: a mirror that has contributed and lacks a listed index holds its suite", async (t) => {
  const world = await forkAndBase(t, "skip");
  await assertPublished(world);
  const next = fork.deb(deb("hello", "1.0+fork2")).at("2026-10-01T12:00:00Z");
  await world.publish(
    "fork",
    next.tamper("dists/stable/main/binary-amd64/Packages.xz", () => undefined),
  );
  await world.publish("base", newBase);
  await assertRefused(world, "INDEX_ABSENT", 4);
});
