/** The list of changes, and the guards that go by it, whatever the mirrors' stanzas look like. */
import assert from "node:assert/strict";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import type { Archive } from "../support/archive.ts";
import { patchList } from "../support/patches-by-apt.ts";
import { assertPublished } from "../support/refused.ts";
import { deb, newWorld, upstream } from "../support/world.ts";

const at = (generation: number): Date => new Date(Date.parse("2026-10-02T00:00:00Z") + generation * 60_000);
const nameOf = (position: number): string => `package-${String(position).padStart(4, "0")}`;

/** Stanzas that all begin with the same line, as some archives write them, or with their names. */
function archiveOf(first: "Architecture" | "Package", names: ReadonlyMap<string, number>, generation: number): Archive {
  const stanzas = [...names].map(([name, version]) => {
    const [architecture, title] = ["Architecture: amd64\n", `Package: ${name}\n`];
    const file = `pool/main/p/${name}/${name}_${version}_amd64.deb`;
    return `${first === "Package" ? title + architecture : architecture + title}Version: ${version}
Maintainer: x <x@lists.example>
Description: ${name} ${"abc ".repeat(60)}
Filename: ${file}
Size: 10
SHA256: ${"0".repeat(60)}${String(version).padStart(4, "0")}
`;
  });
  return upstream()
    .debs(stanzas)
    .at(new Date(Date.parse("2026-10-01T00:00:00Z") + generation * 1000));
}

for (const first of ["Architecture", "Package"] as const) {
  test(`changes: each is listed as what it is when stanzas begin with ${first}`, async (t) => {
    const before = new Map(Array.from({ length: 3000 }, (_, position) => [nameOf(position), 1]));
    const after = new Map(before);
    for (let position = 0; position < 3000; position += 7) after.set(nameOf(position), 2);
    for (let position = 0; position < 20; position++) after.set(`${nameOf(position * 100)}-new`, 1);
    after.delete(nameOf(1001));
    const sorted = new Map([...after].sort(([left], [right]) => (left < right ? -1 : 1)));
    const world = await newWorld(t, { base: archiveOf(first, before, 0) });
    await assertPublished(world, { now: at(0) });
    await world.publish("base", archiveOf(first, sorted, 1));
    const { report } = await assertPublished(world, { now: at(1) });
    const kinds = (report?.suites[0]?.changes ?? []).map(({ kind }) => kind);
    const count = (kind: string): number => kinds.filter((one) => one === kind).length;
    assert.deepEqual([count("upgraded"), count("added"), count("removed"), kinds.length], [428, 20, 1, 449]);
    // A patch of what changed, not of what lies between.
    const { patches } = await patchList(world, "main/binary-amd64/Packages");
    assert.ok((patches[0]?.patch.bytes ?? 0) < 120_000, `${patches[0]?.patch.bytes} bytes`);
  });

  test(`changes: packages that are downgraded all at once are not taken for removed when stanzas begin with ${first}`, async (t) => {
    const versions = (version: number): ReadonlyMap<string, number> =>
      new Map(Array.from({ length: 1500 }, (_, position) => [nameOf(position), version]));
    const suites = (ban: readonly object[]) => ({ suites: { merged: { policy: { ban } } } });
    const world = await newWorld(t, { overlay: archiveOf(first, versions(2), 0), base: archiveOf(first, versions(1), 0) }, suites([]));
    await assertPublished(world, { now: at(0) });
    await world.configure(suites([{ package: "package-*", mirror: "overlay" }]));
    const { report } = await assertPublished(world, { now: at(1) });
    assert.deepEqual(new Set(report?.suites[0]?.changes.map(({ kind }) => kind)), new Set(["downgraded"]));
  });
}

test("changes: what was broken before is known in a full run too, when the last index cannot be read", async (t) => {
  const broken = (version: number, generation: number): Archive =>
    upstream()
      .debs(
        Array.from({ length: 100 }, (_, position) => ({
          ...deb(nameOf(position), String(position === 0 ? version : 1)),
          ...(position === 5 ? { Depends: "nowhere" } : {}),
        })),
      )
      .at(new Date(Date.parse("2026-10-01T00:00:00Z") + generation * 1000));
  const world = await newWorld(t, { base: broken(1, 0) });
  await assertPublished(world, { now: at(0) });
  await world.publish("base", broken(2, 1));
  await assertPublished(world, { now: at(1) });
  await writeFile(join(world.output, "dists/merged/main/binary-amd64/Packages.gz"), "damaged");
  await world.publish("base", broken(3, 2));
  await assertPublished(world, { now: at(2), full: true });
});
