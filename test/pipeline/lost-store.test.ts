/** The store is a cache: what is lost of it comes back by itself, so that conditional requests, `--offline` and `on-failure: cached` go on working. */
import assert from "node:assert/strict";
import { rm } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import { runMerge } from "../../bin/run-merge.ts";
import { loadSettings } from "../../config/load.ts";
import { fakeCli } from "../config-from-apt/fake-cli.ts";
import { temporaryFolder } from "../support/temporary.ts";

const DEMO_CONFIG = join(import.meta.dirname, "../../config/demo/aptmerge.yaml");

test("after a lost store the first run stores the Releases again, and the next asks conditionally", async () => {
  const folder = await temporaryFolder();
  const { cli } = fakeCli(folder);
  const { settings } = await loadSettings(DEMO_CONFIG, {});
  const mine = { ...settings, state: join(folder, "state"), output: join(folder, "output") };
  const via = async () => (await runMerge(cli, mine, {})).suites.map(({ outcome, mirrors }) => [outcome, ...mirrors.map((one) => one.via)]);
  assert.deepEqual(await via(), [["published", ["full"], ["full"]]]);

  await rm(join(mine.state, "store"), { recursive: true });
  assert.deepEqual(await via(), [["unchanged", ["full"], ["full"]]]);
  assert.deepEqual(await via(), [["unchanged", ["not-modified"], ["not-modified"]]]);
});

test("after a lost store --full brings back all that an offline run reads", async () => {
  const folder = await temporaryFolder();
  const { cli } = fakeCli(folder);
  const { settings } = await loadSettings(DEMO_CONFIG, {});
  const mine = { ...settings, state: join(folder, "state"), output: join(folder, "output") };
  await runMerge(cli, mine, {});

  await rm(join(mine.state, "store"), { recursive: true });
  assert.equal((await runMerge(cli, mine, { full: true })).outcome, "published");
  assert.equal((await runMerge(cli, mine, { full: true, offline: true })).outcome, "published");
});
