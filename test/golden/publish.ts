/** Runs a scenario: the real config, the whole pipeline, a real folder; the network and the compression are those of golden trees. */
import { cp, mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { loadOverrides } from "../../bin/open-world.ts";
import { loadSettings } from "../../config/load.ts";
import { MergeError } from "../../lib/errors.ts";
import { aside } from "../../lib/io/aside.ts";
import { createCompressor } from "../../lib/io/compressor.ts";
import { openFolder } from "../../lib/io/disk-folder.ts";
import { OpenpgpChecker } from "../../lib/io/openpgp-checker.ts";
import { loadSigner } from "../../lib/io/signer.ts";
import type { World } from "../../lib/pipeline/world.ts";
import { run } from "../../lib/pipeline.ts";
import type { Downloader } from "../../lib/ports.ts";
import type { Report } from "../../lib/report/report.ts";
import type { Settings } from "../../lib/settings.ts";
import { openStore } from "../../lib/state/store.ts";
import { joinTrees, type Tree } from "../support/archive.ts";
import { newKey, type TestKey } from "../support/keys.ts";
import { temporaryFolder } from "../support/temporary.ts";
import type { Scenario, Upstream } from "./scenario.ts";
import { storedCompressor } from "./stored-compressor.ts";

/** Every first merge is of this instant. */
const FIRST_RUN = Date.UTC(2026, 10, 1, 12);
const DAY_MS = 24 * 3600 * 1000;
const SIGNING_KEY = "signing";

export interface Published {
  readonly output: string;
  readonly report: Report;
  /** Made for this test; the tree's own is under "signing". */
  readonly keys: ReadonlyMap<string, TestKey>;
  readonly now: Date;
}

/** @param folder of the scenario's config and overrides */
export async function publish(scenario: Scenario, folder: string): Promise<Published> {
  const work = await temporaryFolder();
  await cp(folder, work, { recursive: true, filter: (path) => !/\/(tree|scenario\.ts|layout\.txt|report\.json)$/.test(path) });
  const { settings } = await loadSettings(join(work, "aptmerge.yaml"), {});
  const keys = await writeKeys(settings, work);
  const keyOf = (name: string): TestKey => {
    const key = keys.get(name);
    if (key === undefined) throw new Error(`Cannot sign with "${name}": the config has ${[...keys.keys()].join(", ")}`);
    return key;
  };
  let made: { report: Report; now: Date } | undefined;
  for (const [position, upstream] of scenario.runs.entries()) {
    const now = new Date(FIRST_RUN + position * DAY_MS);
    const downloader = treeDownloader(await treesOf(upstream(keyOf)));
    made = { report: await runOnce(settings, downloader, now, position + 1), now };
  }
  if (made === undefined) throw new Error(`Scenario "${scenario.name}" has no run`);
  return { output: settings.output, keys, ...made };
}

async function runOnce(settings: Settings, downloader: Downloader, now: Date, ordinal: number): Promise<Report> {
  const state = await openFolder(settings.state);
  const world: World = {
    downloader,
    signatures: new OpenpgpChecker(),
    signer: await loadSigner(settings.sign, now),
    apt: { update: async () => ({ kind: "missing" }) },
    debcheck: { uninstallable: async () => ({ kind: "missing" }) },
    aside,
    compressor: storedCompressor(createCompressor()),
    state,
    output: await openFolder(settings.output),
    store: openStore(state),
    overrides: await loadOverrides(settings),
    reporter: { event: () => {} },
    now,
    version: "golden",
  };
  const wishes = {
    suites: undefined,
    dryRun: false,
    offline: false,
    full: false,
    acceptShrink: false,
    acceptReleaseChange: false,
    acceptUninstallable: false,
    settle: false,
    acceptOlder: new Set<string>(),
  };
  return run(settings, { id: `run-${ordinal}`, ...wishes }, world);
}

async function writeKeys(settings: Settings, work: string): Promise<ReadonlyMap<string, TestKey>> {
  const keys = new Map<string, TestKey>();
  await mkdir(join(work, "keys"));
  for (const name of settings.mirrors.keys()) {
    const key = await newKey({ userId: name });
    keys.set(name, key);
    await writeFile(join(work, "keys", `${name}.asc`), key.publicArmored);
  }
  const key = await newKey({ userId: SIGNING_KEY });
  keys.set(SIGNING_KEY, key);
  await writeFile(join(work, "signing-key.asc"), key.secretArmored, { mode: 0o600 });
  return keys;
}

async function treesOf(upstream: Upstream): Promise<ReadonlyMap<string, Tree>> {
  const trees = new Map<string, Tree>();
  for (const [mirror, archives] of Object.entries(upstream)) {
    const list = "build" in archives ? [archives] : archives;
    trees.set(`http://${mirror}.example/debian`, joinTrees(...(await Promise.all(list.map((one) => one.build())))));
  }
  return trees;
}

/** Names of machines that do not exist, so that inputs.json is the same everywhere. */
function treeDownloader(trees: ReadonlyMap<string, Tree>): Downloader {
  return {
    async download({ where, bases, paths, maxBytes }) {
      for (const base of bases) {
        const tree = trees.get(base);
        if (tree === undefined)
          throw new MergeError("MIRROR_UNREACHABLE", `Cannot fetch from ${base}: the scenario has no such mirror`, where);
        for (const path of paths) {
          const bytes = tree.get(path);
          if (bytes === undefined) continue;
          if (bytes.length > maxBytes)
            throw new MergeError("DOWNLOAD_LIMIT", `Cannot take ${base}/${path}: it has ${bytes.length} bytes`, where);
          return { kind: "fetched", bytes, base, validator: undefined };
        }
      }
      return { kind: "absent" };
    },
  };
}
