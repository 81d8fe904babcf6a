/** `aptmerge prune`: what nothing needs goes, and nothing else. */
import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { mkdir, readdir, readFile, rm, symlink, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { type TestContext, test } from "node:test";
import { below, snapshot } from "../support/tree-snapshot.ts";
import { deb, newWorld, RECENTLY, type TestWorld, upstream, type WorldOptions } from "../support/world.ts";

const HOUR_MS = 3_600_000;
/** Before the real time, which the command line has. */
const hoursAgo = (hours: number): Date => new Date(RECENTLY.getTime() - hours * HOUR_MS);

const config = { publish: { compress: { gz: 1 }, generations: 3, "by-hash": { keep: "3d" } } };

/** One generation for each of these hours before now. */
async function worldOf(t: TestContext, hours: readonly number[], options: WorldOptions = {}): Promise<TestWorld> {
  const plan = (hour: number) =>
    upstream()
      .deb(deb("hello", `1.${1000 - hour}`))
      .at(hoursAgo(hour));
  const world = await newWorld(t, { base: plan(hours[0] ?? 1) }, { config, ...options });
  for (const hour of hours) {
    await world.publish("base", plan(hour));
    const { exit, problems } = await world.run({ now: hoursAgo(hour) });
    assert.equal(exit, 0, JSON.stringify(problems));
  }
  return world;
}

async function prune(world: TestWorld, ...args: readonly string[]): Promise<string> {
  const { status, stdout, stderr } = await world.cli(["prune", ...args]);
  assert.deepEqual([status, stderr], [0, ""], stdout);
  return stdout;
}

async function put(path: string, text = "left"): Promise<void> {
  await mkdir(dirname(path), { recursive: true });
  await writeFile(path, text);
}

/** What a killed run, a lost switch and a config that was cut down leave. */
async function litter(world: TestWorld): Promise<readonly string[]> {
  const hex = "0".repeat(64);
  const paths = [
    `output/.generations/.new-000009/dists/merged/Release`,
    `output/.generations/000009/inputs.json`,
    `output/.current.tmp-0123456789ab`,
    `state/trust/base/.stable.json.tmp-0123456789ab`,
    `state/store/sha256/00/${hex}`,
    `state/store/sha256/00/other`,
    `state/cache/patched/${hex}`,
    `state/cache/blocks/gone/main/binary-amd64/Packages.gz/${hex}`,
    `state/cache/blocks/merged/main/binary-arm64/Packages.gz/${hex}`,
    `state/cache/steps/gone/main/binary-amd64/Packages/${hex}`,
    `state/cache/steps/merged/contrib/binary-amd64/Packages/${hex}`,
    `state/cache/outcomes/gone/packages.amd64.json`,
    `state/cache/outcomes/merged/packages.arm64.winners`,
    `state/cache/outcomes/merged/main%2Fi18n%2FTranslation-de.json`,
    `state/cache/breakage/gone/amd64.json`,
    `state/cache/breakage/merged/arm64.json`,
    `state/cache/checks/gone/stable.json`,
    `state/cache/checks/base/testing.json`,
  ];
  for (const path of paths) await put(join(world.folder, path));
  const link = "output/.dists.tmp-0123456789ab";
  await symlink("current/dists", join(world.folder, link));
  return [...paths, link];
}

const indicesAsked = (world: TestWorld): readonly string[] =>
  world
    .mirror("base")
    .requests.map(({ path }) => path)
    .filter((path) => !path.endsWith("InRelease"));

test("prune: leftovers, unknown stored files, caches of what the config lacks and old runs go; all else stays to the byte", async (t) => {
  // A pin with an end has something kept of each index that was looked through for it.
  const policy = { pin: [{ package: "hello", mirror: "base", until: { package: "hello", version: "9" } }] };
  const world = await worldOf(t, [5, 4, 3], { config: { ...config, policy } });
  assert.ok((await readdir(join(world.state, "cache/outcomes/merged"))).some((name) => name.endsWith(".ended.json")));
  const runs = Array.from({ length: 120 }, (_, number) => `20200101T000000Z-${1000 + number}`);
  for (const run of runs) await put(join(world.state, "runs", run, "log"));
  const before = { tree: await world.tree({ inodes: true }), state: await snapshot(world.state) };
  const left = await litter(world);
  const kept = (await readdir(join(world.state, "runs"))).sort().slice(-100);

  const dirty = { tree: await world.tree({ inodes: true }), state: await snapshot(world.state) };
  const told = await prune(world, "--dry-run");
  assert.deepEqual({ tree: await world.tree({ inodes: true }), state: await snapshot(world.state) }, dirty, "a dry run");
  for (const path of left) {
    const shown = path
      .replace(/^output/, "OUTPUT")
      .replace(/^state/, "STATE")
      .replace(/\/dists\/.*|000009\/.*/, "");
    assert.ok(told.includes(shown), `${shown} in ${told}`);
  }
  assert.match(told, /^5 leftovers \(16 B\)$/m);
  assert.match(told, /^Would free \S+ k?B \(dry run: nothing was removed\)$/m);

  const said = await prune(world);
  assert.match(said, /^5 leftovers \(16 B\)\n3 stored files \(12 B\)\n11 cache files \(44 B\)\n\d+ old runs \(\d+ B\)\nFreed \d+ B\n$/);
  for (const path of left) assert.ok(!existsSync(join(world.folder, path)), path);
  const without = (found: Record<string, string>) =>
    Object.fromEntries(Object.entries(found).filter(([path]) => !path.startsWith("runs") && path !== "lock" && path !== "store/sha256/00"));
  assert.deepEqual(await world.tree({ inodes: true }), before.tree);
  assert.deepEqual(without(await snapshot(world.state)), without(before.state));
  assert.deepEqual(await readdir(join(world.state, "runs")), kept);
  assert.equal(await prune(world), "Nothing to remove\n");
});

test("prune: afterwards the tree is sound, merges offline and online fetch and change nothing, and rollback goes on", async (t) => {
  const suites = { merged: { aliases: ["stable"], indices: ["packages", "translation"] }, "other/part": {} };
  const world = await worldOf(t, [400, 200, 4, 3, 2], { suites });
  await prune(world);
  const before = await world.tree({ inodes: true });
  assert.equal((await world.cli(["verify"])).status, 0);
  world.mirror("base").requests.length = 0;
  for (const args of [["merge", "--offline"], ["merge"]]) {
    const { status, stderr } = await world.cli(args);
    assert.equal(status, 0, stderr);
  }
  assert.deepEqual(indicesAsked(world), []);
  // Stored files are all there: a merge from nothing needs no mirror.
  assert.equal((await world.cli(["merge", "--full", "--offline", "--dry-run"])).status, 0);
  assert.deepEqual(await world.tree({ inodes: true }), before);
  assert.equal((await world.cli(["rollback"])).status, 0);
  await prune(world);
  assert.equal((await world.cli(["verify"])).status, 0);
  assert.equal((await world.cli(["merge", "--full", "--offline"])).status, 0);
});

test("prune: superseded files go when their time has come, also from the live tree, and younger ones stay", async (t) => {
  const world = await worldOf(t, [100, 99, 2]);
  const folder = "dists/merged/main/binary-amd64/by-hash/SHA256";
  const names = async (generation: string): Promise<ReadonlySet<string>> =>
    new Set(await readdir(join(world.output, ".generations", generation, folder)));
  const own = async (generation: string): Promise<string> =>
    /^ ([0-9a-f]{64}) +\d+ main\/binary-amd64\/Packages\.gz$/m.exec(
      await world.read(`.generations/${generation}/dists/merged/Release`),
    )?.[1] ?? "";
  const [first, second, third] = await Promise.all(["000001", "000002", "000003"].map(own));
  const has = async (generation: string) => {
    const there = await names(generation);
    return [first, second, third].map((name) => there.has(name ?? ""));
  };
  // Superseded 99 hours before, and 2 hours before; the merge then had no reason yet to let the first go.
  assert.deepEqual(
    [await has("000002"), await has("000003")],
    [
      [true, true, false],
      [false, true, true],
    ],
  );
  const said = await prune(world, "--dry-run");
  assert.ok(said.includes(`OUTPUT/.generations/000002/${folder}/${first} (0 B)`), "generation 1 still has it");
  await prune(world);
  assert.deepEqual(
    [await has("000001"), await has("000002"), await has("000003")],
    [
      [true, false, false],
      [false, true, false],
      [false, true, true],
    ],
  );
  // As if three days had gone by, and as if the record named what is current, and what lies elsewhere.
  const record = join(world.output, ".generations/000003/by-hash.json");
  const old = "2020-01-01T00:00:00.000Z";
  const lines = [`${folder}/${second}`, `${folder}/${third}`, "dists/merged/InRelease", `../000001/${folder}/${first}`];
  await rm(record);
  await writeFile(
    record,
    JSON.stringify({ schema: "aptmerge.by-hash/1", superseded: Object.fromEntries(lines.map((path) => [path, old])) }),
  );
  await prune(world);
  assert.deepEqual(
    [await has("000001"), await has("000003")],
    [
      [true, false, false],
      [false, false, true],
    ],
  );
  assert.ok(existsSync(join(world.output, "dists/merged/InRelease")));
  assert.ok(!(await readFile(record, "utf8")).includes(second ?? "?"));
  assert.equal((await world.cli(["verify"])).status, 0);
});

test("prune: generations beyond the number that is kept go, and what they share stays; bytes are what the disk gets back", async (t) => {
  const world = await worldOf(t, [5, 4, 3]);
  await world.configure({ config: { publish: { ...config.publish, generations: 1 } } });
  const live = below(await world.tree({ inodes: true }), ".generations/000003");
  const said = await prune(world, "--dry-run");
  assert.match(said, /^2 old generations \(\d+\.\d kB\)$/m);
  const { status, stdout } = await world.cli(["--verbose", "prune"]);
  assert.equal(status, 0);
  assert.match(stdout, /^ {2}OUTPUT\/\.generations\/000001 \(/m);
  assert.deepEqual(await readdir(join(world.output, ".generations")), ["000003"]);
  assert.deepEqual(below(await world.tree({ inodes: true }), ".generations/000003"), live);
});

test("prune: where it is not known what is live, and while another run is at work, nothing is removed", async (t) => {
  const world = await worldOf(t, [5, 4]);
  await litter(world);
  const state = () => snapshot(world.state);
  const before = [await world.tree(), Object.keys(await state())];
  const holder = await import("../../lib/io/lock.ts").then(({ acquireLock }) => acquireLock(join(world.state, "lock"), 0));
  const locked = await world.cli(["prune"]);
  await holder.release();
  assert.equal(locked.status, 75, locked.stderr);
  await rm(join(world.output, ".generations/000009"), { recursive: true });
  const record = await readFile(join(world.output, "inputs.json"));
  await rm(join(world.output, ".generations/000002/inputs.json"));
  const damaged = await world.cli(["prune"]);
  assert.equal(damaged.status, 5, damaged.stderr);
  await writeFile(join(world.output, ".generations/000002/inputs.json"), record);
  await put(join(world.output, ".generations/000009/inputs.json"));
  assert.deepEqual([await world.tree(), Object.keys(await state())], before);
});

test("prune: before the first merge there is nothing, and nothing is made", async (t) => {
  const world = await newWorld(t, { base: upstream().deb(deb("hello")) });
  assert.equal(await prune(world), "Nothing to remove\n");
  assert.deepEqual([existsSync(world.state), existsSync(world.output)], [false, false]);
});
