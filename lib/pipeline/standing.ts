/** Indices of the last generation that need not be made again, because nothing changed of what they were made of. */
import type { DigestName } from "../archive/digests.ts";
import type { IndexPath, Sha256 } from "../archive/names.ts";
import { MergeError } from "../errors.ts";
import { parsePdiffIndex } from "../pdiff/index-file.ts";
import { hasPart, readOutcome } from "../state/outcomes.ts";
import type { SoundFile } from "../verify/published-suite.ts";
import { type LastSuite, readLayout } from "./last-generation.ts";
import { isSettlingDue, type MadeFile, type MadeIndex } from "./make-index.ts";
import type { MergeOrder } from "./merge-suite.ts";
import { followersOf, followsSources, type Target } from "./suite-targets.ts";
import type { Survey } from "./survey.ts";
import { type OutcomeIndex, outcomeName, type TargetOutcome, targetKey } from "./target-outcome.ts";
import type { RunRequest, World } from "./world.ts";

/** An index as it is published, found sound. */
export interface StandingIndex extends Omit<MadeIndex, "architecture"> {
  /** All its files, by path below the suite. */
  readonly sound: ReadonlyMap<string, SoundFile>;
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
  if (request.dryRun) return { ...facts, files: [], patches: undefined, sound: new Map() };
  const files: MadeFile[] = [];
  const sound = new Map<string, SoundFile>();
  for (const codec of ["gz", "xz"] as const) {
    if (!published.entries.has(`${path}.${codec}` as IndexPath)) continue;
    const file = await soundFile(order, `${path}.${codec}`, sound, world);
    if (file === undefined) return undefined;
    const layout = await readLayout(suite.name, path, codec, file.digests.SHA256, world.state);
    // Of a file whose layout was lost nobody knows whether it is cut up.
    if (layout === undefined || isSettlingDue(layout, order, request)) return undefined;
    files.push({ codec, ...file });
  }
  if (files.length === 0) return undefined;
  const list = `${path}.diff/Index`;
  if (!published.entries.has(list as IndexPath)) return { ...facts, files, patches: undefined, sound };
  const index = await soundFile(order, list, sound, world);
  if (index === undefined || !(await arePatchesSound(order, list, sound, world))) return undefined;
  return { ...facts, files, patches: { path: list, ...index, written: true }, sound };
}

/** Size and digests of a published file, when it is the one that our Release lists. @param sound takes note of it then */
function soundFile(
  { last, published, publish }: MergeOrder,
  path: string,
  sound: Map<string, SoundFile>,
  world: World,
): Promise<Omit<MadeFile, "codec"> | undefined> {
  return digestedFile(last, path, publish.digests, published?.entries.get(path as IndexPath)?.sha256, sound, world);
}

async function digestedFile(
  last: LastSuite,
  path: string,
  names: readonly DigestName[],
  wanted: Sha256 | undefined,
  sound: Map<string, SoundFile>,
  { output }: World,
): Promise<Omit<MadeFile, "codec"> | undefined> {
  // Before it is read: whoever puts another one in its place meanwhile is found out.
  const seen = await output.stat(`${last.path}/${path}`);
  const found = await output.digest(`${last.path}/${path}`, names);
  if (seen === undefined || found === undefined || found.digests.SHA256 !== wanted) return undefined;
  sound.set(path, { ...seen, sha256: found.digests.SHA256 });
  return found;
}

/** Whether the patches that a sound list names are, and no more than the config wants. @param sound takes note of them */
async function arePatchesSound({ last, publish }: MergeOrder, list: string, sound: Map<string, SoundFile>, world: World): Promise<boolean> {
  const folder = list.slice(0, -"Index".length);
  const bytes = await world.output.read(`${last.path}/${list}`);
  if (bytes === undefined) return false;
  try {
    const { patches } = parsePdiffIndex(bytes, { mirror: "our own tree", file: list });
    if (patches.length > publish.pdiffStates) return false;
    for (const { name, download } of patches)
      if ((await digestedFile(last, `${folder}${name}.gz`, [], download.sha256, sound, world)) === undefined) return false;
    return true;
  } catch (error) {
    if (!(error instanceof MergeError) || error.code !== "INDEX_MALFORMED") throw error;
    return false;
  }
}

/** Puts the files of a standing index into the new generation. */
export async function keepFiles(order: MergeOrder, { sound }: StandingIndex): Promise<void> {
  for (const [path, file] of sound) await order.keep(path, file);
}
