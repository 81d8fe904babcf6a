/** Patches that lead from earlier states of a published index to the newest, judged by apt's own program. */
import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { readdir, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import type { Archive } from "../support/archive.ts";
import { run } from "../support/child.ts";
import { needs } from "../support/needs.ts";
import { needsRred, patchList, provePatches } from "../support/patches-by-apt.ts";
import { deb, newWorld, type TestWorld, upstream } from "../support/world.ts";

const PACKAGES = "main/binary-amd64/Packages";

/** Many packages, so that a patch is smaller than the index. */
const many = (count: number, version: (position: number) => string): Archive =>
  upstream().debs(Array.from({ length: count }, (_, position) => deb(`package-${String(position).padStart(4, "0")}`, version(position))));

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
    else assert.equal(await provePatches(world, states, PACKAGES), generation - 1);
  }
  assert.deepEqual(
    (await patchList(world, PACKAGES)).patches.map(({ name }) => name),
    ["02", "03", "04"].map((day) => `T-2026-10-05-1200.00-F-2026-10-${day}-1200.00`),
  );
});

/** Generations a day apart; the last archive of each is what stands in the mirror. */
async function generations(world: TestWorld, archives: readonly Archive[], first = 2): Promise<readonly Buffer[]> {
  const states: Buffer[] = [];
  for (const [position, archive] of archives.entries()) {
    const day = `2026-10-${String(first + position).padStart(2, "0")}`;
    await world.publish("base", archive.at(day));
    const { exit, problems } = await world.run({ now: `${day}T12:00:00Z` });
    assert.equal(exit, 0, JSON.stringify(problems));
    states.push(Buffer.from(await world.text(PACKAGES), "latin1"));
  }
  return states;
}

const changed = (generation: number): Archive => many(400, (position) => (position % 97 === generation ? "2" : "1"));
const namesOf = async (world: TestWorld): Promise<readonly string[]> =>
  (await patchList(world, PACKAGES)).patches.map(({ name }) => name.slice(21, 33));

test("patches: as many states as the config says", async (t) => {
  const world = await newWorld(t, { base: changed(1) }, { config: { publish: { pdiffs: { keep: 2 } } } });
  await generations(world, [1, 2, 3, 4].map(changed));
  assert.deepEqual(await namesOf(world), ["F-2026-10-03", "F-2026-10-04"]);
});

test("patches: none when the config says so, and none from before once it wants them again", async (t) => {
  const off = { config: { publish: { compress: { gz: 1 }, pdiffs: false } } };
  const world = await newWorld(t, { base: changed(1) }, off);
  await generations(world, [1, 2].map(changed));
  assert.equal(existsSync(join(world.output, `dists/merged/${PACKAGES}.diff`)), false);
  await world.configure({ config: { publish: { compress: { gz: 1 } } } });
  await generations(world, [3, 4].map(changed), 5);
  assert.deepEqual(await namesOf(world), ["F-2026-10-03", "F-2026-10-05"]);
});

test("patches: a change of nearly everything starts anew, since such a patch is larger than the index", async (t) => {
  if (!needsRred(t)) return;
  const world = await newWorld(t, { base: changed(1) });
  await generations(world, [1, 2].map(changed));
  await world.configure({ mirrors: { base: { pool: "ELSEWHERE" } } });
  const [shifted] = await generations(world, [changed(2)], 5);
  assert.ok(shifted?.includes("pool/ELSEWHERE/"));
  assert.equal(existsSync(join(world.output, `dists/merged/${PACKAGES}.diff/Index`)), false, "nobody wants a patch of everything");
  const states = await generations(world, [changed(3)], 6);
  assert.equal(
    await provePatches(
      world,
      [shifted, ...states].filter((state) => state !== undefined),
      PACKAGES,
    ),
    1,
  );
});

test("patches: also where nothing but xz is written", async (t) => {
  if (!needsRred(t) || !needs(t, "xz", "xzcat")) return;
  const world = await newWorld(t, { base: changed(1) }, { config: { publish: { compress: { xz: 0 } } } });
  const states: Buffer[] = [];
  for (const generation of [1, 2, 3]) {
    const day = `2026-10-0${generation + 1}`;
    await world.publish("base", changed(generation).at(day));
    assert.equal((await world.run({ now: `${day}T12:00:00Z` })).exit, 0);
    states.push((await run("xzcat", [join(world.output, `dists/merged/${PACKAGES}.xz`)])).stdout);
  }
  assert.equal(await provePatches(world, states, PACKAGES), 2);
});

test("patches: a state that comes back has one name", async (t) => {
  if (!needsRred(t)) return;
  const world = await newWorld(t, { base: changed(1) });
  const states = await generations(world, [1, 2, 1, 2, 3].map(changed));
  const starts = (await patchList(world, PACKAGES)).patches.map(({ from }) => from.sha256);
  assert.equal(new Set(starts).size, starts.length);
  assert.ok((await provePatches(world, states, PACKAGES)) >= 2);
});

