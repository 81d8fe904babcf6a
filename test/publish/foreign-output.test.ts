/** What stands in OUTPUT and is not ours is never written over, and found before a mirror is asked. */
import assert from "node:assert/strict";
import { mkdir, rm, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import test from "node:test";
import { assertPublished, assertRefused } from "../support/refused.ts";
import { deb, newWorld, upstream } from "../support/world.ts";

const calm = upstream().deb(deb("hello"));

for (const [name, make] of [
  ["a folder dists of another tool", (output: string) => mkdir(join(output, "dists/stable"), { recursive: true })],
  ["a folder current", (output: string) => mkdir(join(output, "current"), { recursive: true })],
  ["a file current", (output: string) => writeFile(join(output, "current"), "mine")],
  ["a link current that leads elsewhere", (output: string) => symlink("/srv/other", join(output, "current"))],
  ["a link current that leads up", (output: string) => symlink(".generations/../../other", join(output, "current"))],
] as const) {
  test(`${name} ends the run with 7 before anything is fetched`, async (t) => {
    const world = await newWorld(t, { base: calm });
    await mkdir(world.output);
    await make(world.output);
    await assertRefused(world, "OUTPUT_UNUSABLE", 7);
    assert.equal(world.mirror("base").requests.length, 0);
  });
}

test("a live generation that is gone is told, not replaced", async (t) => {
  const world = await newWorld(t, { base: calm });
  await assertPublished(world);
  await rm(join(world.output, ".generations/000001"), { recursive: true });
  const { exit, errors } = await world.run();
  assert.deepEqual([exit, errors], [5, ["TRUST_DAMAGED"]]);
});

test("an output folder that is a file is told", async (t) => {
  const world = await newWorld(t, { base: calm });
  await writeFile(world.output, "a file");
  const { exit, errors } = await world.run();
  assert.deepEqual([exit, errors], [7, ["OUTPUT_UNUSABLE"]]);
  assert.equal(world.mirror("base").requests.length, 0);
});

test("other files beside the tree are left alone", async (t) => {
  const world = await newWorld(t, { base: calm });
  await mkdir(join(world.output, "pool"), { recursive: true });
  await writeFile(join(world.output, "index.html"), "hello");
  await assertPublished(world);
  const tree = await world.tree();
  assert.ok(tree["index.html"]?.startsWith("file") && tree["pool"]?.startsWith("folder"));
});
