/** Takes in the trusted Releases of all mirrors of a merged suite: what they offer, and whether that is what was merged last. */
import { isFatal, MergeError, type Problem, problem, problemOf } from "../errors.ts";
import type { ObtainedIndex } from "../fetch/index-file.ts";
import { type WantedIndex, wantedIndices } from "../fetch/wanted.ts";
import { type WantedFollower, wantedFollowers } from "../fetch/wanted-followers.ts";
import type { MirrorSuite, SuiteSettings } from "../settings.ts";
import type { LastGeneration } from "./last-generation.ts";
import { followersOf, kindsRead } from "./suite-targets.ts";
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

/** An index, or a file that follows the packages. */
export type Wanted = WantedIndex | WantedFollower;

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
export async function standIn(
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

export function intakeOf(suite: SuiteSettings, taken: TakenRelease, cached: boolean): MirrorIntake {
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

/** Upstream index path to the digest that its Release gives. */
export function indexDigests(files: readonly Wanted[]): Readonly<Record<string, string>> {
  const digests = files.map((wanted) => [wanted.path, inputDigest(wanted)] as const);
  return Object.fromEntries([...digests].sort(([left], [right]) => (left < right ? -1 : 1)));
}
