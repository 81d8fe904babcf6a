/** Takes in all mirrors of a merged suite: their trusted Releases, and the index files that the merge needs, verified and stored. */
import type { Sha256 } from "../archive/names.ts";
import { MergeError, type Problem, problem, problemOf } from "../errors.ts";
import { type IndexWorld, obtainIndex } from "../fetch/index-file.ts";
import { type WantedIndex, wantedIndices } from "../fetch/wanted.ts";
import { kindNamed } from "../kinds/registry.ts";
import type { IndexKindName, MirrorSuite, SuiteSettings } from "../settings.ts";
import { verifyCompressed } from "../verify/index-bytes.ts";
import type { LastGeneration } from "./last-generation.ts";
import { everContributed, type TakenRelease, takeRelease } from "./take-release.ts";
import type { RunRequest, World } from "./world.ts";

/** One mirror's part in a merged suite. */
export interface MirrorIntake {
  readonly taken: TakenRelease;
  readonly wanted: readonly WantedIndex[];
  /** Whether the mirror failed and its last verified state stands in. */
  readonly cached: boolean;
  /** Fetched in this run. */
  files: number;
  bytes: number;
  /** Files that the Release lists with weak digests alone: the store knows SHA256 only. */
  readonly held: Map<string, Buffer>;
}

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
 * @throws MergeError of the first mirror that fails and must hold the suite
 */
export async function takeReleases(suite: SuiteSettings, context: IntakeContext): Promise<readonly MirrorIntake[]> {
  // All are waited for, so that nothing of a failed suite goes on in the background.
  const outcomes = await Promise.allSettled(suite.from.map((from) => takeMirror(suite, from, context)));
  const failed = outcomes.find((outcome) => outcome.status === "rejected");
  if (failed !== undefined) throw failed.reason;
  return outcomes.flatMap((outcome) => (outcome.status === "fulfilled" && outcome.value !== undefined ? [outcome.value] : []));
}

async function takeMirror(suite: SuiteSettings, from: MirrorSuite, context: IntakeContext): Promise<MirrorIntake | undefined> {
  const { world, request, last, releases, tell } = context;
  const published = last?.inputs;
  const key = `${from.mirror.name} ${from.suite} ${from.codename ?? ""}`;
  const where = { mirror: from.mirror.name, suite: from.suite };
  try {
    const running = releases.get(key) ?? takeRelease(from, world, request, published);
    const first = !releases.has(key);
    releases.set(key, running);
    const taken = { ...(await running), from };
    if (first) for (const one of taken.problems) tell(one);
    return intakeOf(suite, taken, false);
  } catch (error) {
    if (!(error instanceof MergeError) || error.code === "TRUST_DAMAGED" || request.offline) throw error;
    switch (from.mirror.onFailure) {
      case "hold":
        throw error;
      case "cached": {
        const taken = await takeRelease(from, world, request, published, { stored: true }).catch(() => undefined);
        if (taken === undefined) throw error;
        tell({ ...problemOf(error), severity: "warning" });
        tell(
          problem(
            "warning",
            "MIRROR_CACHED",
            `Merging suite "${suite.name}" with the state of ${taken.release.date.toISOString()} of ${where.mirror}/${where.suite}`,
            where,
          ),
        );
        return intakeOf(suite, taken, true);
      }
      case "skip": {
        if (await everContributed(from, world, published)) throw error;
        tell({ ...problemOf(error), severity: "warning" });
        tell(
          problem(
            "warning",
            "MIRROR_SKIPPED",
            `Merging suite "${suite.name}" without ${where.mirror}/${where.suite}, which never contributed to it`,
            where,
          ),
        );
        return undefined;
      }
      default:
        return from.mirror.onFailure satisfies never;
    }
  }
}

