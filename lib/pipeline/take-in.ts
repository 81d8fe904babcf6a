/** Takes in all mirrors of a merged suite: their trusted Releases, and the index files that the merge needs, verified and stored. */
import { isFatal, MergeError, type Problem, problem, problemOf } from "../errors.ts";
import { type ObtainedIndex, obtainIndex, storedIndex, storedPieces } from "../fetch/index-file.ts";
import { type WantedIndex, wantedIndices } from "../fetch/wanted.ts";
import { type WantedFollower, wantedFollowers } from "../fetch/wanted-followers.ts";
import type { MirrorSuite, SuiteSettings } from "../settings.ts";
import { indexWorld } from "./index-world.ts";
import type { LastGeneration } from "./last-generation.ts";
import { followersOf, isEssential, kindsRead } from "./suite-targets.ts";
import { everContributed, type TakenRelease, takeRelease } from "./take-release.ts";
import type { RunRequest, World } from "./world.ts";

/** One mirror's part in a merged suite. */
export interface MirrorIntake {
  readonly taken: TakenRelease;
  readonly wanted: readonly WantedIndex[];
  readonly followers: readonly WantedFollower[];
  /** Both, also those that could not be had. */
  readonly offered: readonly Wanted[];
  /** Whether the mirror failed and its last verified state stands in. */
  readonly cached: boolean;
  /** Fetched in this run. */
  files: number;
  bytes: number;
  /** Indices that were made by patches. */
  patched: number;
  /** Files that the Release lists with weak digests alone: the store knows SHA256 only. */
  readonly held: Map<string, ObtainedIndex>;
}

type Wanted = WantedIndex | WantedFollower;

/** Releases are taken once a run, also when several merged suites read one. */
export type ReleaseCache = Map<string, Promise<TakenRelease>>;

/** The part of a run's context that taking in needs. */
export interface IntakeContext {
  readonly world: World;
  readonly request: RunRequest;
  readonly last: LastGeneration | undefined;
  readonly releases: ReleaseCache;
  /** Told of what does not stop the suite. */
  tell(problem: Problem): void;
}

/**
 * Releases first, without any index: enough to see whether anything changed.
 *
 * @param seen told of the mirrors that answered well, also when another fails: the report must not blame them
 * @throws MergeError of the first mirror that fails and must hold the suite
 */
export async function takeReleases(
  suite: SuiteSettings,
  context: IntakeContext,
  seen: (intakes: readonly MirrorIntake[]) => void = () => {},
): Promise<readonly MirrorIntake[]> {
  // All are waited for, so that nothing of a failed suite goes on in the background.
  const outcomes = await Promise.allSettled(suite.from.map((from) => takeMirror(suite, from, context)));
  const intakes = outcomes.flatMap((outcome) => (outcome.status === "fulfilled" && outcome.value !== undefined ? [outcome.value] : []));
  seen(intakes);
  const failed = outcomes.find((outcome) => outcome.status === "rejected");
  if (failed !== undefined) throw failed.reason;
  return intakes;
}

async function takeMirror(suite: SuiteSettings, from: MirrorSuite, context: IntakeContext): Promise<MirrorIntake | undefined> {
  const { world, request, last, releases, tell } = context;
  const published = last?.inputs;
  const key = `${from.mirror.name} ${from.suite} ${from.codename ?? ""}`;
  try {
    const running = releases.get(key) ?? takeRelease(from, world, request, published);
    const first = !releases.has(key);
    releases.set(key, running);
    const taken = { ...(await running), from };
    if (first) for (const one of taken.problems) tell(one);
    return intakeOf(suite, taken, false);
  } catch (error) {
    if (!(error instanceof MergeError) || isFatal(error)) throw error;
    return standIn(suite, from, error, context, async () => true);
  }
}

/**
 * What goes into the suite in place of a mirror that failed, by its `on-failure`; undefined when it is skipped.
 *
 * @param usable whether the indices of a stored state can be had
 * @throws the error itself when the suite must be held
 */
