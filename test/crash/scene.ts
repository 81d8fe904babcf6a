/**
 * What every fault meets: two archives in folders, a config, and a tree of two generations; the archives have moved on, so that a run fetches, patches,
 * merges two suites, publishes the third generation and removes the first. Prepared once, copied for each fault.
 */
import { execFile } from "node:child_process";
import { mkdir, readFile, rm, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { promisify } from "node:util";
import { type RunWishes, runMerge } from "../../bin/run-merge.ts";
import { readVersion } from "../../bin/terminal-cli.ts";
import { loadSettings } from "../../config/load.ts";
import type { Report } from "../../lib/report/report.ts";
import { fakeCli } from "../config-from-apt/fake-cli.ts";
import { type Archive, archive, joinTrees } from "../support/archive.ts";
import { newKey } from "../support/keys.ts";
import { type Snapshot, snapshot } from "../support/tree-snapshot.ts";

const UPSTREAM = await newKey({ userId: "Upstream Archive" });
const MERGED = await newKey({ userId: "Merged Archive" });

/** When generation N is made; by-hash files of the first are no longer kept in the third. */
export const nowOf = (generation: number): Date => new Date(Date.UTC(2026, 9, 2, 4 * generation));

/** As a child says it: it stands in inputs.json. */
const VERSION = readVersion();

const SUITES = ["stable", "extra"] as const;

/** What the archive carries in a generation: some packages move with each, most stay. */
function carries(suite: string, generation: number): Archive {
  const packages = Array.from({ length: 40 }, (_, position) => ({
    Package: `${suite}-${String(position).padStart(2, "0")}`,
    Version: position % 20 === 7 ? `${generation}.0` : "1.0",
    Architecture: position % 5 === 0 ? "all" : "amd64",
  }));
  return archive({ suite, key: UPSTREAM })
    .debs(packages)
    .index("main/Contents-amd64", `usr/bin/${suite}-00 utils/${suite}-00\nusr/bin/${suite}-07-${generation} utils/${suite}-07\n`)
    .compressions(["xz", "gz"])
    .byHash()
    .at(new Date(Date.UTC(2026, 9, 1, generation)));
}

const CONFIG = (mirror: string): object => ({
  state: "state",
  output: "output",
  overrides: "indices",
  sign: [{ key: "signing-key.asc" }],
  mirrors: { base: { url: mirror, "signed-by": "keyring.asc", pool: "BASE" } },
  suites: {
    merged: {
      aliases: ["current-stable"],
      from: ["base/stable", "base/extra"],
      components: ["main"],
      architectures: ["amd64"],
      policy: { uninstallable: "report" },
    },
    other: {
      from: ["base/extra"],
      components: ["main"],
      architectures: ["amd64"],
      indices: ["packages"],
      policy: { uninstallable: "off" },
    },
  },
  publish: { compress: { gz: 1, xz: 1 }, generations: 2, "by-hash": { keep: "3h" }, pdiffs: { keep: 1 } },
});

export interface Scene {
  /** Holds the mirror, and what is copied. */
  readonly folder: string;
  readonly prepared: string;
  /** OUTPUT of the prepared folder, and of one whose run nothing disturbed. */
  readonly before: Snapshot;
  readonly after: Snapshot;
  /** Trust records of the prepared folder, by path below STATE. */
  readonly floors: ReadonlyMap<string, string>;
  /** The same after the undisturbed run. */
  readonly newFloors: ReadonlyMap<string, string>;
  /** How many entries STATE has after the undisturbed run. */
  readonly stateEntries: number;
}

export async function prepareScene(folder: string): Promise<Scene> {
  const prepared = join(folder, "prepared");
  const mirror = join(folder, "mirror");
  await put(join(prepared, "signing-key.asc"), MERGED.secretArmored, 0o600);
  await put(join(prepared, "keyring.asc"), UPSTREAM.publicArmored);
  await put(join(prepared, "indices/override.merged.main"), "stable-00 required admin\n");
  // JSON is YAML.
  await put(join(prepared, "aptmerge.yaml"), JSON.stringify(CONFIG(mirror), null, 2));
  for (const generation of [1, 2]) {
    await serveGeneration(mirror, generation);
    await mustPublish(prepared, generation);
  }
  await serveGeneration(mirror, 3);
  const undisturbed = join(folder, "undisturbed");
  await copyOf(prepared, undisturbed);
  await mustPublish(undisturbed, 3);
  const state = await snapshot(join(undisturbed, "state"));
  const after = await snapshot(join(undisturbed, "output"));
  // The scene would show less without patches.
  if (!Object.keys(after).some((path) => path.endsWith("Packages.diff/Index"))) throw new Error("The scene publishes no patches");
  return {
    folder,
    prepared,
    before: await snapshot(join(prepared, "output")),
    after,
    floors: await floorsOf(prepared),
    newFloors: await floorsOf(undisturbed),
    stateEntries: Object.keys(state).length,
  };
}

/** Date of each trust record, by path below STATE. */
export async function floorsOf(folder: string): Promise<ReadonlyMap<string, string>> {
  const floors = new Map<string, string>();
  for (const suite of SUITES) {
    const path = `trust/base/${suite}.json`;
    floors.set(path, /"date": "([^"]+)"/.exec(await readFile(join(folder, "state", path), "latin1"))?.[1] ?? "");
  }
  return floors;
}

/** One run in process, at the time of a generation. */
export async function mergeIn(
  folder: string,
  generation: number,
  wishes: RunWishes = {},
): Promise<{ readonly report: Report; readonly told: string }> {
  const { cli, told } = fakeCli(folder);
  const { settings } = await loadSettings(join(folder, "aptmerge.yaml"), {});
  const report = await runMerge({ ...cli, version: VERSION, now: nowOf(generation) }, settings, wishes);
  return { report, told: [...told, ...report.problems].map(({ code, message }) => `${code}: ${message}`).join("\n") };
}

/** With all times, and no file shared with the original. */
export async function copyOf(from: string, to: string): Promise<void> {
  await rm(to, { recursive: true, force: true });
  await promisify(execFile)("cp", ["-a", from, to]);
}

async function mustPublish(folder: string, generation: number): Promise<void> {
  const { report, told } = await mergeIn(folder, generation);
  if (report.outcome !== "published")
    throw new Error(`Generation ${generation} of the scene was not published: ${report.outcome}\n${told}`);
}

async function serveGeneration(mirror: string, generation: number): Promise<void> {
  await rm(mirror, { recursive: true, force: true });
  const tree = joinTrees(...(await Promise.all(SUITES.map((suite) => carries(suite, generation).build()))));
  for (const [path, bytes] of tree) if (path.startsWith("dists/")) await put(join(mirror, path), bytes);
}

async function put(path: string, bytes: string | Buffer, mode = 0o644): Promise<void> {
  await mkdir(dirname(path), { recursive: true });
  await writeFile(path, bytes, { mode });
}
