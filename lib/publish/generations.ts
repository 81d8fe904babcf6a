/**
 * Generations of the published tree.
 *
 *     OUTPUT/current -> .generations/000042     the one link that switches everything
 *     OUTPUT/dists   -> current/dists           made once, like indices, inputs.json and key.asc
 */
import { MergeError } from "../errors.ts";
import type { Folder } from "../ports.ts";

export const GENERATIONS = ".generations";
/** Prefix of a tree that is being made: the next run removes what a killed one left. */
export const STAGE_PREFIX = ".new-";

export interface Generation {
  readonly number: number;
  /** Below OUTPUT, such as `.generations/000042`. */
  readonly path: string;
}

export function generation(number: number): Generation {
  return { number, path: `${GENERATIONS}/${String(number).padStart(6, "0")}` };
}

/** Undefined before the first publish. @throws MergeError OUTPUT_UNUSABLE when `current` is not ours */
export async function liveGeneration(output: Folder): Promise<Generation | undefined> {
  const target = await output.readLink("current");
  if (target === undefined) {
    // A first run that died before its switch leaves the first generation, and entrances that lead nowhere; anything more was published once.
    if ((await listGenerations(output)).every(({ number }) => number === 1)) return undefined;
    const text = `Cannot use "${output.root}": the link "current" is missing though generations were published, it must point to the live one below .generations`;
    throw new MergeError("OUTPUT_UNUSABLE", text, { file: `${output.root}/current` });
  }
  const match = /^\.generations\/([0-9]{6,12})$/.exec(target);
  if (match === null) {
    const text = `Cannot use "${output.root}/current": it points to "${target}", it must point to a folder below .generations`;
    throw new MergeError("OUTPUT_UNUSABLE", text, { file: `${output.root}/current` });
  }
  return generation(Number(match[1]));
}

/** What is a link in a tree of ours. */
const LINKS = new Set(["current", "dists", "indices", "inputs.json", "key.asc", "bans.json"]);

/** What stands there that is not ours must not be written over. @throws MergeError OUTPUT_UNUSABLE */
export async function checkOutputIsOurs(output: Folder): Promise<void> {
  const foreign = ((await output.list("")) ?? []).filter(
    ({ name, kind }) => (LINKS.has(name) && kind !== "link") || (name === GENERATIONS && kind !== "folder"),
  );
  const [first] = foreign;
  if (first === undefined) return;
  const text = `Cannot publish to "${output.root}": "${first.name}" there is a ${first.kind} that aptmerge did not make, it must be absent or as aptmerge makes it`;
  throw new MergeError("OUTPUT_UNUSABLE", text, { file: `${output.root}/${first.name}` });
}

export async function listGenerations(output: Folder): Promise<readonly Generation[]> {
  const names = (await output.list(GENERATIONS)) ?? [];
  return names.filter(({ name, kind }) => kind === "folder" && /^[0-9]{6,12}$/.test(name)).map(({ name }) => generation(Number(name)));
}

/** Trees that were never switched to: half-made ones, and a finished one whose run died before the switch. */
export async function listLeftovers(output: Folder, live: Generation | undefined): Promise<readonly string[]> {
  const names = ((await output.list(GENERATIONS)) ?? []).map(({ name }) => name);
  const isLater = (name: string): boolean => /^[0-9]{6,12}$/.test(name) && Number(name) > (live?.number ?? 0);
  return names.filter((name) => name.startsWith(STAGE_PREFIX) || isLater(name)).map((name) => `${GENERATIONS}/${name}`);
}

export async function removeLeftovers(output: Folder, live: Generation | undefined): Promise<void> {
  for (const path of await listLeftovers(output, live)) await output.remove(path);
}

/** All but the newest `keep`, the live one always among those. */
export async function listSpent(output: Folder, live: Generation, keep: number): Promise<readonly Generation[]> {
  const old = (await listGenerations(output))
    .filter(({ number }) => number < live.number)
    .sort((left, right) => right.number - left.number);
  return old.slice(Math.max(0, keep - 1));
}

export async function pruneGenerations(output: Folder, live: Generation, keep: number): Promise<void> {
  for (const { path } of await listSpent(output, live, keep)) await output.remove(path);
}
