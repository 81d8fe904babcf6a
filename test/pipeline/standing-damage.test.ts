/** Damage, lost layouts and other configs, where indices would stand. */
import assert from "node:assert/strict";
import { readFile, rm, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import type { Archive } from "../support/archive.ts";
import { assertAsFromNothing } from "../support/as-from-nothing.ts";
import { needs } from "../support/needs.ts";
import { patchList } from "../support/patches-by-apt.ts";
import { assertPublished } from "../support/refused.ts";
import { deb, newWorld, type TestWorld, upstream } from "../support/world.ts";

const AMD64 = "main/binary-amd64/Packages";
const ARM64 = "main/binary-arm64/Packages";

const at = (generation: number): Date => new Date(Date.parse("2026-10-02T00:00:00Z") + generation * 60_000);

const numbered = (position: number): string => `package-${String(position).padStart(4, "0")}`;

/** Many packages of two architectures, by version. */
const wide = (versions: Readonly<Record<"amd64" | "arm64", readonly number[]>>, generation: number): Archive =>
  Object.entries(versions)
    .reduce(
      (all, [architecture, own]) =>
        all.debs(own.map((version, position) => ({ ...deb(numbered(position), String(version)), Architecture: architecture }))),
      upstream({ architectures: ["amd64", "arm64"] }),
    )
    .at(new Date(Date.parse("2026-10-01T00:00:00Z") + generation * 1000));

const ones = (count: number, ...changed: readonly (readonly [position: number, version: number])[]): readonly number[] =>
  Array.from({ length: count }, (_, position) => changed.find(([which]) => which === position)?.[1] ?? 1);

const WIDE = (keep: number) => ({
  suites: { merged: { architectures: ["amd64", "arm64"] } },
  config: { publish: { compress: { gz: 1, xz: 1 }, pdiffs: keep === 0 ? false : { keep } } },
});

const patchesOf = async (world: TestWorld): Promise<readonly string[]> =>
  (await patchList(world, ARM64)).patches.map(({ name }) => `${name}.gz`);

test("standing: a damaged patch costs the index a making anew, and no suite", async (t) => {
  const world = await newWorld(t, { base: wide({ amd64: ones(300), arm64: ones(300) }, 0) }, WIDE(3));
  await assertPublished(world, { now: at(0) });
  await world.publish("base", wide({ amd64: ones(300), arm64: ones(300, [5, 2]) }, 1));
  await assertPublished(world, { now: at(1) });
  for (const name of await patchesOf(world)) {
    const file = join(world.output, `dists/merged/${ARM64}.diff/${name}`);
    const bytes = await readFile(file);
    bytes[bytes.length - 9] = (bytes[bytes.length - 9] ?? 0) ^ 1;
    await writeFile(file, bytes);
  }
  await world.publish("base", wide({ amd64: ones(300, [5, 2]), arm64: ones(300, [5, 2]) }, 2));
  await assertAsFromNothing(world, await world.run({ now: at(2) }), at(2));
});

test("standing: with fewer patches in the config, an index that did not change has fewer too", async (t) => {
  const world = await newWorld(t, { base: wide({ amd64: ones(300), arm64: ones(300) }, 0) }, WIDE(3));
  await assertPublished(world, { now: at(0) });
  for (const version of [2, 3, 4]) {
    await world.publish("base", wide({ amd64: ones(300), arm64: ones(300, [5, version]) }, version));
    await assertPublished(world, { now: at(version) });
  }
  assert.equal((await patchesOf(world)).length, 3);
  await world.configure(WIDE(1));
  await world.publish("base", wide({ amd64: ones(300, [5, 2]), arm64: ones(300, [5, 4]) }, 5));
  await assertPublished(world, { now: at(5) });
  assert.equal((await patchesOf(world)).length, 1);
});

test("standing: a file whose layout is not known is settled when that is asked for, and when something changes", async (t) => {
  if (!needs(t, "xz")) return;
  const sizeOf = async (path: string): Promise<number> => (await stat(join(world.output, `dists/merged/${path}.xz`))).size;
  const [cut, changed] = [ones(4000, [5, 2], [2000, 3], [3500, 4]), ones(4000, [7, 2])];
  const world = await newWorld(t, { base: wide({ amd64: ones(4000), arm64: ones(4000) }, 0) }, WIDE(0));
  await assertPublished(world, { now: at(0) });
  await world.publish("base", wide({ amd64: ones(4000), arm64: cut }, 1));
  await assertPublished(world, { now: at(1) });
  const loose = await sizeOf(ARM64);
  await rm(join(world.state, "cache/blocks"), { recursive: true });
  await assertPublished(world, { now: at(2), settle: true });
  const settled = await sizeOf(ARM64);
  assert.ok(settled < loose, `${settled} < ${loose}`);

  await world.publish("base", wide({ amd64: ones(4000), arm64: ones(4000, [9, 9], [1500, 3], [3000, 4]) }, 3));
  await assertPublished(world, { now: at(3) });
  const again = await sizeOf(ARM64);
  await rm(join(world.state, "cache/blocks"), { recursive: true });
  await world.publish("base", wide({ amd64: changed, arm64: ones(4000, [9, 9], [1500, 3], [3000, 4]) }, 4));
  await assertPublished(world, { now: at(4) });
  assert.ok((await sizeOf(ARM64)) < again);
});

test("standing: an index whose file is damaged and that did not change has no changes, in a dry run and in the run", async (t) => {
  const world = await newWorld(t, { base: wide({ amd64: ones(200), arm64: ones(200) }, 0) }, WIDE(3));
  await assertPublished(world, { now: at(0) });
  await writeFile(join(world.output, `dists/merged/${AMD64}.gz`), "no gzip");
  await writeFile(join(world.output, `dists/merged/${AMD64}.xz`), "no xz");
  await world.publish("base", wide({ amd64: ones(200), arm64: ones(200, [5, 2]) }, 1));
  const dry = await world.run({ now: at(1), dryRun: true });
  const result = await world.run({ now: at(1) });
  for (const { report } of [dry, result])
    assert.deepEqual(
      report?.suites[0]?.changes.map(({ package: name, architecture }) => [name, architecture]),
      [[numbered(5), "arm64"]],
    );
});

test("standing: when the last index cannot be read, that its changes are not known is told", async (t) => {
  const world = await newWorld(t, { base: wide({ amd64: ones(200), arm64: ones(200) }, 0) }, WIDE(3));
  await assertPublished(world, { now: at(0) });
  for (const codec of ["gz", "xz"]) await writeFile(join(world.output, `dists/merged/${AMD64}.${codec}`), "damaged");
  await world.publish("base", wide({ amd64: ones(200, [5, 2]), arm64: ones(200) }, 1));
  const { exit, problems } = await world.run({ now: at(1) });
  assert.equal(exit, 0, JSON.stringify(problems));
  assert.deepEqual(
    problems.map(({ severity, code, message }) => [severity, code, message]),
    [
      [
        "warning",
        "TREE_UNSOUND",
        `Cannot read ${AMD64} of suite "merged" as it was published: its file is damaged or gone, so all of its packages are listed as added`,
      ],
    ],
  );
});
