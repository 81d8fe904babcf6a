/** Published patches, judged by apt's own program. */
import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { TestContext } from "node:test";
import { gunzipSync } from "node:zlib";
import { sha256Of } from "../../lib/archive/digests.ts";
import { type PdiffIndex, parsePdiffIndex } from "../../lib/pdiff/index-file.ts";
import { run } from "./child.ts";
import { without } from "./needs.ts";
import { temporaryFolder } from "./temporary.ts";
import type { TestWorld } from "./world.ts";

const RRED = "/usr/lib/apt/methods/rred";

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

export function needsRred(t: TestContext): boolean {
  return existsSync(RRED) || without(t, "apt's program rred is not there");
}

/** The list of patches of an index of suite "merged". */
export async function patchList(world: TestWorld, path: string): Promise<PdiffIndex> {
  const bytes = Buffer.from(await world.read(`dists/merged/${path}.diff/Index`));
  return parsePdiffIndex(bytes, { mirror: "ours", suite: "merged", file: path });
}

/**
 * Every listed patch leads from its state to the newest, says apt.
 *
 * @param states of the index that were published, the newest last
 * @returns how many there are
 */
export async function provePatches(world: TestWorld, states: readonly Buffer[], path: string): Promise<number> {
  const { current, patches, merged } = await patchList(world, path);
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
