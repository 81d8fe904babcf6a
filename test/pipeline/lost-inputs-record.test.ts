/** A live generation whose record is gone or damaged must not pass for "nothing published yet": leftovers of a dead run are removed then. */
import assert from "node:assert/strict";
import { appendFile, readdir, readFile, rm } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import { runMerge } from "../../bin/run-merge.ts";
import { loadSettings } from "../../config/load.ts";
import { fakeCli } from "../config-from-apt/fake-cli.ts";
import { temporaryFolder } from "../support/temporary.ts";

const DEMO_CONFIG = join(import.meta.dirname, "../../config/demo/aptmerge.yaml");

async function treeOf(folder: string): Promise<ReadonlyMap<string, string>> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const files = entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
  return new Map(await Promise.all(files.sort().map(async (path) => [path, (await readFile(path)).toString("latin1")] as const)));
}

for (const [state, spoil] of [
  ["lost", (path: string) => rm(path)],
  ["damaged", (path: string) => appendFile(path, "}")],
] as const) {
  test(`a ${state} inputs.json of the live generation stops the run and leaves the tree as it is`, async () => {
    const folder = await temporaryFolder();
    const { cli } = fakeCli(folder);
    const { settings } = await loadSettings(DEMO_CONFIG, {});
    const mine = { ...settings, state: join(folder, "state"), output: join(folder, "output") };
    assert.equal((await runMerge(cli, mine, {})).outcome, "published");

    await spoil(join(mine.output, ".generations/000001/inputs.json"));
    const before = await treeOf(mine.output);
    await assert.rejects(runMerge(cli, mine, {}), { code: "TRUST_DAMAGED" });
    assert.deepEqual(await treeOf(mine.output), before);
  });
}
