/** The text of the last generation is had from whatever of it is sound: without it, what changed is not known, and clients lose their patches. */
import assert from "node:assert/strict";
import { readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import { needs } from "../support/needs.ts";
import { patchList } from "../support/patches-by-apt.ts";
import { assertPublished } from "../support/refused.ts";
import { deb, newWorld, upstream } from "../support/world.ts";

const AMD64 = "main/binary-amd64/Packages";
const COUNT = 3000;
const at = (generation: number): Date => new Date(Date.parse("2026-10-02T00:00:00Z") + generation * 60_000);

const archiveOf = (changed: Readonly<Record<number, string>>, generation: number) =>
  upstream()
    .debs(
      Array.from({ length: COUNT }, (_, position) => ({
        ...deb(`package-${String(position).padStart(4, "0")}`, changed[position] ?? "1"),
        Description: `some ${Math.imul(position, 0x9e3779b1) >>> 0} text`,
      })),
    )
    .at(new Date(Date.parse("2026-10-01T00:00:00Z") + generation * 1000));

/** One byte is another: the size stays. */
async function flip(file: string): Promise<void> {
  const bytes = await readFile(file);
  const middle = bytes.length >> 1;
  bytes[middle] = (bytes[middle] ?? 0) ^ 1;
  await rm(file);
  await writeFile(file, bytes);
}

for (const [what, spoil] of [
  ["its .gz is damaged and its .xz is not", (dists: string) => flip(join(dists, `${AMD64}.gz`))],
  ["its .xz is damaged and its .gz is not", (dists: string) => flip(join(dists, `${AMD64}.xz`))],
  ["its .gz is gone", (dists: string) => rm(join(dists, `${AMD64}.gz`))],
  ["its Release was changed by hand", (dists: string) => writeFile(join(dists, "Release"), "Suite: merged\n")],
  ["its Release is gone", (dists: string) => rm(join(dists, "Release"))],
] as const) {
  test(`old text: where ${what}, what changed is known, and patches go on`, async (t) => {
    if (!needs(t, "xz")) return;
    const config = { publish: { compress: { gz: 1, xz: 1 }, pdiffs: { keep: 3 } } };
    const world = await newWorld(t, { base: archiveOf({}, 0) }, { config });
    await assertPublished(world, { now: at(0) });
    await world.publish("base", archiveOf({ 7: "2" }, 1));
    await assertPublished(world, { now: at(1) });
    await spoil(join(world.output, "dists/merged"));
    await world.publish("base", archiveOf({ 7: "2", 5: "2", 1500: "3", 2990: "4" }, 2));
    for (const dryRun of [true, false]) {
      const { exit, report } = await world.run({ now: at(2), dryRun });
      assert.equal(exit, 0);
      assert.deepEqual(
        report?.suites[0]?.changes.map(({ package: name }) => name),
        ["package-0005", "package-1500", "package-2990"],
      );
    }
    assert.equal((await patchList(world, AMD64)).patches.length, 2);
  });
}
