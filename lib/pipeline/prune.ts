/** Removes what nothing needs any more. A merge does most of it at its end, by the same lists; this does it at any time, and for what a config gave up. */
import type { Sha256 } from "../archive/names.ts";
import { MergeError } from "../errors.ts";
import type { Folder } from "../ports.ts";
import { filesBelow, listSpentFiles, removeSpentFiles } from "../publish/by-hash.ts";
import { checkOutputIsOurs, GENERATIONS, type Generation, listGenerations, listLeftovers, listSpent } from "../publish/generations.ts";
import type { PrunedPart, PruneReport } from "../report/prune.ts";
import type { Settings } from "../settings.ts";
import { readInputs } from "../state/inputs-record.ts";
import { listTemporaries } from "../state/leftovers.ts";
import { listOldRuns } from "../state/runs.ts";
import { readLast } from "./last-generation.ts";
import { listStaleCaches } from "./stale-caches.ts";
import { neededFiles, unneededFiles } from "./tidy-up.ts";
import type { World } from "./world.ts";

type DiskWorld = Pick<World, "state" | "output" | "store" | "now">;

/** @throws MergeError TRUST_DAMAGED, OUTPUT_UNUSABLE when it is not known what is live: nothing is removed then */
export async function prune(settings: Settings, dryRun: boolean, world: DiskWorld): Promise<PruneReport> {
  const { state, output, now } = world;
  await checkOutputIsOurs(output);
  const last = await readLast(world);
  const spent = last === undefined ? [] : await listSpent(output, last.generation, settings.publish.generations);
  const trees = await listLeftovers(output, last?.generation);
  const gone = new Set([...spent.map(({ path }) => path), ...trees]);
  const kept = (await listGenerations(output)).filter(({ path }) => !gone.has(path));

  const superseded = new Map<Generation, readonly string[]>();
  const needed = await neededFiles([], world);
  for (const one of kept) {
    // What a kept generation says that it was made of stays, as long as it is there.
    const bytes = await output.read(`${one.path}/inputs.json`);
    for (const [digest] of bytes?.toString("latin1").matchAll(/\b[0-9a-f]{64}\b/g) ?? []) needed.add(digest as Sha256);
    const suites = await suitesOf(output, one);
    if (suites === undefined) continue;
    superseded.set(one, await listSpentFiles(output, one.path, suites, now, settings.publish.byHashKeepMs ?? 0));
  }
  const stored = await unneededFiles(needed, world);
  const caches = await listStaleCaches(settings, last, state);
  const runs = await listOldRuns(state);
  const temporaries = { state: await listTemporaries(state, "", true), output: await outputTemporaries(output, kept) };

  const files = [...superseded].flatMap(([{ path }, paths]) => paths.map((file) => `${path}/${file}`));
  const freed = await freedIn(output, [...spent.map(({ path }) => path), ...trees, ...files, ...temporaries.output]);
  const inOutput = (paths: readonly string[]): PrunedPart["things"] =>
    paths.map((path) => ({ root: "OUTPUT", path, bytes: freed.get(path) ?? 0 }));
  const inState = async (paths: readonly string[]): Promise<PrunedPart["things"]> =>
    Promise.all(
      paths.map(async (path) => ({
        root: "STATE" as const,
        path,
        bytes: (await filesAt(state, path)).reduce((sum, one) => sum + one.bytes, 0),
      })),
    );
  const parts: readonly PrunedPart[] = [
    { what: "old generation", things: inOutput(spent.map(({ path }) => path)) },
    { what: "leftover", things: [...inOutput([...trees, ...temporaries.output]), ...(await inState(temporaries.state))] },
    { what: "superseded file", things: inOutput(files) },
    { what: "stored file", things: await inState(stored) },
    { what: "cache file", things: await inState(caches) },
    { what: "old run", things: await inState(runs) },
  ];
  if (dryRun) return { dryRun, parts };

  for (const [{ path }, paths] of superseded) if (paths.length > 0) await removeSpentFiles(output, path, paths);
  for (const part of parts) {
    if (part.what === "superseded file") continue;
    for (const { root, path } of part.things) await (root === "OUTPUT" ? output : state).remove(path);
  }
  await removeEmptyFolders(state, "cache");
  return { dryRun, parts };
}

/** Undefined when its record cannot be read: then nothing in it is touched. */
async function suitesOf(output: Folder, { path }: Generation): Promise<readonly string[] | undefined> {
  try {
    return Object.keys((await readInputs(output, path)).suites);
  } catch (error) {
    if (error instanceof MergeError && error.code === "TRUST_DAMAGED") return undefined;
    throw error;
  }
}

async function outputTemporaries(output: Folder, kept: readonly Generation[]): Promise<readonly string[]> {
  const found = [];
  for (const folder of ["", GENERATIONS, ...kept.map(({ path }) => path)]) found.push(...(await listTemporaries(output, folder, false)));
  return found;
}

interface FileAt {
  readonly path: string;
  readonly bytes: number;
  readonly id: string;
}

/** A file, or all files of a folder. */
async function filesAt(folder: Folder, path: string): Promise<readonly FileAt[]> {
  const [parent, name] = [path.slice(0, path.lastIndexOf("/") + 1), path.slice(path.lastIndexOf("/") + 1)];
  const kind = (await folder.list(parent.replace(/\/$/, "")))?.find((entry) => entry.name === name)?.kind;
  // A link that a dead run left has no bytes of its own.
  if (kind !== "folder" && kind !== "file") return [];
  const paths = kind === "folder" ? (await filesBelow(folder, path)).map((below) => `${path}/${below}`) : [path];
  const files = await Promise.all(paths.map(async (file) => ({ path: file, found: await folder.stat(file) })));
  return files.flatMap(({ path: file, found }) => (found === undefined ? [] : [{ path: file, bytes: found.bytes, id: found.id }]));
}

/** Bytes that removing each path frees: generations share files, and one goes from the disk with its last name. */
async function freedIn(output: Folder, paths: readonly string[]): Promise<ReadonlyMap<string, number>> {
  const freed = new Map<string, number>();
  if (paths.length === 0) return freed;
  const going = new Map<string, readonly FileAt[]>();
  for (const path of paths) going.set(path, await filesAt(output, path));
  const names = new Set([...going.values()].flat().map(({ path }) => path));
  const held = new Set<string>();
  for (const { path, id } of await filesAt(output, GENERATIONS)) if (!names.has(path)) held.add(id);
  for (const [path, files] of going) {
    let sum = 0;
    for (const { bytes, id } of files) {
      if (!held.has(id)) sum += bytes;
      held.add(id); // counted once
    }
    freed.set(path, sum);
  }
  return freed;
}

/** @returns whether nothing is left of it */
async function removeEmptyFolders(folder: Folder, path: string): Promise<boolean> {
  let left = 0;
  for (const { name, kind } of (await folder.list(path)) ?? []) {
    const below = `${path}/${name}`;
    if (kind !== "folder" || !(await removeEmptyFolders(folder, below))) left++;
    else await folder.remove(below);
  }
  return left === 0;
}
