/** Several suites that end differently: each good one is published, the exit status is the gravest of the others. */
import assert from "node:assert/strict";
import test from "node:test";
import type { Archive } from "../support/archive.ts";
import { deadPort } from "../support/fault-server.ts";
import { deb, newWorld, upstream } from "../support/world.ts";

const calm = upstream().deb(deb("hello", "1.0"));
const later = upstream().deb(deb("hello", "2.0")).at("2026-10-01T12:00:00Z");
const PACKAGES = "dists/stable/main/binary-amd64/Packages";

/** Ways to fail by exit status, each a state of a mirror that was good before. */
const FAULTS: ReadonlyMap<number, Archive> = new Map([
  // Of no index that another mirror brings: bytes are known by their digest, and then nobody is asked for them.
  [
    4,
    upstream()
      .deb(deb("hello", "3.0"))
      .at("2026-10-01T12:00:00Z")
      .tamper(`${PACKAGES}.xz`, () => undefined),
  ],
  [5, later.validUntil("2026-10-01T13:00:00Z")],
  [6, upstream().deb("Package hello\n").at("2026-10-01T12:00:00Z")],
  [9, upstream().at("2026-10-01T12:00:00Z")],
]);

for (const [statuses, expected] of [
  [[4, 5, 6, 9], 5],
  [[4, 6, 9], 6],
  [[9, 4], 9],
  [[4], 4],
  [[6, 5], 5],
] as const) {
  test(`suites that fail with ${statuses.join(", ")} end in ${expected}, and the good one is published`, async (t) => {
    const names = statuses.map((status) => `fails-with-${status}`);
    const mirrors = Object.fromEntries([...names, "good"].map((name) => [name, calm]));
    const suites = Object.fromEntries(Object.keys(mirrors).map((name) => [name, { from: [`${name}/stable`] }]));
    const world = await newWorld(t, mirrors, { suites });
    assert.equal((await world.run()).exit, 0);
    for (const status of statuses) await world.publish(`fails-with-${status}`, FAULTS.get(status) ?? calm);
    await world.publish("good", later);
    const { exit, report } = await world.run();
    assert.deepEqual([exit, report?.exitCode, report?.outcome], [expected, expected, "partial"]);
    assert.deepEqual(
      report?.suites.map(({ outcome }) => outcome),
      [...names.map(() => "held"), "published"],
    );
    assert.deepEqual(await world.packages("good"), ["hello 2.0"]);
    for (const name of names) assert.deepEqual(await world.packages(name), ["hello 1.0"]);
    const { status, stderr } = await world.cli(["verify"]);
    assert.deepEqual([status, stderr], [0, ""]);
  });
}

test("suites that all fail publish no generation", async (t) => {
  const world = await newWorld(
    t,
    { one: calm, two: calm },
    { suites: { first: { from: ["one/stable"] }, second: { from: ["two/stable"] } } },
  );
  assert.equal((await world.run()).exit, 0);
  const before = await world.tree({ inodes: true });
  await world.publish("one", FAULTS.get(9) ?? calm);
  await world.publish("two", FAULTS.get(6) ?? calm);
  const { exit, report } = await world.run();
  assert.deepEqual([exit, report?.outcome, report?.generation], [6, "failed", 1]);
  assert.deepEqual(await world.tree({ inodes: true }), before);
});

test("a first run in which one suite fails publishes the other alone", async (t) => {
  const world = await newWorld(
    t,
    { one: calm, two: calm },
    { suites: { first: { from: ["one/stable"] }, second: { from: ["two/stable"] } } },
  );
  await world.configure({
    mirrors: { one: { url: `http://127.0.0.1:${await deadPort()}` } },
    suites: { first: { from: ["one/stable"] }, second: { from: ["two/stable"] } },
  });
  const { exit, report, problems } = await world.run();
  assert.deepEqual([exit, report?.outcome, report?.suites.map(({ outcome }) => outcome)], [4, "partial", ["failed", "published"]]);
  assert.match(problems.find(({ severity }) => severity === "error")?.hint ?? "", /"first" is not published yet/);
  assert.deepEqual(
    Object.keys(await world.tree()).filter((path) => /^\.generations\/000001\/dists\/[^/]+$/.test(path)),
    [".generations/000001/dists/second"],
  );
});

test("two suites of one mirror are read in one state", async (t) => {
  const world = await newWorld(t, { base: calm }, { suites: { one: {}, two: {} } });
  assert.equal((await world.run()).exit, 0);
  assert.deepEqual(world.mirror("base").requests.filter(({ path }) => path.endsWith("InRelease")).length, 1);
});
