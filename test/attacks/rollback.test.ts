/** Content never goes back: the floor of every mirror, where it is kept, and what may lower it. */
import assert from "node:assert/strict";
import { readdir, readFile, rm, truncate, writeFile } from "node:fs/promises";
import { join } from "node:path";
import test from "node:test";
import { assertPublished, assertRefused, assertUnchanged, errorOf } from "../support/refused.ts";
import { deb, newWorld, type TestWorld, upstream } from "../support/world.ts";

const old = upstream().deb(deb("hello", "1.0")).at("2026-10-01T00:00:00Z");
const recent = upstream().deb(deb("hello", "2.0")).at("2026-10-01T12:00:00Z");
const trustOf = (world: TestWorld): string => join(world.state, "trust/base/stable.json");

test("S18: an older Release is refused after a newer one was accepted", async (t) => {
  const world = await newWorld(t, { base: recent });
  await assertPublished(world);
  await world.publish("base", old);
  const { problems } = await assertRefused(world, "RELEASE_ROLLBACK", 5);
  assert.match(problems[0]?.message ?? "", /2026-10-01T00:00:00.*2026-10-01T12:00:00/);
});

test("S18: an older Release is refused with --full, and by name", async (t) => {
  const world = await newWorld(t, { base: recent });
  await assertPublished(world);
  await world.publish("base", old);
  await assertRefused(world, "RELEASE_ROLLBACK", 5, { full: true });
  await assertRefused(world, "RELEASE_ROLLBACK", 5, { suites: ["merged"] });
});

