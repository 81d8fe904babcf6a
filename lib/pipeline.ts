/**
 * The whole of a run: START READING HERE.
 *
 *     take in   every mirror's signed Release and the indices it lists, verified     take-in.ts, take-release.ts, fetch-indices.ts
 *     delta     is anything different from what the last generation was made of?     suite-delta.ts
 *     merge     one contest per name, overrides, composed index by index             build-suite.ts, merge-suite.ts
 *     publish   Release files, signatures, a proven stage, one rename                publish-suite.ts, publish-run.ts
 *     report    what changed and why                                                 report-run.ts
 *
 * A suite that fails keeps its last state while the others go on. Nothing that a client can see changes before the switch.
 */
import { isFatal, MergeError, type Problem, problemOf } from "./errors.ts";
import { strayOverrides } from "./override/override-files.ts";
import { problemTellers, type RunContext } from "./pipeline/context.ts";
import { lapsingSuites } from "./pipeline/lapse.ts";
import { lastSuite, readLast } from "./pipeline/last-generation.ts";
import { checkNotForeign, isAnythingToPublish } from "./pipeline/publish-plan.ts";
import { reportRun } from "./pipeline/report-run.ts";
import { deltaOf, tellRolledBack } from "./pipeline/suite-delta.ts";
import { overridesOf } from "./pipeline/suite-overrides.ts";
import { keptHint, type SuiteRun } from "./pipeline/suite-run.ts";
import { takeReleases } from "./pipeline/take-in.ts";
import { acceptReleases } from "./pipeline/take-release.ts";
import { startTimings } from "./pipeline/timings.ts";
import type { RunRequest, World } from "./pipeline/world.ts";
import { checkOutputIsOurs, type Generation, removeLeftovers } from "./publish/generations.ts";
import { mendEntrances, type Stage } from "./publish/stage.ts";
import type { Report, SuiteReport } from "./report/report.ts";
import type { Settings } from "./settings.ts";
import { removeTemporaries } from "./state/leftovers.ts";
import { takeSkippedStarts } from "./state/skipped-starts.ts";

/**
 * Runs a merge, or in a dry run finds out what it would do.
 *
 * @throws MergeError when no suite can be worked on at all: output folder, trust record of the published tree
 */
export async function run(settings: Settings, request: RunRequest, world: World): Promise<Report> {
  const problems: Problem[] = [];
  const timings = startTimings();
  await checkOutputIsOurs(world.output);
  const last = await readLast(world);
  await removeTemporaries(world.state, "", true);
  if (!request.dryRun) {
    await removeTemporaries(world.output, "", false);
    await removeLeftovers(world.output, last?.generation);
  }
  const context: RunContext = {
    settings,
    request,
    world,
    last,
    releases: new Map(),
    timings,
    problems,
    ...problemTellers(world, problems),
  };
  checkNotForeign(context);
  if (!request.dryRun && last !== undefined) await mendEntrances(world.output, last.generation);
  if (!request.dryRun) for (const one of await takeSkippedStarts(world.state)) context.tell(one);
  for (const one of [...world.signer.problems, ...strayOverrides(world.overrides, settings.suites)]) context.tell(one);

  const chosen = settings.suites.filter((suite) => request.suites === undefined || request.suites.includes(suite.name));
  const runs = chosen.map((suite): SuiteRun => {
    const overrides = overridesOf(suite, world.overrides);
    return { suite, last: lastSuite(last, suite.name), overrides, intakes: [], digests: undefined, state: { kind: "waiting" } };
  });

  let removed: readonly SuiteReport[] = [];
  let made: Generation | undefined;
  let stage: Stage | undefined;
  try {
    // Take in and delta: all suites at the same time, bounded by the downloader.
    await timings.measure("fetchMs", () => settle(runs.map((one) => attempt(one, context, () => takeIn(one, context)))));
    // What follows is loaded when there is something to do: most runs find nothing changed.
    const publishing = isAnythingToPublish(runs, context) ? await import("./pipeline/publish-run.ts") : undefined;
    if (publishing !== undefined) removed = await (await import("./pipeline/removed-suite.ts")).reportRemoved(context);
    // Merge and publish into the stage: one suite after the other, each on all cores.
    stage = await publishing?.prepareStage(runs, context);
    for (const one of runs) {
      const { kind } = one.state;
      if (kind !== "changed" && kind !== "due") continue;
      const work =
        kind === "due" ? (await import("./pipeline/reissue-suite.ts")).renewSuite : (await import("./pipeline/build-suite.ts")).buildSuite;
      await attempt(one, context, () => work(one, stage, context));
      if (isFailed(one)) await stage?.dropSuite(one.suite.name);
    }
    if (!request.dryRun) for (const one of runs) if (isNotMerged(one)) await acceptReleases(one.intakes, context);
    made = await timings.measure("publishMs", async () => publishing?.finishGeneration(runs, stage, context));
  } catch (error) {
    // A fault of disk or keys is no suite's: nothing is switched.
    if (!(error instanceof MergeError)) throw error;
    for (const one of runs) if (one.state.kind !== "unchanged") one.state = { kind: "failed", error };
    removed = [];
    // What cannot be removed now the next run removes.
    if (stage !== undefined) await world.output.remove(stage.path).catch(() => undefined);
    context.tell(problemOf(error));
  }
  for (const one of lapsingSuites(runs, world.now)) context.tell(one);
  if (stage !== undefined || runs.some(isFailed)) await (await import("./pipeline/tidy-up.ts")).tidyUp(made, runs, context);
  return reportRun(runs, removed, made, context);
}

async function takeIn(one: SuiteRun, context: RunContext): Promise<void> {
  const seen = (intakes: SuiteRun["intakes"]): void => {
    one.intakes = intakes;
  };
  one.intakes = await takeReleases(one.suite, context, seen);
  if ((await deltaOf(one, context)) === "changed") {
    loadAhead();
    const { fetchIndices } = await import("./pipeline/fetch-indices.ts");
    one.intakes = await fetchIndices(one.suite, one.intakes, context);
  }
  one.state = { kind: await deltaOf(one, context) };
  tellRolledBack(one, context);
}

/** What makes and publishes a suite is loaded while its files are fetched. Whoever needs it is told when it cannot be. */
function loadAhead(): void {
  for (const part of [import("./pipeline/build-suite.ts"), import("./pipeline/publish-run.ts")]) part.catch(() => undefined);
}

/** What concerns one suite stops that suite alone. */
async function attempt(one: SuiteRun, context: RunContext, work: () => Promise<void>): Promise<void> {
  try {
    await work();
  } catch (error) {
    if (!(error instanceof MergeError) || isFatal(error)) throw error;
    one.state = { kind: "failed", error };
    context.tell({ ...problemOf(error), hint: keptHint(error, one) });
  }
}

const isNotMerged = (one: SuiteRun): boolean => one.state.kind === "unchanged" || one.state.kind === "reissued";

const isFailed = (one: SuiteRun): boolean => one.state.kind === "failed" || one.state.kind === "held";

/** Waits for all, also when one throws: nothing goes on behind our back. */
async function settle(work: readonly Promise<void>[]): Promise<void> {
  for (const outcome of await Promise.allSettled(work)) if (outcome.status === "rejected") throw outcome.reason;
}
