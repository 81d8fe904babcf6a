/** The first publish makes links at the root of OUTPUT besides the one that switches: a run that dies among them must leave no half of a tree. */
import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { openFolder } from "../../lib/io/disk-folder.ts";
import type { Folder } from "../../lib/ports.ts";
import { liveGeneration } from "../../lib/publish/generations.ts";
import { openStage, switchTo } from "../../lib/publish/stage.ts";
import { temporaryFolder } from "../support/temporary.ts";

const NOW = new Date("2026-11-21T03:00:00Z");
const ENTRANCES = ["dists", "inputs.json", "key.asc"];

/** The folder until the given number of links was switched; then every further one fails, as if the run had been killed. */
function dyingAfter(folder: Folder, links: number): Folder {
  let left = links;
  return {
    root: folder.root,
    read: (path) => folder.read(path),
    readPieces: (path) => folder.readPieces(path),
    readPart: (path, offset, bytes) => folder.readPart(path, offset, bytes),
    digest: (path, names) => folder.digest(path, names),
    stat: (path) => folder.stat(path),
    list: (path) => folder.list(path),
    writeDurably: (path, bytes) => folder.writeDurably(path, bytes),
    writeNew: (path, bytes, modified) => folder.writeNew(path, bytes, modified),
    link: (from, to) => folder.link(from, to),
    symlinkNew: (path, target) => folder.symlinkNew(path, target),
    flush: (path) => folder.flush(path),
    async switchLink(path, target) {
      if (left-- <= 0) throw new Error("killed");
      await folder.switchLink(path, target);
    },
    readLink: (path) => folder.readLink(path),
    rename: (from, to) => folder.rename(from, to),
    remove: (path) => folder.remove(path),
  };
}

for (let links = 0; links <= ENTRANCES.length; links++) {
  test(`a first publish that dies after ${links} of its links has published nothing`, async () => {
    const output = await openFolder(join(await temporaryFolder(), "output"));
    const stage = await openStage(output, undefined, NOW);
    for (const file of ["dists/demo/Release", "inputs.json", "key.asc"]) await stage.writeFile(file, Buffer.from(file));
    const made = await stage.finish();

    await assert.rejects(switchTo(dyingAfter(output, links), made), /killed/);
    assert.equal(await liveGeneration(output), undefined);
    for (const name of ENTRANCES) assert.equal(existsSync(join(output.root, name)), false, name);

    await switchTo(output, made);
    for (const name of ENTRANCES) assert.equal(existsSync(join(output.root, name)), true, name);
  });
}
