/**
 * A new generation, made beside the live one: suites that were merged anew are written, the others are linked from the last generation. Nothing
 * that a client can see changes before `switchTo`.
 */
import type { DigestName } from "../archive/digests.ts";
import type { SuiteName } from "../archive/names.ts";
import type { Folder } from "../ports.ts";
import {
  byHashPaths,
  filesBelow,
  formatSuperseded,
  isRetained,
  isSpent,
  planRetention,
  readSuperseded,
  type Superseded,
} from "./by-hash.ts";
import { GENERATIONS, type Generation, generation, STAGE_PREFIX } from "./generations.ts";

interface WrittenFile {
  readonly path: string;
  readonly digests: Parameters<typeof byHashPaths>[1];
}

export interface Stage {
  /** Below OUTPUT. */
  readonly path: string;
  readonly number: number;
  /** Below `dists/SUITE`. */
  writeSuiteFile(suite: SuiteName, path: string, bytes: Buffer | AsyncIterable<Buffer>, modified: Date): Promise<void>;
  /** Takes one file below `dists/SUITE` over from the last generation, or from the one at `from`, as it is. */
  keepSuiteFile(suite: SuiteName, path: string, from?: string): Promise<void>;
  /** by-hash links of the files that were written or taken over, and of superseded ones that clients may still ask for. */
  linkByHash(suite: SuiteName, files: readonly WrittenFile[], names: readonly DigestName[], keepMs: number): Promise<void>;
  /** Takes a suite over from the last generation as it is. */
  keepSuite(suite: SuiteName, keepMs: number | undefined): Promise<void>;
  /** Takes back what was written of a suite. */
  dropSuite(suite: SuiteName): Promise<void>;
  /** Symlink beside a suite. */
  alias(alias: SuiteName, suite: SuiteName): Promise<void>;
  /** A file at the root of the generation. */
  writeFile(path: string, bytes: Buffer): Promise<void>;
  /** Makes all durable and gives it its number. Still nobody sees it. */
  finish(): Promise<Generation>;
}

/** @param suites every suite of the last generation and of the config: one may lie in the folder of another */
export async function openStage(output: Folder, live: Generation | undefined, now: Date, suites: readonly string[] = []): Promise<Stage> {
  const number = (live?.number ?? 0) + 1;
  const path = `${GENERATIONS}/${STAGE_PREFIX}${String(number).padStart(6, "0")}`;
  const superseded = new Map<string, string>();
  const written = new Set<string>();
  const before: Superseded = live === undefined ? new Map() : await readSuperseded(output, live.path);
  await output.remove(path);

  /** Files of a suite below a generation's or the stage's folder, as paths below that folder. */
  const filesOf = async (suite: SuiteName, root: string): Promise<readonly string[]> => {
    const inner = suites.filter((name) => name.startsWith(`${suite}/`)).map((name) => `dists/${name}/`);
    const files = (await filesBelow(output, `${root}/dists/${suite}`)).map((file) => `dists/${suite}/${file}`);
    return inner.length === 0 ? files : files.filter((file) => !inner.some((folder) => file.startsWith(folder)));
  };

  const retain = async (suite: SuiteName, current: ReadonlySet<string>, keepMs: number): Promise<void> => {
    if (live === undefined) return;
    const old = (await filesOf(suite, live.path)).filter(isRetained);
    const plan = planRetention(old, before, current, now, keepMs);
    for (const file of plan.keep) await output.link(`${live.path}/${file}`, `${path}/${file}`);
    for (const [file, since] of plan.superseded) superseded.set(file, since);
  };

  return {
    path,
    number,
    writeSuiteFile(suite, file, bytes, modified) {
      written.add(`dists/${suite}/${file}`);
      return output.writeNew(`${path}/dists/${suite}/${file}`, bytes, modified);
    },
    async keepSuiteFile(suite, file, from = live?.path) {
      if (from === undefined) throw new Error(`There is no last generation to take ${file} from`);
      written.add(`dists/${suite}/${file}`);
      await output.link(`${from}/dists/${suite}/${file}`, `${path}/dists/${suite}/${file}`);
    },
    async linkByHash(suite, files, names, keepMs) {
      const current = new Set<string>(written);
      for (const file of files) {
        for (const link of byHashPaths(file.path, file.digests, names)) {
          const target = `dists/${suite}/${link}`;
          if (current.has(target)) continue; // two files of the same bytes
          current.add(target);
          await output.link(`${path}/dists/${suite}/${file.path}`, `${path}/${target}`);
        }
      }
      await retain(suite, current, keepMs);
    },
    async keepSuite(suite, keepMs) {
      if (live === undefined) return;
      for (const place of await filesOf(suite, live.path)) {
        const since = before.get(place);
        if (since !== undefined && isSpent(since, now, keepMs ?? 0)) continue;
        if (since !== undefined) superseded.set(place, since);
        await output.link(`${live.path}/${place}`, `${path}/${place}`);
      }
    },
    async dropSuite(suite) {
      const own = await filesOf(suite, path); // with the superseded links
      for (const place of own) {
        superseded.delete(place);
        written.delete(place);
      }
      if (!suites.some((name) => name.startsWith(`${suite}/`))) await output.remove(`${path}/dists/${suite}`);
      else for (const place of own) await output.remove(`${path}/${place}`);
    },
    alias(alias, suite) {
      const up = "../".repeat(alias.split("/").length - 1);
      return output.symlinkNew(`${path}/dists/${alias}`, `${up}${suite}`);
    },
    writeFile: (file, bytes) => output.writeNew(`${path}/${file}`, bytes),
    async finish() {
      const record = formatSuperseded(superseded);
      await output.writeNew(`${path}/${record.path}`, record.bytes);
      await output.flush(path);
      const made = generation(number);
      await output.rename(path, made.path);
      return made;
    },
  };
}

/** What clients find at the root of OUTPUT. */
const ENTRANCES = ["dists", "indices", "inputs.json", "key.asc", "bans.json"];

/**
 * The one rename after which clients see the new generation. The entrances are links into it that never change; those that are new come
 * first, when they lead nowhere yet, so that the rename is the last step of the very first switch too.
 */
export async function switchTo(output: Folder, made: Generation): Promise<void> {
  await mendEntrances(output, made);
  await output.switchLink("current", made.path);
}

/** Makes the entrances that a generation needs and that are not there, or lead elsewhere. */
export async function mendEntrances(output: Folder, { path }: Generation): Promise<void> {
  const present = new Set(((await output.list(path)) ?? []).map(({ name }) => name));
  for (const name of ENTRANCES) {
    if (present.has(name) && (await output.readLink(name)) !== `current/${name}`) await output.switchLink(name, `current/${name}`);
    // What a config no longer asks for must not be a link that leads nowhere.
    if (name === "bans.json" && !present.has(name) && (await output.readLink(name)) !== undefined) await output.remove(name);
  }
}
