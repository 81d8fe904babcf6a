/** What clients need of a published tree beside its bytes: links that lead where they must, and modes by which a web server may read. */
import { lstat, readdir, readlink } from "node:fs/promises";
import { join } from "node:path";
import { MergeError, type Problem, problem } from "../errors.ts";
import { kindOf } from "./disk-path.ts";

/** Links at the root of a tree; in a copy of one they may be what they lead to. */
const ENTRANCES = ["dists", "indices", "inputs.json", "key.asc", "bans.json"];
const GENERATIONS = ".generations";

export interface TreeShape {
  /** Number of the generation that `current` names; undefined for a copy of a tree, which has no generations. */
  readonly generation: number | undefined;
  readonly problems: readonly Problem[];
}

const unsound = (file: string, found: string, wanted: string): MergeError =>
  new MergeError("TREE_UNSOUND", `Cannot vouch for ${file}: it is ${found}, it must be ${wanted}`, { file });

/** @throws MergeError TREE_UNSOUND */
export async function checkTreeShape(tree: string): Promise<TreeShape> {
  const generation = await checkLinks(tree);
  if (generation !== undefined) await checkMode(join(tree, GENERATIONS));
  for (const name of generation === undefined ? ENTRANCES : [`${GENERATIONS}/${generation}`])
    if ((await lstat(join(tree, name)).catch(() => undefined)) !== undefined) await checkModes(join(tree, name));
  if (generation === undefined) return { generation: undefined, problems: [] };
  return { generation: Number(generation), problems: await leftovers(tree, Number(generation)) };
}

/** Six digits or more, as `current` names them; undefined where there are no generations. */
async function checkLinks(tree: string): Promise<string | undefined> {
  const present = new Set(await readdir(tree));
  if (!present.has("current") && !present.has(GENERATIONS)) return undefined;
  const target = await targetOf(join(tree, "current"), `a link to a folder below ${GENERATIONS}`);
  const generation = /^\.generations\/([0-9]{6,12})$/.exec(target)?.[1];
  if (generation === undefined) throw unsound(join(tree, "current"), `a link to "${target}"`, `a link to a folder below ${GENERATIONS}`);
  for (const name of ENTRANCES) {
    if (!present.has(name)) continue;
    const wanted = `a link to "current/${name}"`;
    const found = await targetOf(join(tree, name), wanted);
    if (found !== `current/${name}`) throw unsound(join(tree, name), `a link to "${found}"`, wanted);
  }
  return generation;
}

async function targetOf(path: string, wanted: string): Promise<string> {
  const stats = await lstat(path).catch(() => undefined);
  if (stats === undefined) throw unsound(path, "absent", wanted);
  if (!stats.isSymbolicLink()) throw unsound(path, kindOf(stats), wanted);
  return readlink(path);
}

async function checkModes(path: string): Promise<void> {
  if (await checkMode(path)) for (const name of await readdir(path)) await checkModes(join(path, name));
}

/** Everyone may read and nobody else may write: apt reads as user _apt, a web server as its own. True for a folder. */
async function checkMode(path: string): Promise<boolean> {
  const stats = await lstat(path);
  if (stats.isSymbolicLink()) return false;
  if (!stats.isDirectory() && !stats.isFile()) throw unsound(path, kindOf(stats), "a regular file, a folder or a link");
  const [needed, mode] = [stats.isDirectory() ? 0o555 : 0o444, `of mode 0${(stats.mode & 0o7777).toString(8)}`];
  const wanted = `${stats.isDirectory() ? "0755" : "0644"}: everyone must be able to read it, and not to write`;
  if ((stats.mode & (needed | 0o002)) !== needed) throw unsound(path, mode, wanted);
  return stats.isDirectory();
}

/** Harmless to clients; the next run removes them. */
async function leftovers(tree: string, live: number): Promise<readonly Problem[]> {
  const names = (await readdir(join(tree, GENERATIONS))).filter(
    (name) => name.startsWith(".new-") || (/^[0-9]{6,12}$/.test(name) && Number(name) > live),
  );
  if (names.length === 0) return [];
  const text = `Below "${join(tree, GENERATIONS)}" stands what was never published: ${names.join(", ")}`;
  return [problem("warning", "TREE_LEFTOVERS", text, { file: join(tree, GENERATIONS, names[0] ?? "") })];
}