async function standIn(
  suite: SuiteSettings,
  from: MirrorSuite,
  error: MergeError,
  context: IntakeContext,
  usable: (intake: MirrorIntake) => Promise<boolean>,
): Promise<MirrorIntake | undefined> {
  const { world, request, last, tell } = context;
  const where = { mirror: from.mirror.name, suite: from.suite };
  const warn = (code: "MIRROR_CACHED" | "MIRROR_SKIPPED", text: string): void => {
    tell({ ...problemOf(error), severity: "warning" });
    tell(problem("warning", code, text, where));
  };
  if (error.code === "TRUST_DAMAGED") throw error;
  switch (from.mirror.onFailure) {
    case "hold":
      throw error;
    case "cached": {
      if (request.offline) throw error;
      const taken = await takeRelease(from, world, request, last?.inputs, { stored: true }).catch((again: unknown) => {
        throw again instanceof MergeError && !isFatal(again) ? error : again;
      });
      const intake = intakeOf(suite, taken, true);
      if (!(await usable(intake))) throw error;
      const date = taken.release.date.toISOString();
      warn("MIRROR_CACHED", `Merging suite "${suite.name}" with the state of ${date} of ${where.mirror}/${where.suite}`);
      return intake;
    }
    case "skip":
      if (await everContributed(from, world, last?.inputs)) throw error;
      warn("MIRROR_SKIPPED", `Merging suite "${suite.name}" without ${where.mirror}/${where.suite}, which never contributed to it`);
      return undefined;
    default:
      return from.mirror.onFailure satisfies never;
  }
}

function intakeOf(suite: SuiteSettings, taken: TakenRelease, cached: boolean): MirrorIntake {
  const { architectures, languages, sources } = suite;
  const wanted = wantedIndices(taken.release, taken.from, { ...kindsRead(suite), architectures });
  const udebs = suite.indices.includes("udeb");
  const followers = wantedFollowers(taken.release, taken.from, followersOf(suite), { architectures, languages, sources, udebs });
  return { taken, wanted, followers, offered: [...wanted, ...followers], cached, files: 0, bytes: 0, patched: 0, held: new Map() };
}

/** All files that are wanted of a mirror. */
export const filesOf = ({ wanted, followers }: MirrorIntake): readonly Wanted[] => [...wanted, ...followers];

/** Digest that its Release gives for what is in a file, or else for its smallest compressed form. */
export function inputDigest({ plain, choices }: Wanted): string {
  const entry = plain ?? choices[0]?.entry;
  return entry?.sha256 ?? entry?.weak ?? "";
}

/**
 * A file that cannot be had takes what it would have gone into along: a merged index that lacks a mirror's part says things that are not so.
 *
 * @returns the intakes without it: its whole kind, or of files that follow the packages the merged file
 */
export function withoutFile(intakes: readonly MirrorIntake[], bad: Wanted): readonly MirrorIntake[] {
  return intakes.map((intake) => ({
    ...intake,
    wanted: intake.wanted.filter(({ kind }) => kind.name !== bad.kind.name),
    followers: intake.followers.filter((one) => !goesIntoTheSame(one, bad)),
  }));
}

const goesIntoTheSame = (one: WantedFollower, bad: Wanted): boolean =>
  "merged" in bad && one.kind.name === bad.kind.name && one.merged.name === bad.merged.name && one.component === bad.component;

/**
 * Brings every wanted index file into the store. A half-pushed mirror is asked once more for its Release; a file that cannot be had and is not
 * essential is left out with its whole kind.
 *
 * @returns the intakes, of a newer Release where a mirror moved on meanwhile
 * @throws MergeError INDEX_ABSENT, INDEX_MISMATCH, STORE_LACKS and what the downloader throws
 */
export async function fetchIndices(
  suite: SuiteSettings,
  intakes: readonly MirrorIntake[],
  context: IntakeContext,
): Promise<readonly MirrorIntake[]> {
  const left: Wanted[] = [];
  const outcomes = await Promise.allSettled(intakes.map((intake) => fetchOfMirror(suite, intake, context, left)));
  const failed = outcomes.find((outcome) => outcome.status === "rejected");
  if (failed !== undefined) throw failed.reason;
  const fetched = outcomes.flatMap((outcome) => (outcome.status === "fulfilled" && outcome.value !== undefined ? [outcome.value] : []));
  return left.reduce<readonly MirrorIntake[]>(withoutFile, fetched);
}

