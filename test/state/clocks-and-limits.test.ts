/** Clocks that are wrong, folders that may not be written, and what many runs leave. */
import assert from "node:assert/strict";
import { execFileSync, spawnSync } from "node:child_process";
import { chmod, readdir } from "node:fs/promises";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { needs, without } from "../support/needs.ts";
import { assertPublished, assertRefused } from "../support/refused.ts";
import { deb, newWorld, RECENTLY, upstream } from "../support/world.ts";

const version = (number: number) =>
  upstream()
    .debs([deb("calm"), deb("hello", `${number}.0`)])
    .at(new Date(Date.UTC(2026, 9, 1, 0, number)));

test("C06: a clock that is a year back refuses news as signed in the future, keeps the tree, and the next right clock goes on", async (t) => {
  const world = await newWorld(t, { base: version(1) });
  await assertPublished(world);
  const floor = await world.readState("trust/base/stable.json");
  await world.publish("base", version(2));
  const { problems } = await assertRefused(world, "SIGNATURE_UNTRUSTED", 5, { now: "2025-10-02T00:00:00Z" });
  assert.match(problems[0]?.message ?? "", /which is in the future/);
  assert.equal(await world.readState("trust/base/stable.json"), floor);
  await assertPublished(world, { now: "2026-10-02T01:00:00Z" });
});

test("C07: a clock that is ten years ahead finds all expired, raises no floor, and the next right clock goes on", async (t) => {
  const world = await newWorld(t, { base: version(1).validUntil("2026-10-09") });
  await assertPublished(world);
  const floor = await world.readState("trust/base/stable.json");
  await world.publish("base", version(2).validUntil("2026-10-09"));
  await assertRefused(world, "RELEASE_EXPIRED", 5, { now: "2036-10-02T00:00:00Z" });
  assert.equal(await world.readState("trust/base/stable.json"), floor);
  await assertPublished(world, { now: "2026-10-02T01:00:00Z" });
  assert.match(await world.read("dists/merged/Release"), /^Date: .* 2026 /m);
});

/** Runs as somebody who may do nothing that the modes do not allow. */
const AS_NOBODY = ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups"];

function canBeNobody(t: TestContext): boolean {
  if (process.getuid?.() !== 0) return true;
  if (!needs(t, "setpriv")) return false;
  const [program = "", ...args] = AS_NOBODY;
  const reads = spawnSync(program, [...args, process.execPath, join(import.meta.dirname, "../../bin/aptmerge.ts"), "--version"]);
  return reads.status === 0 || without(t, "another user may not read this checkout");
}

for (const [folder, code] of [
  ["output", "OUTPUT_UNUSABLE"],
  ["state", "OUTPUT_UNUSABLE"],
] as const) {
  test(`C10: a folder ${folder} that may not be written ends in 7 before anything is fetched`, async (t) => {
    if (!canBeNobody(t)) return;
    const world = await newWorld(t, { base: version(1).at(RECENTLY) });
    await assertPublished(world, { now: new Date() });
    const root = process.getuid?.() === 0;
    if (root) execFileSync("chown", ["-R", "65534:65534", world.folder]);
    await chmod(join(world.folder, folder), 0o555);
    await world.publish("base", version(2).at(new Date(RECENTLY.getTime() + 60_000)));
    const asked = world.mirror("base").requests.length;
    const before = await world.tree({ inodes: true });
    const { status, stderr } = await world.cli(["merge"], root ? { wrapper: AS_NOBODY } : {});
    await chmod(join(world.folder, folder), 0o755);
    assert.equal(status, 7, stderr);
    assert.match(stderr, new RegExp(`^aptmerge: error ${code}: Cannot write into ".*/${folder}": permission is denied \\(EACCES\\)$`, "m"));
    assert.equal(world.mirror("base").requests.length, asked);
    assert.deepEqual(await world.tree({ inodes: true }), before);
  });
}

test("C12: sixty runs with news leave no more than thirty did", async (t) => {
  const publish = { compress: { gz: 1 }, generations: 3, "by-hash": { keep: "1h" }, pdiffs: { keep: 4 } };
  const world = await newWorld(t, { base: version(1) }, { config: { publish } });
  // Empty folders of the store stay, 256 at most.
  const count = async (folder: string): Promise<number> =>
    (await readdir(folder, { recursive: true, withFileTypes: true })).filter((entry) => !entry.isDirectory()).length;
  let settled: readonly number[] = [];
  for (let number = 1; number <= 60; number++) {
    await world.publish("base", version(number));
    await assertPublished(world, { now: new Date(Date.UTC(2026, 9, 2, 0, 20 * number)) });
    if (number === 30) settled = [await count(world.output), (await count(world.state)) - (await count(join(world.state, "runs")))];
  }
  assert.deepEqual([await count(world.output), (await count(world.state)) - (await count(join(world.state, "runs")))], settled);
});
