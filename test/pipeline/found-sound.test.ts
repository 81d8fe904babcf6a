/** Files that are taken over are read once; one that became another one since is found out before the switch. */
import assert from "node:assert/strict";
import { rename, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import type { Folder } from "../../lib/ports.ts";
import { failingFolder } from "../support/failing-folder.ts";
import { assertPublished } from "../support/refused.ts";
import { deb, newWorld, type TestWorld, upstream } from "../support/world.ts";

const AMD64 = "main/binary-amd64/Packages.gz";
const ARM64 = "main/binary-arm64/Packages.gz";

const sameAs = (folder: Folder): Folder => failingFolder(folder, { changes: 0 }, Number.POSITIVE_INFINITY, () => new Error("never"));

const archiveOf = (version: string, date: string) =>
  upstream({ architectures: ["amd64", "arm64"] })
    .deb(deb("hello"))
    .debs([{ ...deb("there", version), Architecture: "arm64" }])
    .at(date);

/** Published once; then the index of one architecture changed. */
async function half(t: Parameters<typeof newWorld>[0]): Promise<TestWorld> {
  const options = { suites: { merged: { architectures: ["amd64", "arm64"] } } };
  const world = await newWorld(t, { base: archiveOf("1", "2026-10-01T00:00:00Z") }, options);
  await assertPublished(world);
  await world.publish("base", archiveOf("2", "2026-10-01T12:00:00Z"));
  return world;
}

test("an index that stands is digested once, where it was; one that is made, where it will be", async (t) => {
  const world = await half(t);
  const digested: string[] = [];
  const { exit, errors } = await world.runIn((inner) => ({
    ...inner,
    output: {
      ...sameAs(inner.output),
      digest(path, names) {
        digested.push(path);
        return inner.output.digest(path, names);
      },
    },
  }));
  assert.deepEqual([exit, errors], [0, []]);
  const placesOf = (file: string) => digested.filter((path) => path.endsWith(`/dists/merged/${file}`)).map((path) => path.split("/")[1]);
  assert.deepEqual(placesOf(AMD64), ["000001"]);
  assert.deepEqual(placesOf(ARM64), [".new-000002"]);
});

for (const [how, spoil] of [
  ["is written to", (file: string) => writeFile(file, "other bytes")],
  [
    "is replaced",
    async (file: string) => {
      await writeFile(`${file}.other`, "other bytes");
      await rename(`${file}.other`, file);
    },
  ],
] as const) {
  test(`an index that ${how} after it was found sound is not published`, async (t) => {
    const world = await half(t);
    const { exit, errors } = await world.runIn((inner) => ({
      ...inner,
      output: {
        ...sameAs(inner.output),
        async link(from, to) {
          if (from.endsWith(`/dists/merged/${AMD64}`)) await spoil(join(inner.output.root, from));
          return inner.output.link(from, to);
        },
      },
    }));
    assert.deepEqual([exit, errors], [7, ["TREE_CHECK_FAILED"]]);
  });
}
