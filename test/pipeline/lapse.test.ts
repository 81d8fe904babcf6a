/** Valid-Until of the merged suite: prolonged by runs that verified what it speaks of, never by others, and an alarm before it lapses. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { status } from "../support/fault-answers.ts";
import { assertPublished, assertRefused, assertUnchanged } from "../support/refused.ts";
import { deb, newWorld, upstream } from "../support/world.ts";

const calm = upstream().deb(deb("hello"));
const suites = { merged: { "valid-for": "4d" } };
const alarm = (problems: readonly { readonly code: string; readonly message: string }[]) =>
  problems.filter(({ code }) => code === "TREE_EXPIRES").map(({ message }) => message);
const until = async (world: { read(path: string): Promise<string> }) =>
  /^Valid-Until: (.*)$/m.exec(await world.read("dists/merged/Release"))?.[1];

test("U07: while a mirror fails Valid-Until stays, which is told from its half on, and told otherwise when it has lapsed", async (t) => {
  const world = await newWorld(t, { base: calm }, { suites });
  await assertPublished(world);
  world.mirror("base").rules = [[/./, status(500)]];
  const early = await assertRefused(world, "MIRROR_BROKE_OFF", 4, { now: "2026-10-03T23:00:00Z" });
  assert.deepEqual(alarm(early.problems), []);
  const due = await assertRefused(world, "MIRROR_BROKE_OFF", 4, { now: "2026-10-04T00:00:00Z" });
  const as = 'Suite "merged" as it is published';
  const end = "valid until 2026-10-06T00:00:00Z and could not be renewed";
  assert.deepEqual(alarm(due.problems), [`${as} is ${end}: clients will refuse it then`]);
  const late = await assertRefused(world, "MIRROR_BROKE_OFF", 4, { now: "2026-10-07T00:00:00Z" });
  assert.deepEqual(alarm(late.problems), [`${as} was ${end}: clients refuse it`]);
  world.mirror("base").rules = [];
  const next = await assertPublished(world, { now: "2026-10-07T01:00:00Z" });
  assert.deepEqual(alarm(next.problems), []);
  assert.equal(await until(world), "Sun, 11 Oct 2026 01:00:00 UTC");
});

test("U07: content whose own Valid-Until has passed is not prolonged, though the mirror answers", async (t) => {
  const world = await newWorld(t, { base: calm.validUntil("2026-10-03T12:00:00Z") }, { suites });
  await assertPublished(world);
  const { problems } = await assertRefused(world, "RELEASE_EXPIRED", 5, { now: "2026-10-04T12:00:00Z" });
  assert.equal(alarm(problems).length, 1);
  assert.equal(await until(world), "Tue, 06 Oct 2026 00:00:00 UTC");
});

test("U07: on-failure: cached prolongs over the last verified state until that has expired, and not after", async (t) => {
  const world = await newWorld(
    t,
    { base: calm.validUntil("2026-10-05T00:00:00Z") },
    { suites, mirrors: { base: { "on-failure": "cached" } } },
  );
  await assertPublished(world);
  world.mirror("base").rules = [[/./, status(500)]];
  await assertUnchanged(world, { now: "2026-10-03T00:00:00Z" });
  await assertPublished(world, { now: "2026-10-04T00:00:00Z" });
  assert.equal(await until(world), "Thu, 08 Oct 2026 00:00:00 UTC");
  const before = await world.tree({ inodes: true });
  const { exit, problems } = await world.run({ now: "2026-10-07T00:00:00Z" });
  assert.notEqual(exit, 0);
  assert.equal(alarm(problems).length, 1);
  assert.deepEqual(await world.tree({ inodes: true }), before);
});