async function fetchOfMirror(
  suite: SuiteSettings,
  intake: MirrorIntake,
  context: IntakeContext,
  left: Wanted[],
): Promise<MirrorIntake | undefined> {
  const stops = ({ wanted }: Failure): boolean => isEssential(suite, wanted.kind.name);
  let [current, failures] = await fetchOrMoveOn(suite, intake, context);
  const fatal = failures.find(stops);
  if (fatal !== undefined) {
    if (current.cached) throw fatal.error;
    const usable = async (stored: MirrorIntake): Promise<boolean> => !(await fetchWanted(stored, context)).some(stops);
    const other = await standIn(suite, intake.taken.from, fatal.error, context, usable);
    if (other === undefined) return undefined;
    [current, failures] = [other, await fetchWanted(other, context)];
  }
  for (const { wanted, error } of failures) {
    left.push(wanted);
    context.tell({ ...problemOf(error), severity: "warning", hint: goesWithout(suite, wanted) });
  }
  return current;
}

export const goesWithout = (suite: SuiteSettings, wanted: Wanted): string =>
  `Suite "${suite.name}" goes without ${"merged" in wanted ? `${wanted.component}/${wanted.merged.name}` : wanted.kind.name} until the mirror has a sound one`;

/** What could not be had of the Release, or of the one that the mirror has moved on to meanwhile. */
async function fetchOrMoveOn(
  suite: SuiteSettings,
  intake: MirrorIntake,
  context: IntakeContext,
): Promise<[current: MirrorIntake, failures: readonly Failure[]]> {
  const { world, request, last, releases } = context;
  const { from } = intake.taken;
  const failures = await fetchWanted(intake, context);
  const movable = failures.every(({ error }) => error.code === "INDEX_ABSENT" || error.code === "INDEX_MISMATCH");
  if (failures.length === 0 || !movable || request.offline || intake.cached) return [intake, failures];
  let again: TakenRelease;
  try {
    again = await takeRelease(from, world, request, last?.inputs, { fresh: true });
  } catch (error) {
    if (!(error instanceof MergeError) || isFatal(error)) throw error;
    return [intake, failures.map(({ wanted }) => ({ wanted, error }))];
  }
  if (again.release.sha256 === intake.taken.release.sha256) return [intake, failures];
  releases.set(`${from.mirror.name} ${from.suite} ${from.codename ?? ""}`, Promise.resolve(again));
  const moved = { ...intakeOf(suite, again, false), files: intake.files, bytes: intake.bytes, patched: intake.patched };
  return [moved, await fetchWanted(moved, context)];
}

interface Failure {
  readonly wanted: Wanted;
  readonly error: MergeError;
}

async function fetchWanted(intake: MirrorIntake, context: IntakeContext): Promise<readonly Failure[]> {
  const { taken } = intake;
  const world = indexWorld(intake, context);
  const failures: Failure[] = [];
  const paths = new Map(filesOf(intake).map((wanted) => [wanted.path, wanted]));
  const outcomes = await Promise.allSettled(
    [...paths.values()].map(async (wanted) => {
      try {
        // Large ones are not held for knowing that they are there.
        if ((await storedPieces(wanted, world)) !== undefined || (await storedIndex(wanted, world)) !== undefined) return;
        const patched =
          intake.cached || context.request.offline
            ? undefined
            : await (await import("./patch-index.ts")).patchIndex(intake, wanted, context.world, context.request);
        if (patched !== undefined) {
          intake.files += patched.files;
          intake.bytes += patched.bytes;
          intake.patched++;
          return;
        }
        const obtained = await obtainIndex(wanted, taken.release, taken.from.mirror, taken.base, world);
        if (!obtained.fetched) return;
        intake.files++;
        intake.bytes += obtained.bytes.length;
        if (obtained.choice.entry.sha256 === undefined) intake.held.set(wanted.path, obtained);
        else await context.world.store.put(obtained.bytes, obtained.choice.entry.sha256);
      } catch (error) {
        // An index that our disk refuses is not one that the mirror lacks.
        if (!(error instanceof MergeError) || isFatal(error)) throw error;
        failures.push({ wanted, error });
      }
    }),
  );
  const bug = outcomes.find((outcome) => outcome.status === "rejected");
  if (bug !== undefined) throw bug.reason;
  return failures;
}
