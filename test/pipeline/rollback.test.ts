/** What merges do after a rollback: they leave it alone until something changes, and never let a mirror or a Date of ours go back. */
import assert from "node:assert/strict";
import { rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { deb, newWorld, type RunOptions, type RunResult, type TestWorld, upstream, type WorldOptions } from "../support/world.ts";

const hour = (number: number): string => new Date(Date.UTC(2026, 9, 2, number)).toISOString();
/** What the mirror has at an hour. */
const plan = (number: number) =>
  upstream()
    .deb(deb("hello", `${number}.0`))
    .at(hour(number));

/** Generations 1 to `count`, of hours 1 to `count`. */
async function worldOf(t: TestContext, count: number, options: WorldOptions = {}): Promise<TestWorld> {
  const world = await newWorld(t, { base: plan(1) }, options);
  for (let number = 1; number <= count; number++) {
    await world.publish("base", plan(number));
    await sound(world.run({ now: hour(number) }));
  }
  return world;
}

async function sound(running: Promise<RunResult>): Promise<RunResult> {
  const result = await running;
  assert.deepEqual([result.exit, result.errors], [0, []], JSON.stringify(result.problems));
  return result;
}

const merge = (world: TestWorld, number: number, more: RunOptions = {}): Promise<RunResult> =>
  sound(world.run({ now: hour(number), ...more }));
const codes = ({ problems }: RunResult): readonly string[] => problems.map(({ severity, code }) => `${severity} ${code}`);
const releaseField = async (world: TestWorld, name: string): Promise<number> =>
  Date.parse(new RegExp(`^${name}: (.*)$`, "m").exec(await world.read("dists/merged/Release"))?.[1] ?? "");

interface Inputs {
  readonly generation: number;
  readonly floors?: readonly { readonly mirror: string; readonly date: string }[];
  readonly suites: Readonly<Record<string, { readonly rolledBack?: object; readonly date: string }>>;
}
const inputs = async (world: TestWorld): Promise<Inputs> => JSON.parse(await world.read("inputs.json")) as Inputs;

test("after a rollback merges do nothing while the mirrors are as they were, and say how to go on", async (t) => {
  const world = await worldOf(t, 2);
  await sound(world.rollBack({ now: hour(3) }));
  const before = await world.tree({ inodes: true });
  for (const more of [{}, { suites: ["merged"] }, { settle: true }, { dryRun: true }]) {
    const result = await merge(world, 4, more);
    assert.deepEqual([codes(result), result.report?.outcome], [["info ROLLED_BACK"], "unchanged"]);
    const [told] = result.problems;
    assert.match(told?.message ?? "", /^Suite "merged" stays rolled back to generation 1: /);
    assert.match(told?.hint ?? "", /aptmerge merge --full merged$/);
  }
  // A Release that is only dated anew raises the floor and changes nothing.
  await world.publish("base", plan(2).at(hour(4)));
  assert.deepEqual(codes(await merge(world, 5)), ["info ROLLED_BACK"]);
  assert.match(await world.readState("trust/base/stable.json"), new RegExp(`"date": "${hour(4)}"`));
  assert.deepEqual(await world.tree({ inodes: true }), before);
});

test("a rollback stays also where an optional file cannot be read, which shows only when the suite is merged", async (t) => {
  const lying = (number: number) =>
    plan(number)
      .udeb(deb("hello-udeb", `${number}.0`))
      .editRelease((text) => text.replace(/^ \S+( +\d+ main\/debian-installer\/binary-amd64\/Packages)$/m, ` ${"0".repeat(64)}$1`));
  const world = await newWorld(t, { base: lying(1) });
  for (const number of [1, 2]) {
    await world.publish("base", lying(number));
    assert.deepEqual(codes(await merge(world, number)), ["warning INDEX_MISMATCH"]);
  }
  await sound(world.rollBack({ now: hour(3) }));
  const before = await world.tree({ inodes: true });
  assert.deepEqual(codes(await merge(world, 4)), ["info ROLLED_BACK"]);
  assert.deepEqual(await world.tree({ inodes: true }), before);
  assert.deepEqual(await world.packages(), ["hello 1.0"]);
});

test("a rollback stays when a file that its mirror lists, and could not be had, is there at last, and when one goes", async (t) => {
  const path = "dists/stable/main/debian-installer/binary-amd64/Packages.xz";
  const whole = (number: number) => plan(number).udeb(deb("hello-udeb", `${number}.0`));
  const lacking = (number: number) => whole(number).tamper(path, () => undefined);
  for (const [pushed, then] of [
    [lacking, whole],
    [whole, lacking],
  ] as const) {
    const world = await newWorld(t, { base: whole(1) });
    for (const [number, at] of [[1, whole] as const, [2, pushed] as const]) {
      await world.publish("base", at(number));
      await merge(world, number, { acceptShrink: true });
    }
    await sound(world.rollBack({ now: hour(3) }));
    const before = await world.tree({ inodes: true });
    for (const [number, at] of [[4, pushed] as const, [5, then] as const]) {
      await world.publish("base", at(2));
      assert.deepEqual(codes(await merge(world, number)), ["info ROLLED_BACK"]);
    }
    assert.deepEqual(await world.tree({ inodes: true }), before);
    await world.publish("base", whole(6));
    await merge(world, 6);
    assert.deepEqual(await world.packages(), ["hello 6.0"]);
  }
});

test("after a rollback merge --full goes on at once, and a merge as soon as the mirror, the config or an override changes", async (t) => {
  const goesOn = async (change: (world: TestWorld) => Promise<void>, more: RunOptions, packages: readonly string[]): Promise<void> => {
    const world = await worldOf(t, 2, { overrides: { "override.merged.main": "other optional misc\n" } });
    await sound(world.rollBack({ now: hour(3) }));
    await change(world);
    const result = await merge(world, 4, more);
    assert.ok(!codes(result).includes("info ROLLED_BACK"));
    assert.deepEqual(await world.packages(), packages);
    assert.equal((await inputs(world)).suites["merged"]?.rolledBack, undefined);
    assert.equal((await merge(world, 5)).report?.outcome, "unchanged");
  };
  await goesOn(async () => {}, { full: true }, ["hello 2.0"]);
  await goesOn((world) => world.publish("base", plan(3)), {}, ["hello 3.0"]);
  await goesOn((world) => writeFile(join(world.folder, "indices/override.merged.main"), "hello optional misc\n"), {}, ["hello 2.0"]);
  await goesOn((world) => world.configure({ suites: { merged: { aliases: ["stable"] } } }), {}, ["hello 2.0"]);
});

test("the Date only goes up over merges and rollbacks, also when the clock went back", async (t) => {
  const world = await worldOf(t, 2);
  const dates = [await releaseField(world, "Date")];
  const step = async (work: () => Promise<unknown>): Promise<void> => {
    await work();
    dates.push(await releaseField(world, "Date"));
  };
  await step(() => sound(world.rollBack({ now: hour(1) })));
  await step(() => merge(world, 2, { full: true }));
  await step(() => sound(world.rollBack({ now: hour(2), generation: 1 })));
  await step(() => sound(world.rollBack({ now: hour(2), generation: 2 })));
  await world.publish("base", plan(3));
  await step(() => merge(world, 3));
  assert.deepEqual(
    dates.map((date) => (date - Date.parse(hour(2))) / 1000),
    [0, 1, 2, 3, 4, 3600],
  );
});

test("no floor is lost by a rollback: not with STATE, not without it, not by what is merged afterwards", async (t) => {
  const world = await worldOf(t, 3);
  await sound(world.rollBack({ now: hour(4), generation: 1 }));
  const older = async (number: number): Promise<void> => {
    await world.publish("base", plan(2));
    const before = await world.tree({ inodes: true });
    const result = await world.run({ now: hour(number) });
    assert.deepEqual([result.exit, result.errors], [5, ["RELEASE_ROLLBACK"]]);
    assert.deepEqual(await world.tree({ inodes: true }), before);
  };
  await older(5);
  await rm(world.state, { recursive: true });
  await older(6);
  // Another rollback and a renewal carry it on.
  await sound(world.rollBack({ now: hour(7), generation: 2 }));
  await rm(world.state, { recursive: true });
  await world.publish("base", plan(1));
  assert.deepEqual((await world.run({ now: hour(8) })).errors, ["RELEASE_ROLLBACK"]);
  assert.deepEqual(
    (await inputs(world)).floors?.map(({ date }) => date.slice(0, 13)),
    [hour(3).slice(0, 13)],
  );
  await world.publish("base", plan(9));
  await merge(world, 9);
  assert.equal((await inputs(world)).floors, undefined, "what is published is newer");
});

test("an older Release that is accepted once is accepted for good, also when it is what was rolled back to", async (t) => {
  const world = await worldOf(t, 2);
  await sound(world.rollBack({ now: hour(3) }));
  await world.publish("base", plan(1));
  await merge(world, 4, { acceptOlder: new Set(["base/stable"]) });
  for (const lose of [false, true]) {
    if (lose) await rm(world.state, { recursive: true });
    assert.equal((await merge(world, 5)).report?.outcome, "unchanged");
  }
  assert.deepEqual(await world.packages(), ["hello 1.0"]);
});

test("an --accept-older of which nothing was accepted lowers no floor", async (t) => {
  const second = (number: number) =>
    upstream()
      .deb(deb("more", `${number}.0`))
      .at(hour(number));
  const suites = { merged: { from: ["base/stable"] }, others: { from: ["other/stable"] } };
  const world = await newWorld(t, { base: plan(1), other: second(1) }, { suites });
  for (const number of [1, 2]) {
    await world.publish("base", plan(number));
    await merge(world, number);
  }
  await sound(world.rollBack({ now: hour(3) }));
  const ofBase = async () => (await inputs(world)).floors?.filter(({ mirror }) => mirror === "base");
  const floors = await ofBase();
  assert.equal(floors?.length, 1);
  // The older Release comes without its index, while the other suite is published.
  const lacking = plan(1).at(new Date(Date.parse(hour(1)) + 60_000).toISOString());
  await world.publish(
    "base",
    lacking.tamper("dists/stable/main/binary-amd64/Packages.xz", () => undefined),
  );
  await world.publish("other", second(4));
  const result = await world.run({ now: hour(5), acceptOlder: new Set(["base/stable"]) });
  assert.deepEqual([result.errors, await world.packages("others")], [["INDEX_ABSENT"], ["more 4.0"]]);
  assert.deepEqual(await ofBase(), floors);
});

test("what was accepted although it was older stays accepted when its merge is rolled back", async (t) => {
  const world = await newWorld(t, { base: plan(5) });
  await merge(world, 6);
  await world.publish("base", plan(3));
  await merge(world, 7, { acceptOlder: new Set(["base/stable"]) });
  await sound(world.rollBack({ now: hour(8) }));
  assert.deepEqual(await world.packages(), ["hello 5.0"]);
  for (const lose of [false, true]) {
    if (lose) await rm(world.state, { recursive: true });
    assert.deepEqual(codes(await merge(world, 9)), ["info ROLLED_BACK"]);
  }
  await world.publish("base", plan(4));
  await merge(world, 10);
  assert.deepEqual(await world.packages(), ["hello 4.0"]);
});

test("what was refused by an earlier rollback stays refused over a later one", async (t) => {
  const world = await worldOf(t, 2);
  await sound(world.rollBack({ now: hour(3) }));
  await world.publish("base", plan(4));
  await merge(world, 5);
  await sound(world.rollBack({ now: hour(6), generation: 3 }));
  // The mirror goes on with what it had at first, under a later Date.
  await world.publish("base", plan(2).at(hour(7)));
  assert.deepEqual(codes(await merge(world, 8)), ["info ROLLED_BACK"]);
  assert.deepEqual(await world.packages(), ["hello 1.0"]);
});

test("an older Release of the state that was rolled back from is accepted for good, and stays rolled back", async (t) => {
  const world = await worldOf(t, 2);
  await sound(world.rollBack({ now: hour(3) }));
  await world.publish("base", plan(2).at(new Date(Date.parse(hour(1)) + 60_000).toISOString()));
  assert.deepEqual(codes(await merge(world, 4, { acceptOlder: new Set(["base/stable"]) })), ["info ROLLED_BACK"]);
  for (const number of [5, 6]) assert.deepEqual(codes(await merge(world, number)), ["info ROLLED_BACK"]);
  assert.deepEqual(await world.packages(), ["hello 1.0"]);
});

test("an older Release with the same indices that is accepted once is accepted for good", async (t) => {
  const world = await worldOf(t, 2);
  await world.publish("base", plan(2).at(hour(1)));
  await merge(world, 3, { acceptOlder: new Set(["base/stable"]) });
  assert.equal((await merge(world, 4)).report?.outcome, "unchanged");
});

test("Valid-Until of what was rolled back to is renewed in time, by the config of today", async (t) => {
  const suites = { merged: { "valid-for": "10h" }, other: {} };
  const world = await worldOf(t, 2, { suites });
  await sound(world.rollBack({ now: hour(3) }));
  assert.equal(await releaseField(world, "Valid-Until"), Date.parse(hour(13)));
  await merge(world, 7);
  assert.equal(await releaseField(world, "Date"), Date.parse(hour(3)));
  assert.equal((await merge(world, 8, { dryRun: true })).report?.outcome, "would-publish");
  assert.equal((await merge(world, 8)).report?.outcome, "published");
  assert.deepEqual(
    await Promise.all(["Date", "Valid-Until"].map((name) => releaseField(world, name))),
    [hour(8), hour(18)].map(Date.parse),
  );
  assert.deepEqual([await world.packages(), await world.packages("other")], [["hello 1.0"], ["hello 1.0"]]);
  assert.deepEqual(codes(await merge(world, 9)), ["info ROLLED_BACK", "info ROLLED_BACK"]);
  assert.equal((await inputs(world)).floors?.length, 1);
  // What it is renewed from was damaged: it keeps its state, and the run says so.
  await rm(join(world.output, "dists/merged/main/binary-amd64/Packages.gz"));
  const result = await world.run({ now: hour(14) });
  assert.deepEqual([result.exit, result.errors, await releaseField(world, "Date")], [5, ["TREE_UNSOUND"], Date.parse(hour(8))]);
});

test("suites: what the old generation has and the config names goes back; nothing else comes, goes or changes", async (t) => {
  const world = await worldOf(t, 1, { suites: { merged: {}, gone: {} } });
  await world.configure({ suites: { merged: {}, newer: {} } });
  await world.publish("base", plan(2));
  await merge(world, 2);
  await sound(world.rollBack({ now: hour(3) }));
  const tree = await world.tree();
  assert.deepEqual(
    Object.keys(tree).filter((path) => /^\.generations\/000003\/dists\/[^/]+$/.test(path)),
    [".generations/000003/dists/merged", ".generations/000003/dists/newer"],
  );
  assert.deepEqual([await world.packages(), await world.packages("newer")], [["hello 1.0"], ["hello 2.0"]]);
  // A suite of the live generation that the config has just given up stays until a merge takes it away.
  await world.configure({ suites: { merged: {} } });
  await sound(world.rollBack({ now: hour(4), generation: 2 }));
  assert.deepEqual([await world.packages(), await world.packages("newer")], [["hello 2.0"], ["hello 2.0"]]);
  await world.configure({ suites: { another: {} } });
  const refused = await world.rollBack({ now: hour(5), generation: 1 });
  assert.deepEqual([refused.exit, refused.errors], [2, ["USAGE"]]);
  assert.match(refused.problems[0]?.message ?? "", /it has "gone", "merged", the config names "another", it must have one of them$/);
});

test("overrides and bans beside the tree are those of what is published", async (t) => {
  const options = (name: string): WorldOptions => ({
    config: { publish: { compress: { gz: 1 }, "ban-report": true }, policy: { ban: [{ package: name }], "max-shrink": "100%" } },
  });
  const many = upstream().debs(["first", "second", "third"].map((name) => deb(name)));
  const world = await newWorld(t, { base: many }, { ...options("first"), overrides: { "override.merged.main": "third optional one\n" } });
  await merge(world, 1);
  await world.configure(options("second"));
  await rm(join(world.folder, "indices/override.merged.main"));
  await merge(world, 2);
  await sound(world.rollBack({ now: hour(3) }));
  assert.deepEqual(await world.packages(), ["second 1.0", "third 1.0"]);
  assert.equal(await world.read("indices/override.merged.main"), "third optional one\n");
  const banned = Object.values(
    (JSON.parse(await world.read("bans.json")) as { suites: Record<string, { package: string }[]> }).suites,
  ).flat();
  assert.deepEqual(
    banned.map((one) => one.package),
    ["first"],
  );
});