test("S19: another text under the same Date is refused, with both digests", async (t) => {
  const world = await newWorld(t, { base: recent });
  await assertPublished(world);
  await world.publish("base", recent.deb(deb("evil")));
  const { line, mirror, suite } = errorOf(await assertRefused(world, "RELEASE_EQUIVOCAL", 5));
  assert.deepEqual([mirror, suite], ["base", "stable"]);
  assert.match(line, /its SHA256 is [0-9a-f]{64}, that one's was [0-9a-f]{64}, one Date must mean one text/);
});

test("S20: a Release from the future that was refused locks out nobody", async (t) => {
  const world = await newWorld(t, { base: old });
  await assertPublished(world);
  await world.publish("base", recent.at("2036-10-01").signing({ at: new Date("2026-10-01T12:00:00Z") }));
  await assertRefused(world, "RELEASE_FROM_FUTURE", 5);
  // Up to ten minutes ahead are a matter of clocks.
  await world.publish("base", recent.at("2026-10-02T00:10:00Z").signing({ at: new Date("2026-10-01T12:00:00Z") }));
  await assertPublished(world);
});

test("--accept-older takes an older Release once, and the floor is then its Date", async (t) => {
  const world = await newWorld(t, { base: recent });
  await assertPublished(world);
  await world.publish("base", old);
  await assertRefused(world, "RELEASE_ROLLBACK", 5);
  await assertRefused(world, "USAGE", 2, { acceptOlder: new Set(["base/testing"]) });
  await assertPublished(world, { acceptOlder: new Set(["base/stable"]) });
  assert.deepEqual(await world.packages(), ["hello 1.0"]);
  await assertUnchanged(world);
  await world.publish("base", recent);
  await assertPublished(world);
});

test("S18: without STATE the floor is read back from the published tree", async (t) => {
  const world = await newWorld(t, { base: recent });
  await assertPublished(world);
  await rm(world.state, { recursive: true });
  await world.publish("base", old);
  await assertRefused(world, "RELEASE_ROLLBACK", 5);
  await world.publish("base", recent.deb(deb("evil")));
  await assertRefused(world, "RELEASE_EQUIVOCAL", 5);
  await world.publish("base", recent);
  await assertUnchanged(world);
  await world.publish("base", old);
  await assertRefused(world, "RELEASE_ROLLBACK", 5);
});

test("without STATE and with an empty OUTPUT there is nothing to go by", async (t) => {
  const world = await newWorld(t, { base: recent });
  await assertPublished(world);
  await rm(world.state, { recursive: true });
  await rm(world.output, { recursive: true });
  await world.publish("base", old);
  await assertPublished(world);
});

for (const [name, damage] of [
  ["cut off", (path: string) => truncate(path, 40)],
  ["emptied", (path: string) => truncate(path, 0)],
  ["a number", (path: string) => writeFile(path, "5")],
  ["null", (path: string) => writeFile(path, "null")],
  ["with another Date", async (path: string) => writeFile(path, (await readFile(path, "utf8")).replace("2026-10-01", "2020-10-01"))],
  ["of a later version", async (path: string) => writeFile(path, (await readFile(path, "utf8")).replace("trust/1", "trust/2"))],
] as const) {
  test(`a trust record that is ${name} stops its suite`, async (t) => {
    const world = await newWorld(t, { base: recent });
    await assertPublished(world);
    await damage(trustOf(world));
    await world.publish("base", old);
    await assertRefused(world, "TRUST_DAMAGED", 5);
    // Nor does on-failure help: it is for mirrors.
    await world.configure({ mirrors: { base: { "on-failure": "cached" } } });
    await assertRefused(world, "TRUST_DAMAGED", 5);
  });

  test(`a published inputs.json that is ${name} stops the run`, async (t) => {
    const world = await newWorld(t, { base: recent });
    await assertPublished(world);
    const path = join(world.output, "current/inputs.json");
    await damage(path);
    if (name === "of a later version") await writeFile(path, (await readFile(path, "utf8")).replace("inputs/1", "inputs/2"));
    if (name === "with another Date") return;
    await rm(world.state, { recursive: true });
    await world.publish("base", old);
    await assertRefused(world, "TRUST_DAMAGED", 5);
  });
}

test("a published inputs.json that is gone stops the run, and the tree stays", async (t) => {
  const world = await newWorld(t, { base: recent });
  await assertPublished(world);
  await rm(join(world.output, "current/inputs.json"));
  await assertRefused(world, "TRUST_DAMAGED", 5);
  await rm(world.state, { recursive: true });
  await world.publish("base", old);
  await assertRefused(world, "TRUST_DAMAGED", 5);
});

test("a Release upstream that is only re-dated moves no byte, but the floor rises", async (t) => {
  const world = await newWorld(t, { base: old });
  await assertPublished(world);
  await world.publish("base", old.at("2026-10-01T18:00:00Z"));
  await assertUnchanged(world);
  await world.publish("base", old.at("2026-10-01T17:59:59Z"));
  await assertRefused(world, "RELEASE_ROLLBACK", 5);
});

test("S20: a Release that was refused for its indices does not raise the floor", async (t) => {
  const world = await newWorld(t, { base: old });
  await assertPublished(world);
  await world.publish(
    "base",
    recent.tamper("dists/stable/main/binary-amd64/Packages.xz", () => "broken"),
  );
  await assertRefused(world, "INDEX_MISMATCH", 5);
  // An honest mirror that is behind the broken one is still good.
  await world.publish("base", old.deb(deb("more")).at("2026-10-01T06:00:00Z"));
  await assertPublished(world);
});

test("a floor that one suite raised in a run is not lowered by another suite of the run", async (t) => {
  // The first suite wants a file that is gone: it asks for the Release again, and the mirror has moved on meanwhile.
  const suites = { first: { architectures: ["amd64", "source"] }, second: {} };
  const world = await newWorld(t, { base: old }, { suites });
  const mirror = world.mirror("base");
  const release = "dists/stable/InRelease";
  const before = await old
    .source({ Package: "hello", Version: "1.0" })
    .byHash()
    .tamper("dists/stable/main/source/Sources.xz", () => undefined)
    .build();
  for (const path of before.keys()) if (path.includes("source/by-hash")) before.delete(path);
  const after = await recent.byHash().build();
  mirror.tree = new Map([...after, ...before]);
  mirror.onRequest = ({ path }) => {
    if (path.endsWith("Sources.xz")) mirror.tree.set(release, after.get(release) ?? Buffer.of());
  };
  const { exit } = await world.run();
  assert.deepEqual([exit, await world.packages("first"), await world.packages("second")], [0, ["hello 2.0"], ["hello 1.0"]]);
  assert.equal(JSON.parse(await readFile(trustOf(world), "utf8")).date, "2026-10-01T12:00:00.000Z");
  await world.publish("base", old.at("2026-10-01T06:00:00Z"));
  const { errors } = await world.run();
  assert.deepEqual([...new Set(errors)], ["RELEASE_ROLLBACK"]);
});

test("the trust record names no file outside of the trust folder", async (t) => {
  const world = await newWorld(
    t,
    { base: upstream({ suite: "stable/updates", codename: "stable" }).deb(deb("hello")) },
    { suites: { merged: { from: ["base/stable/updates"] } } },
  );
  await assertPublished(world);
  assert.deepEqual(await readdir(join(world.state, "trust/base")), ["stable%2Fupdates.json"]);
});