function intakeOf(suite: SuiteSettings, taken: TakenRelease, cached: boolean): MirrorIntake {
  const kinds = suite.indices.map(kindNamed);
  const wanted = wantedIndices(taken.release, taken.from, { kinds, architectures: suite.architectures, sources: suite.sources });
  return { taken, wanted, cached, files: 0, bytes: 0, held: new Map() };
}

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
  const left = new Set<IndexKindName>();
  const outcomes = await Promise.allSettled(intakes.map((intake) => fetchOfMirror(suite, intake, context, left)));
  const failed = outcomes.find((outcome) => outcome.status === "rejected");
  if (failed !== undefined) throw failed.reason;
  const fetched = outcomes.flatMap((outcome) => (outcome.status === "fulfilled" ? [outcome.value] : []));
  if (left.size === 0) return fetched;
  return fetched.map((intake) => ({ ...intake, wanted: intake.wanted.filter(({ kind }) => !left.has(kind.name)) }));
}

async function fetchOfMirror(
  suite: SuiteSettings,
  intake: MirrorIntake,
  context: IntakeContext,
  left: Set<IndexKindName>,
): Promise<MirrorIntake> {
  const { world, request, last, releases, tell } = context;
  const published = last?.inputs;
  const { from } = intake.taken;
  const first = await fetchWanted(intake, context);
  if (first.length === 0) return intake;
  const movable = first.every(({ error }) => error.code === "INDEX_ABSENT" || error.code === "INDEX_MISMATCH");
  let [current, failures] = [intake, first];
  if (movable && !request.offline && !intake.cached) {
    const again = await takeRelease(from, world, request, published, { fresh: true });
    if (again.release.sha256 !== intake.taken.release.sha256) {
      releases.set(`${from.mirror.name} ${from.suite} ${from.codename ?? ""}`, Promise.resolve(again));
      current = { ...intakeOf(suite, again, false), files: intake.files, bytes: intake.bytes };
      failures = await fetchWanted(current, context);
    }
  }
  for (const { wanted, error } of failures) {
    if (suite.essential.includes(wanted.kind.name)) throw error;
    left.add(wanted.kind.name);
    tell({
      ...problemOf(error),
      severity: "warning",
      hint: `Suite "${suite.name}" goes without ${wanted.kind.name} until the mirror has it`,
    });
  }
  return current;
}

interface Failure {
  readonly wanted: WantedIndex;
  readonly error: MergeError;
}

async function fetchWanted(intake: MirrorIntake, context: IntakeContext): Promise<readonly Failure[]> {
  const { taken } = intake;
  const world = indexWorld(intake, context);
  const failures: Failure[] = [];
  const paths = new Map(intake.wanted.map((wanted) => [wanted.path, wanted]));
  const outcomes = await Promise.allSettled(
    [...paths.values()].map(async (wanted) => {
      try {
        const obtained = await obtainIndex(wanted, taken.release, taken.from.mirror, taken.base, world);
        if (!obtained.fetched) return;
        intake.files++;
        intake.bytes += obtained.bytes.length;
        if (obtained.choice.entry.sha256 === undefined) intake.held.set(wanted.path, obtained.bytes);
        else await context.world.store.put(obtained.bytes);
      } catch (error) {
        if (!(error instanceof MergeError)) throw error;
        failures.push({ wanted, error });
      }
    }),
  );
  const bug = outcomes.find((outcome) => outcome.status === "rejected");
  if (bug !== undefined) throw bug.reason;
  return failures;
}

/** The store as the fetch step sees it. */
export function indexWorld(intake: MirrorIntake, context: Pick<IntakeContext, "world" | "request">): IndexWorld {
  const { mirror } = intake.taken.from;
  const where = { mirror: mirror.name, suite: intake.taken.from.suite };
  return {
    downloader: context.world.downloader,
    stored: (digest: Sha256) => context.world.store.get(digest),
    check: (bytes, entry) => verifyCompressed(bytes, entry, where, mirror.allowWeak),
    offline: context.request.offline || intake.cached,
  };
}
