/** Patches that lead from earlier states of a published index to the newest, judged by apt's own program. */
import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { gunzipSync } from "node:zlib";
import { sha256Of } from "../../lib/archive/digests.ts";
import { parsePdiffIndex } from "../../lib/pdiff/index-file.ts";
import type { Archive } from "../support/archive.ts";
import { run } from "../support/child.ts";
import { without } from "../support/needs.ts";
import { temporaryFolder } from "../support/temporary.ts";
import { deb, newWorld, type TestWorld, upstream } from "../support/world.ts";

const RRED = "/usr/lib/apt/methods/rred";
const PACKAGES = "main/binary-amd64/Packages";

/** What apt makes of an index and a patch. */
async function byApt(old: Buffer, patch: Buffer): Promise<Buffer> {
  const folder = await temporaryFolder();
  const at = (name: string): string => join(folder, name);
  await writeFile(at("old"), old);
  await writeFile(at("patch"), patch);
  const { rc, stderr } = await run("env", [RRED, "-t", at("old"), at("new"), at("patch")]);
  assert.equal(rc, 0, stderr.toString());
  return readFile(at("new"));
}

function needsRred(t: TestContext): boolean {
  if (existsSync(RRED)) return true;
  without(t, "apt's program rred");
  return false;
}

/** Many packages, so that a patch is smaller than the index. */
const many = (count: number, version: (position: number) => string): Archive =>
  upstream().debs(Array.from({ length: count }, (_, position) => deb(`package-${String(position).padStart(4, "0")}`, version(position))));

async function listOf(world: TestWorld, path = PACKAGES) {
  const bytes = Buffer.from(await world.read(`dists/merged/${path}.diff/Index`));
  return parsePdiffIndex(bytes, { mirror: "ours", suite: "merged", file: path });
}

/** Every listed patch leads from its state to the newest, says apt. */
async function provePatches(world: TestWorld, states: readonly Buffer[], path = PACKAGES): Promise<number> {
  const { current, patches, merged } = await listOf(world, path);
  const newest = states.at(-1);
  assert.ok(newest !== undefined && merged);
  assert.deepEqual(current, { sha256: sha256Of(newest), bytes: newest.length });
  for (const { name, from, patch, download } of patches) {
    const old = states.find((state) => sha256Of(state) === from.sha256);
    assert.ok(old !== undefined, `${name} starts from a state that never was`);
    assert.equal(old.length, from.bytes);
    const gz = await readFile(join(world.output, "dists/merged", `${path}.diff/${name}.gz`));
    assert.deepEqual({ sha256: sha256Of(gz), bytes: gz.length }, download);
    const plain = gunzipSync(gz);
    assert.deepEqual({ sha256: sha256Of(plain), bytes: plain.length }, patch);
    assert.deepEqual(await byApt(old, plain), newest, name);
  }
  return patches.length;
}

test("patches: each generation adds one, all lead to the newest, and a state that is the newest needs none", async (t) => {
  if (!needsRred(t)) return;
  const world = await newWorld(t, { base: many(400, () => "1") });
  const states: Buffer[] = [];
  for (let generation = 1; generation <= 4; generation++) {
    const day = `2026-10-0${generation + 1}`;
    await world.publish("base", many(400 + generation, (position) => (position % 97 === generation ? "2" : "1")).at(day));
    const { exit, problems } = await world.run({ now: `${day}T12:00:00Z` });
    assert.equal(exit, 0, JSON.stringify(problems));
    states.push(Buffer.from(await world.text(PACKAGES), "latin1"));
    if (generation === 1)
      assert.equal(existsSync(join(world.output, `dists/merged/${PACKAGES}.diff`)), false, "there is nothing to patch yet");
    else assert.equal(await provePatches(world, states), generation - 1);
  }
  assert.deepEqual(
    (await listOf(world)).patches.map(({ name }) => name),
    ["02", "03", "04"].map((day) => `T-2026-10-05-1200.00-F-2026-10-${day}-1200.00`),
  );
});
