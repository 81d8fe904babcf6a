/** `publish.check-with-apt`: a real apt-get update reads the staged tree before the switch; when it complains, the old tree stays. */
import assert from "node:assert/strict";
import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import type { AptOrder, AptOutcome } from "../../lib/ports.ts";
import { needs } from "../support/needs.ts";
import { assertPublished, assertRefused } from "../support/refused.ts";
import { temporaryFolder } from "../support/temporary.ts";
import { snapshot } from "../support/tree-snapshot.ts";
import { deb, NOW, newWorld, type RunResult, type TestWorld, upstream } from "../support/world.ts";

const calm = upstream().deb(deb("hello", "1.0")).source({ Package: "hello", Version: "1.0" });
const later = upstream().deb(deb("hello", "2.0")).source({ Package: "hello", Version: "2.0" }).at("2026-10-01T12:00:00Z");
const config = { publish: { compress: { gz: 1 }, "check-with-apt": true } };
const suites = { merged: { architectures: ["amd64", "source"] } };

/** A run whose apt says what the test wants. */
async function runWith(world: TestWorld, outcome: AptOutcome, dryRun = false): Promise<{ result: RunResult; orders: AptOrder[] }> {
  const orders: AptOrder[] = [];
  const update = async (order: AptOrder): Promise<AptOutcome> => {
    orders.push(order);
    return outcome;
  };
  return { result: await world.runIn((inner) => ({ ...inner, apt: { update } }), { dryRun, now: NOW }), orders };
}

test("check-with-apt: a tree that apt reads is published, signed and unsigned", async (t) => {
  if (!needs(t, "apt-get", "gpgv")) return;
  for (const sign of [[{ key: "signing-key.asc" }], []]) {
    const world = await newWorld(t, { base: calm }, { suites, config: { ...config, sign } });
    await assertPublished(world);
    assert.deepEqual(await world.packages(), ["hello 1.0"]);
  }
});

test("check-with-apt: what the real apt refuses is not published, and its words are told", async (t) => {
  if (!needs(t, "apt-get", "gpgv")) return;
  const world = await newWorld(t, { base: calm }, { suites, config });
  await assertPublished(world);
  await world.publish("base", later);
  // To apt, which has a clock of its own, this Release is not valid yet.
  const ahead = new Date(Date.now() + 3_600_000);
  const { problems } = await assertRefused(world, "APT_REFUSED", 7, { now: ahead });
  const [problem] = problems.filter(({ code }) => code === "APT_REFUSED");
  assert.match(
    problem?.message ?? "",
    /^Cannot publish suite "merged": apt-get update says of the staged tree: E: Release file .* is not valid yet/,
  );
  assert.equal(problem?.suite, "merged");
});

test("check-with-apt: when apt refuses, neither tree nor trust records move, no stage is left, and the next run publishes", async (t) => {
  const world = await newWorld(t, { base: calm }, { suites, config: { publish: { compress: { gz: 1 } } } });
  await assertPublished(world);
  await world.configure({ config });
  await world.publish("base", later);
  const [tree, trust] = [await world.tree({ inodes: true }), await snapshot(join(world.state, "trust"), true)];
  const { result, orders } = await runWith(world, { kind: "refused", words: "W: so it is not" });
  assert.deepEqual([result.exit, result.errors, result.report?.outcome], [7, ["APT_REFUSED"], "failed"]);
  assert.ok(result.problems.some(({ message }) => message.includes("W: so it is not")));
  assert.deepEqual([await world.tree({ inodes: true }), await snapshot(join(world.state, "trust"), true)], [tree, trust]);
  assert.deepEqual(await readdir(join(world.output, ".generations")), ["000001"]);
  assert.deepEqual(
    orders.map((order) => [order.suite, order.tree]),
    [["merged", join(world.output, ".generations/.new-000002")]],
  );
  const { result: next } = await runWith(world, { kind: "accepted" });
  assert.deepEqual([next.exit, next.report?.outcome], [0, "published"]);
});

test("check-with-apt: suites that keep their last state and dry runs are not asked about, nor is apt without the key", async (t) => {
  const world = await newWorld(
    t,
    { base: calm, other: calm },
    { suites: { one: { from: ["base/stable"] }, two: { from: ["other/stable"] } }, config },
  );
  const first = await runWith(world, { kind: "accepted" });
  assert.deepEqual(first.orders.map(({ suite }) => suite).sort(), ["one", "two"]);
  await world.publish("base", later);
  assert.deepEqual((await runWith(world, { kind: "accepted" }, true)).orders, []);
  assert.deepEqual(
    (await runWith(world, { kind: "accepted" })).orders.map(({ suite }) => suite),
    ["one"],
  );
  await world.configure({ config: { publish: { compress: { gz: 1 } } } });
  await world.publish("base", later.deb(deb("more")).at("2026-10-01T13:00:00Z"));
  const { result, orders } = await runWith(world, { kind: "refused", words: "" });
  assert.deepEqual([result.exit, orders], [0, []]);
});

test("check-with-apt: without apt a merge ends in 7 before a mirror is asked, and check says so", async (t) => {
  if (!needs(t, "flock")) return;
  const world = await newWorld(t, { base: calm }, { suites, config });
  const env = { PATH: await temporaryFolder() };
  for (const command of ["merge", "check"]) {
    const { status, stderr } = await world.cli([command], { env });
    assert.equal(status, 7, stderr);
    assert.match(stderr, /^aptmerge: error APT_MISSING: .*apt-get.*\n {2}hint: /m);
  }
  assert.equal(world.mirror("base").requests.length, 0);
});
