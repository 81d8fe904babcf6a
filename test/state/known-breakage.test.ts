/** What could not be installed from the last generation is found once, and believed for those indices alone. */
import assert from "node:assert/strict";
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import test from "node:test";
import { readBreakageRecord, writeBreakageRecord } from "../support/breakage-record.ts";
import { assertPublished } from "../support/refused.ts";
import { deb, newWorld, type TestWorld, upstream } from "../support/world.ts";

const first = upstream()
  .deb(deb("a", "1"))
  .deb({ ...deb("old-broken", "1"), Depends: "gone" });
const PATH = "cache/breakage/merged/amd64.json";

/** A world of two generations, the second of which knows what is broken in it. */
async function known(t: Parameters<typeof newWorld>[0]): Promise<TestWorld> {
  const world = await newWorld(t, { base: first });
  await assertPublished(world);
  await world.publish("base", first.deb(deb("b", "1")).at("2026-10-01T06:00:00Z"));
  await assertPublished(world);
  return world;
}

const third = first
  .deb(deb("b", "1"))
  .deb({ ...deb("new-broken", "1"), Depends: "gone" })
  .at("2026-10-01T12:00:00Z");

test("breakage: kept with the digests of the indices, and used for them", async (t) => {
  const world = await known(t);
  const record = await readBreakageRecord(world);
  assert.deepEqual(record.names, ["old-broken"]);
  await writeBreakageRecord(world, JSON.stringify({ ...record, names: ["old-broken", "new-broken"] }));
  await world.publish("base", third);
  // Believed: the record says that it was broken before.
  await assertPublished(world);
});

for (const [what, change] of [
  [
    "of other indices",
    (record: object) =>
      JSON.stringify({ ...record, indices: { "main/binary-amd64/Packages": "0".repeat(64) }, names: ["old-broken", "new-broken"] }),
  ],
  ["that is damaged", () => "{"],
  [
    "without what is partly broken",
    (record: object) => JSON.stringify({ ...record, names: ["old-broken", "new-broken"], partly: undefined }),
  ],
  ["with other things than names", (record: object) => JSON.stringify({ ...record, names: ["old-broken", "new-broken", 1] })],
  ["of another schema", (record: object) => JSON.stringify({ ...record, schema: "aptmerge.breakage/9", names: ["new-broken"] })],
] as const) {
  test(`breakage: a record ${what} is not believed, and found anew`, async (t) => {
    const world = await known(t);
    await writeBreakageRecord(world, change(await readBreakageRecord(world)));
    await world.publish("base", third);
    const { exit, report } = await world.run();
    assert.equal(exit, 9);
    assert.deepEqual(
      report?.suites[0]?.uninstallable.map(({ package: name }) => name),
      ["new-broken"],
    );
  });
}

test("breakage: a run with --full finds it anew", async (t) => {
  const world = await known(t);
  const record = await readBreakageRecord(world);
  await writeBreakageRecord(world, JSON.stringify({ ...record, names: ["old-broken", "new-broken"] }));
  await world.publish("base", third);
  assert.equal((await world.run({ full: true })).exit, 9);
});

test("breakage: a run that is held or dry changes no record", async (t) => {
  const world = await known(t);
  const before = await world.readState(PATH);
  await world.publish("base", third);
  assert.equal((await world.run({ dryRun: true })).exit, 9);
  assert.equal((await world.run()).exit, 9);
  assert.equal(await world.readState(PATH), before);
});

test("breakage: a record in which a byte is another is found anew", async (t) => {
  const world = await known(t);
  const bytes = await readFile(join(world.state, PATH));
  await writeFile(join(world.state, PATH), bytes.toString("latin1").replace("old-broken", "new-broken"), "latin1");
  const broken = { ...deb("new-broken", "1"), Depends: "gone" };
  await world.publish("base", upstream().deb(deb("a", "1")).deb(deb("b", "1")).deb(broken).at("2026-10-01T12:00:00Z"));
  assert.equal((await world.run()).exit, 9);
});
