/** Brings the index files that a merge needs into the store, verified. Only suites whose inputs changed come here. */
import { isFatal, MergeError, problemOf } from "../errors.ts";
import { obtainIndex, storedIndex, storedPieces } from "../fetch/index-file.ts";
import type { WantedFollower } from "../fetch/wanted-followers.ts";
import type { SuiteSettings } from "../settings.ts";
import { indexWorld } from "./index-world.ts";
import { patchIndex } from "./patch-index.ts";
import { isEssential } from "./suite-targets.ts";
import { filesOf, type IntakeContext, intakeOf, type MirrorIntake, standIn, type Wanted } from "./take-in.ts";
import { type TakenRelease, takeRelease } from "./take-release.ts";

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
          intake.cached || context.request.offline ? undefined : await patchIndex(intake, wanted, context.world, context.request);
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
