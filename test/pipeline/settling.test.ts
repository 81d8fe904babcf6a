/** Updates edit compressed files where something changed, and settling compresses them anew. Clients read the same text throughout. */
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { stat } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import { isolatedApt } from "../support/apt.ts";
import type { Archive } from "../support/archive.ts";
import { needs } from "../support/needs.ts";
import { numbers } from "../support/numbers.ts";
import { temporaryFolder } from "../support/temporary.ts";
import { newWorld, type TestWorld, upstream } from "../support/world.ts";

const PACKAGES = "main/binary-amd64/Packages";
const COUNT = 4000;
const START = Date.parse("2026-10-02T00:00:00Z");

const nameOf = (position: number): string => `package-${String(position).padStart(4, "0")}`;

/** About 1.7 MB: two or three settled runs. */
const archiveOf = (versions: ReadonlyMap<string, number>, generation: number): Archive =>
  upstream()
    .debs(
      [...versions].map(([name, version]) => ({
        Package: name,
        Version: String(version),
        Architecture: "amd64",
        Description: `${name} does what version ${version} does\n ${`${name} ${Math.imul(name.length + version, 0x9e3779b1) >>> 0} `.repeat(8)}`,
      })),
    )
    .at(new Date(START + generation * 60_000));

const later = (generation: number, hours = 0): Date => new Date(START + generation * 60_000 + 1000 + hours * 3_600_000);

const sizeOf = async (world: TestWorld, codec: string): Promise<number> =>
  (await stat(join(world.output, `dists/merged/${PACKAGES}.${codec}`))).size;

/** What the programs of clients read. */
function readers(world: TestWorld): void {
  const file = join(world.output, `dists/merged/${PACKAGES}`);
  for (const [program, args] of [
    ["xz", ["-t", `${file}.xz`]],
    ["gzip", ["-t", `${file}.gz`]],
    ["python3", ["-c", `import gzip, lzma; assert gzip.open("${file}.gz").read() == lzma.open("${file}.xz").read()`]],
  ] as const) {
    const { status, stderr } = spawnSync(program, args, { encoding: "utf8", timeout: 60_000 });
    assert.equal(status, 0, `${program}: ${stderr}`);
  }
}

/** What real apt takes from the tree, by either form. */
async function assertAptReads(world: TestWorld, versions: ReadonlyMap<string, number>): Promise<void> {
  for (const codec of ["xz", "gz"]) {
    const apt = await isolatedApt(await temporaryFolder());
    await apt.configure(
      `Acquire::Check-Date "false"; Acquire::Check-Valid-Until "false"; Acquire::CompressionTypes::Order { "${codec}"; };\n`,
    );
    await apt.sources(`deb [signed-by=${world.output}/key.asc] file:${world.output} merged main`);
    const { rc, complaints, output } = await apt.update();
    assert.deepEqual([rc, complaints], [0, []], output);
    const found = [...(await apt.candidates())].map(([name, version]) => `${name} ${version}`).sort();
    assert.deepEqual(found, [...versions].map(([name, version]) => `${name} ${version}`).sort());
  }
}

const CONFIG = { config: { publish: { compress: { gz: 6, xz: 1 }, pdiffs: false } } };