test("patches: an index that did not change keeps its own beside one that did", async (t) => {
  if (!needsRred(t)) return;
  const sources = (version: string): Archive =>
    changed(2).source({ Package: "package-0001", Version: version }).source({ Package: "package-0002", Version: "1" });
  const world = await newWorld(t, { base: changed(1) });
  const states = await generations(world, [changed(1), sources("1"), sources("2")]);
  assert.equal(await provePatches(world, states.slice(0, 2), PACKAGES), 1);
});

test("patches: without the cache there are none until new steps have come together; a full run keeps them", async (t) => {
  if (!needsRred(t)) return;
  const world = await newWorld(t, { base: changed(1) });
  const states = await generations(world, [1, 2, 3].map(changed));
  const { exit } = await world.run({ now: "2026-10-05T12:00:00Z", full: true });
  assert.equal(exit, 0);
  assert.equal(await provePatches(world, states, PACKAGES), 2);
  await rm(join(world.state, "cache"), { recursive: true });
  const later = await generations(world, [4, 5].map(changed), 6);
  assert.equal(await provePatches(world, later, PACKAGES), 1);
});

test("patches: damage of a step, or of where blocks lie, costs patches and nothing else", async (t) => {
  if (!needsRred(t)) return;
  const world = await newWorld(t, { base: changed(1) });
  const states = [...(await generations(world, [1, 2, 3].map(changed)))];
  const folder = join(world.state, "cache/steps/merged", PACKAGES);
  const [first = ""] = await readdir(folder);
  await writeFile(join(folder, first), "damaged");
  states.push(...(await generations(world, [changed(4)], 6)));
  const left = await provePatches(world, states, PACKAGES);
  assert.ok(left >= 1 && left < 3, `${left} patches`);
  const blocks = join(world.state, "cache/blocks/merged", `${PACKAGES}.gz`);
  for (const name of await readdir(blocks)) {
    const layout = await readFile(join(blocks, name), "utf8");
    // Another place in the file than the block's own.
    await writeFile(
      join(blocks, name),
      layout.replace(/"offset":(\d+)/, (_, offset: string) => `"offset":${Number(offset) + 1}`),
    );
  }
  states.push(...(await generations(world, [changed(5)], 7)));
  assert.ok(!existsSync(join(world.output, `dists/merged/${PACKAGES}.diff/Index`)) || (await provePatches(world, states, PACKAGES)) >= 0);
});

test("patches: a flipped bit in what the cache knows of earlier states makes no wrong patch", async (t) => {
  if (!needsRred(t)) return;
  const world = await newWorld(t, { base: changed(1) });
  const states = [...(await generations(world, [1, 2, 3].map(changed)))];
  const folder = join(world.state, "cache/steps/merged", PACKAGES);
  for (const name of await readdir(folder)) {
    const bytes = await readFile(join(folder, name));
    // In the text of a stanza, where nothing else tells.
    const at = bytes.indexOf("Filename: pool/");
    assert.ok(at > 0);
    bytes[at + 12] = (bytes[at + 12] ?? 0) ^ 1;
    await writeFile(join(folder, name), bytes);
  }
  states.push(...(await generations(world, [changed(4)], 6)));
  assert.equal(await provePatches(world, states, PACKAGES), 1, "only the newest step is known");
});

test("patches: superseded ones stay as long as by-hash files, for clients that hold an older list", async (t) => {
  const world = await newWorld(t, { base: changed(1) }, { config: { publish: { "by-hash": { keep: "36h" } } } });
  await generations(world, [1, 2, 3].map(changed));
  const folder = join(world.output, `dists/merged/${PACKAGES}.diff`);
  const patches = async (): Promise<string[]> =>
    (await readdir(folder)).filter((name) => name.endsWith(".gz")).map((name) => name.slice(0, 12));
  assert.deepEqual((await patches()).sort(), ["T-2026-10-03", "T-2026-10-04", "T-2026-10-04"]);
  await generations(world, [changed(4)], 5);
  await generations(world, [changed(5)], 7);
  assert.ok(!(await patches()).includes("T-2026-10-03"));
});

test("patches: verify proves them", async (t) => {
  const world = await newWorld(t, { base: changed(1) });
  await generations(world, [1, 2].map(changed));
  const sound = await world.cli(["verify"]);
  assert.equal(sound.status, 0, sound.stderr);
  const folder = join(world.output, `dists/merged/${PACKAGES}.diff`);
  const patch = (await readdir(folder)).find((name) => name.endsWith(".gz")) ?? "";
  await writeFile(join(folder, patch), "another");
  const { status, stderr } = await world.cli(["verify"]);
  assert.equal(status, 5);
  assert.match(
    stderr,
    /TREE_UNSOUND: Cannot vouch for \S+\/T-2026-10-03-1200\.00-F-2026-10-02-1200\.00\.gz: its SHA256 is [0-9a-f]{64}, \S+Index says/,
  );
});
