/** Indices of the last generation that need not be made again, because nothing changed of what they were made of. */
import type { IndexPath } from "../archive/names.ts";
import { MergeError } from "../errors.ts";
import { parsePdiffIndex } from "../pdiff/index-file.ts";
import { hasPart, readOutcome } from "../state/outcomes.ts";
import { readLayout } from "./last-generation.ts";
import { isSettlingDue, type MadeFile, type MadeIndex } from "./make-index.ts";
import type { MergeOrder } from "./merge-suite.ts";
import { followersOf, followsSources, type Target } from "./suite-targets.ts";
import type { Survey } from "./survey.ts";
import { type OutcomeIndex, outcomeName, type TargetOutcome, targetKey } from "./target-outcome.ts";
import type { RunRequest, World } from "./world.ts";

/** An index as it is published, found sound. */
export interface StandingIndex extends Omit<MadeIndex, "architecture"> {
  /** All its files, below the suite. */
  readonly paths: readonly string[];
}

export interface StandingTarget {
  readonly outcome: TargetOutcome;
  readonly indices: readonly StandingIndex[];
}

/** Whether the last generation can be built on at all. */
const mayStand = ({ published, reshaped }: MergeOrder, request: RunRequest): boolean =>
  published !== undefined && !reshaped && !request.full;

/** Undefined when the index must be made. What did not change breaks no package that was not broken before. */
export async function standingTarget(
  order: MergeOrder,
  target: Target,
  survey: Survey,
  world: World,
  request: RunRequest,
): Promise<StandingTarget | undefined> {
  const { suite } = order;
  if (!mayStand(order, request)) return undefined;
  const key = targetKey(order, target, survey, world);
  const outcome = (await readOutcome(world.state, suite.name, outcomeName(target), key)) as TargetOutcome | undefined;
  if (outcome === undefined || outcome.indices.length === 0) return undefined;
  // What else is made may ask for these.
  const has = (part: "needs" | "winners"): Promise<boolean> => hasPart(world.state, suite.name, outcomeName(target), part, outcome[part]);
  if (target.kind.type !== "source" && followsSources(suite) && !(await has("needs"))) return undefined;
  if (followersOf(suite).length > 0 && !(await has("winners"))) return undefined;
  const indices: StandingIndex[] = [];
  for (const index of outcome.indices) {
    const standing = await standingIndex(order, index, world, request);
    if (standing === undefined) return undefined;
    indices.push(standing);
  }
  return { outcome, indices };
}

/** The published files of an index, when it is the one that came out and they are sound; none in a dry run. */
export async function standingIndex(
  order: MergeOrder,
  { component, path, stanzas, plain }: OutcomeIndex,
  world: World,
  request: RunRequest,
): Promise<StandingIndex | undefined> {
  const { last, published, suite } = order;
  const record = last.record?.indices.find((index) => index.path === path);
  if (!mayStand(order, request) || published === undefined || record?.sha256 !== plain.digests.SHA256) return undefined;
  const facts = { component, path, stanzas, plain, rebuilt: false };
  if (request.dryRun) return { ...facts, files: [], patches: undefined, paths: [] };
  const files: MadeFile[] = [];
  for (const codec of ["gz", "xz"] as const) {
    if (!published.entries.has(`${path}.${codec}` as IndexPath)) continue;
    const file = await soundFile(order, `${path}.${codec}`, world);
    if (file === undefined) return undefined;
    const layout = await readLayout(suite.name, path, codec, file.digests.SHA256, world.state);
    // Of a file whose layout was lost nobody knows whether it is cut up.
    if (layout === undefined || isSettlingDue(layout, order, request)) return undefined;
    files.push({ codec, ...file });
  }
  if (files.length === 0) return undefined;
  const paths = files.map(({ codec }) => `${path}.${codec}`);
  const list = `${path}.diff/Index`;
  if (!published.entries.has(list as IndexPath)) return { ...facts, files, patches: undefined, paths };
  const index = await soundFile(order, list, world);
  const patches = index === undefined ? undefined : await patchesOf(order, list, world);
  if (index === undefined || patches === undefined) return undefined;
  return { ...facts, files, patches: { path: list, ...index, written: true }, paths: [...paths, list, ...patches] };
}

/** Size and digests of a published file, when it is the one that our Release lists. */
async function soundFile(
  { last, published, publish }: MergeOrder,
  path: string,
  world: World,
): Promise<Omit<MadeFile, "codec"> | undefined> {
  const found = await world.output.digest(`${last.path}/${path}`, publish.digests);
  return found !== undefined && published?.entries.get(path as IndexPath)?.sha256 === found.digests.SHA256 ? found : undefined;
}

/** The patches that a sound list names; undefined when one of them is not sound, or they are more than the config wants. */
async function patchesOf({ last, publish }: MergeOrder, list: string, world: World): Promise<readonly string[] | undefined> {
  const folder = list.slice(0, -"Index".length);
  const bytes = await world.output.read(`${last.path}/${list}`);
  if (bytes === undefined) return undefined;
  try {
    const { patches } = parsePdiffIndex(bytes, { mirror: "our own tree", file: list });
    if (patches.length > publish.pdiffStates) return undefined;
    for (const { name, download } of patches) {
      const found = await world.output.digest(`${last.path}/${folder}${name}.gz`, []);
      if (found?.digests.SHA256 !== download.sha256) return undefined;
    }
    return patches.map(({ name }) => `${folder}${name}.gz`);
  } catch (error) {
    if (!(error instanceof MergeError) || error.code !== "INDEX_MALFORMED") throw error;
    return undefined;
  }
}

/** Puts the files of a standing index into the new generation. */
export async function keepFiles(order: MergeOrder, { paths }: StandingIndex): Promise<void> {
  for (const path of paths) await order.keep(path);
}