test("settling: fifty random updates, on any number of cores, leave the text of a merge from nothing", { timeout: 300_000 }, async (t) => {
  if (!needs(t, "xz", "gzip", "python3", "apt-get", "apt-cache")) return;
  const number = numbers(5);
  const versions = new Map(Array.from({ length: COUNT }, (_, position) => [nameOf(position), 1]));
  const world = await newWorld(t, { base: archiveOf(versions, 0) }, CONFIG);
  assert.equal((await world.run({ now: later(0) })).exit, 0);
  const settled = await sizeOf(world, "xz");
  for (let generation = 1; generation <= 50; generation++) {
    for (let change = number(6); change >= 0; change--) {
      const name = nameOf(number(COUNT));
      if (number(10) === 0) versions.delete(name);
      else versions.set(name, generation + 1);
    }
    if (number(5) === 0) versions.set(`${nameOf(number(COUNT))}-new`, generation);
    await world.publish("base", archiveOf(versions, generation));
    const { exit, problems } = await world.run({ now: later(generation), jobs: 1 + (generation % 7) });
    assert.equal(exit, 0, JSON.stringify(problems));
    if (generation % 10 === 0) readers(world);
  }
  await assertAptReads(world, versions);
  const cut = await sizeOf(world, "xz");
  assert.ok(cut > settled, "edits leave some bytes behind");
  const fresh = await newWorld(t, { base: archiveOf(versions, 50) }, CONFIG);
  assert.equal((await fresh.run({ now: later(50) })).exit, 0);
  assert.equal(await world.text(PACKAGES), await fresh.text(PACKAGES));

  // Settled, it is to the byte what a first merge makes.
  assert.equal((await world.run({ now: later(51), settle: true })).exit, 0);
  readers(world);
  assert.equal(await world.text(PACKAGES), await fresh.text(PACKAGES));
  assert.ok((await sizeOf(world, "xz")) < cut);
  for (const codec of ["xz", "gz"]) assert.equal(await sizeOf(world, codec), await sizeOf(fresh, codec));
});

/** A world after a first merge and one update, five minutes later. */
async function updated(t: Parameters<typeof newWorld>[0], every?: string): Promise<{ world: TestWorld; versions: Map<string, number> }> {
  const versions = new Map(Array.from({ length: COUNT }, (_, position) => [nameOf(position), 1]));
  const publish = { ...CONFIG.config.publish, ...(every === undefined ? {} : { "settle-every": every }) };
  const world = await newWorld(t, { base: archiveOf(versions, 0) }, { config: { publish } });
  assert.equal((await world.run({ now: later(0) })).exit, 0);
  await update(world, versions, 5, 1000);
  return { world, versions };
}

async function update(world: TestWorld, versions: Map<string, number>, generation: number, position: number, hours = 0): Promise<void> {
  versions.set(nameOf(position), generation + 1);
  await world.publish("base", archiveOf(versions, generation));
  assert.equal((await world.run({ now: later(generation, hours) })).exit, 0);
}

/** The size that a first merge of the same packages gives. */
async function settledSize(t: Parameters<typeof newWorld>[0], versions: ReadonlyMap<string, number>): Promise<number> {
  const fresh = await newWorld(t, { base: archiveOf(versions, 60) }, CONFIG);
  assert.equal((await fresh.run({ now: later(60) })).exit, 0);
  return sizeOf(fresh, "xz");
}

test("settling: asked for where nothing changed, it makes one generation and then finds nothing to do", async (t) => {
  if (!needs(t, "xz")) return;
  const { world, versions } = await updated(t);
  const cut = await sizeOf(world, "xz");
  const text = await world.text(PACKAGES);
  assert.equal((await world.run({ now: later(6) })).report?.outcome, "unchanged");
  assert.equal((await world.run({ now: later(7), settle: true })).report?.outcome, "published");
  assert.ok((await sizeOf(world, "xz")) < cut);
  assert.equal(await sizeOf(world, "xz"), await settledSize(t, versions));
  assert.equal(await world.text(PACKAGES), text);
  assert.equal((await world.run({ now: later(8), settle: true })).report?.outcome, "unchanged");
});

test("settling: an update does it by itself once settle-every has passed, and not before", async (t) => {
  if (!needs(t, "xz")) return;
  const { world, versions } = await updated(t, "10h");
  await update(world, versions, 6, 2500, 9);
  const early = await sizeOf(world, "xz");
  assert.ok(early > (await settledSize(t, versions)), "edited");
  await update(world, versions, 7, 3500, 10);
  assert.equal(await sizeOf(world, "xz"), await settledSize(t, versions));
});

test("settling: with settle-every 0s every run does it", async (t) => {
  if (!needs(t, "xz")) return;
  const { world, versions } = await updated(t, "0s");
  await update(world, versions, 6, 2500);
  assert.equal(await sizeOf(world, "xz"), await settledSize(t, versions));
});
