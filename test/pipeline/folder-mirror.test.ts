/** A mirror that is a folder of this machine, as `url: FOLDER` and as a file URL. */
import assert from "node:assert/strict";
import { mkdir, rename, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import test from "node:test";
import { pathToFileURL } from "node:url";
import type { Archive } from "../support/archive.ts";
import { assertPublished, assertRefused, assertUnchanged } from "../support/refused.ts";
import { deb, newWorld, upstream } from "../support/world.ts";

const calm = upstream().deb(deb("hello", "1.0"));

async function write(folder: string, archive: Archive): Promise<void> {
  for (const [path, bytes] of await archive.build()) {
    await mkdir(dirname(join(folder, path)), { recursive: true });
    await writeFile(join(folder, path), bytes);
  }
}

for (const [form, urlOf] of [
  ["a folder beside the config", () => "disk"],
  ["a file URL", (folder: string) => pathToFileURL(join(folder, "disk")).href],
] as const) {
  test(`${form} is read, checked again, and held when it is gone`, async (t) => {
    const world = await newWorld(t, { base: calm });
    const disk = join(world.folder, "disk");
    await write(disk, calm);
    await world.configure({ mirrors: { base: { url: urlOf(world.folder) } } });
    await assertPublished(world);
    await assertUnchanged(world);
    await write(disk, calm.deb(deb("more")).at("2026-10-01T12:00:00Z"));
    await assertPublished(world);
    assert.deepEqual(await world.packages(), ["hello 1.0", "more 1.0"]);
    await rename(disk, `${disk}-unmounted`);
    await assertRefused(world, "MIRROR_UNREACHABLE", 4);
    assert.equal(world.mirror("base").requests.length, 0);
  });
}
