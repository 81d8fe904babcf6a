/**
 * The whole of a run: START READING HERE.
 *
 *     take in   every mirror's signed Release and the indices it lists, verified     take-in.ts, take-release.ts
 *     delta     is anything different from what the last generation was made of?     delta/input-digests.ts
 *     merge     one contest per name, overrides, composed index by index              merge-suite.ts
 *     publish   Release files, signatures, a proven stage, one rename                 publish-suite.ts, publish/stage.ts
 *     report    what changed and why                                                  report-run.ts
 *
 * A suite that fails keeps its last state while the others go on. Nothing that a client can see changes before `switchTo`.
 */
import pLimit from "p-limit";
import { configDigest, inputsDigest, overridesDigest } from "./delta/input-digests.ts";
import { CODES, MergeError, type Problem, problem, problemOf } from "./errors.ts";
import { readOverrides } from "./override/override-files.ts";
import { isIntact, type LastGeneration, lastSuite, rememberBlocks } from "./pipeline/last-generation.ts";
import { mergeSuite } from "./pipeline/merge-suite.ts";
import { finishGeneration, prepareStage } from "./pipeline/publish-run.ts";
import { dateOf, indexDigests, indexFile, publishSuite } from "./pipeline/publish-suite.ts";
import { reportRemoved } from "./pipeline/removed-suite.ts";
import { reportRun, startTimings } from "./pipeline/report-run.ts";
import { checkShrink } from "./pipeline/shrink.ts";
import type { SuiteRun } from "./pipeline/suite-run.ts";
import { fetchIndices, type ReleaseCache, takeReleases } from "./pipeline/take-in.ts";
import { acceptRelease } from "./pipeline/take-release.ts";
import type { RunRequest, World } from "./pipeline/world.ts";
import { checkOutputIsOurs, type Generation, liveGeneration, removeLeftovers } from "./publish/generations.ts";
import type { Stage } from "./publish/stage.ts";
import { isRenewalDue } from "./release/timing.ts";
import type { Report } from "./report/report.ts";
import type { Settings } from "./settings.ts";
import { readInputs } from "./state/inputs-record.ts";

/**
 * Runs a merge, or in a dry run finds out what it would do.
 *
 * @throws MergeError, MergeErrors when no suite can be worked on at all: config, output folder, trust record of the published tree
 */
export async function run(settings: Settings, request: RunRequest, world: World): Promise<Report> {
  const timings = startTimings(world.now);
  const problems: Problem[] = [];
  const tell = (one: Problem): void => {
    problems.push(one);
    world.reporter.event({ kind: "problem", problem: one });
  };
  for (const one of world.signer.problems) tell(one);
  await checkOutputIsOurs(world.output);
  const last = await readLast(world);
  if (!request.dryRun) await removeLeftovers(world.output, last?.generation);

  const chosen = settings.suites.filter((suite) => request.suites === undefined || request.suites.includes(suite.name));
  const runs = chosen.map((suite): SuiteRun => {
    const { tables } = readOverrides(suite.name, suite.components, world.overrides); // faults in them ended the run before
    return { suite, last: lastSuite(last, suite.name), overrides: tables, intakes: [], digests: undefined, state: { kind: "waiting" } };
  });

  const releases: ReleaseCache = new Map();
  const context = { world, request, published: last?.inputs, releases, tell };
  const attempt = async (one: SuiteRun, work: () => Promise<void>): Promise<void> => {
    try {
      await work();
    } catch (error) {
      if (!(error instanceof MergeError) || isFatal(error)) throw error;
      one.state = { kind: "failed", error };
      tell({ ...problemOf(error), hint: keptHint(error, one) });
    }
  };

  // Take in and delta: all suites at the same time, bounded by the downloader.
  await timings.measure("fetchMs", () =>
    Promise.all(
      runs.map((one) =>
        attempt(one, async () => {
          one.intakes = await takeReleases(one.suite, context);
          if (await isUnchanged(one, settings, request, world)) {
            one.state = { kind: "unchanged" };
            return;
          }
          one.intakes = await fetchIndices(one.suite, one.intakes, context);
          one.state = (await isUnchanged(one, settings, request, world)) ? { kind: "unchanged" } : { kind: "changed" };
        }),
      ),
    ),
  );

  // Merge and publish into the stage: one suite after the other, each on all cores. A fault of disk or keys ends the run: nothing is switched.
  const removed = await reportRemoved(settings, request, last, world);
  const limit = pLimit(world.compressor.parallel);
  let made: Generation | undefined;
  try {
    const stage = await prepareStage(settings, request, world, last, runs);
    for (const one of runs) {
      if (one.state.kind !== "changed") continue;
      await attempt(one, () => mergeOne(one, settings, request, world, stage, limit, timings.add));
      if (isFailed(one)) await stage?.dropSuite(one.suite.name);
    }
    made = await timings.measure("publishMs", () => finishGeneration(settings, request, world, last, runs, stage));
    if (!request.dryRun)
      for (const one of runs) if (one.state.kind === "unchanged") for (const { taken } of one.intakes) await acceptRelease(taken, world);
  } catch (error) {
    if (!(error instanceof MergeError)) throw error;
    for (const one of runs) if (one.state.kind !== "unchanged") one.state = { kind: "failed", error };
    tell(problemOf(error));
  }
  return reportRun(request, world, last, runs, removed, made, problems, timings);
}

/** Such faults are no suite's: going on would publish a part of what was asked for. */
const isFatal = (error: MergeError): boolean => CODES[error.code].exit === 7 || CODES[error.code].exit === 8;

const isFailed = (one: SuiteRun): boolean => one.state.kind === "failed";

async function mergeOne(
  one: SuiteRun,
  settings: Settings,
  request: RunRequest,
  world: World,
  stage: Stage | undefined,
  limit: ReturnType<typeof pLimit>,
  addTime: (step: "mergeMs" | "composeMs", ms: number) => void,
): Promise<void> {
  const { suite, last, intakes, overrides, digests } = one;
  const date = dateOf(last, world.now);
  const sink = async (path: string, codec: "gz" | "xz", bytes: Buffer, _digests: unknown, layout: object): Promise<void> => {
    await stage?.writeSuiteFile(suite.name, indexFile(path, codec), bytes, date);
    await rememberBlocks(suite.name, path, codec, layout, world.state);
  };
  const merged = await mergeSuite({ suite, publish: settings.publish, intakes, overrides, last, sink, limit }, world, request);
  addTime("mergeMs", merged.mergeMs);
  addTime("composeMs", merged.composeMs);
  checkShrink(suite, last, merged, request.acceptShrink);
  const record =
    stage === undefined || digests === undefined
      ? undefined
      : await publishSuite(suite, settings.publish, merged, intakes, digests, last, stage, world);
  one.state = { kind: "merged", merged, record };
}

/** Also notes the digests, which go into inputs.json when the suite is published. */
async function isUnchanged(one: SuiteRun, settings: Settings, request: RunRequest, world: World): Promise<boolean> {
  const { suite, last, intakes } = one;
  const config = configDigest(suite, settings.publish, world.signer.fingerprints);
  const overrides = overridesDigest(world.overrides);
  const mirrors = intakes.map(({ taken, wanted }) => ({
    mirror: taken.from.mirror.name,
    suite: taken.from.suite,
    indices: indexDigests(wanted),
  }));
  one.digests = { config, overrides, inputs: inputsDigest(config, overrides, mirrors) };
  if (request.full || last.record?.inputs !== one.digests.inputs) return false;
  const until = last.record.validUntil === undefined ? undefined : new Date(last.record.validUntil);
  if (isRenewalDue(world.now, new Date(last.record.date), until)) return false;
  return isIntact(last, world.output, world.signer.fingerprints.length > 0);
}

async function readLast(world: World): Promise<LastGeneration | undefined> {
  const generation = await liveGeneration(world.output);
  const inputs = generation === undefined ? undefined : await readInputs(world.output, generation.path);
  return generation === undefined || inputs === undefined ? undefined : { generation, inputs };
}

/** What to do, and what clients see meanwhile. */
function keptHint(error: MergeError, { suite, last }: SuiteRun): string {
  const { hint } = problem("error", error.code, "");
  return last.record === undefined
    ? `${hint}. Suite "${suite.name}" is not published yet`
    : `${hint}. Suite "${suite.name}" keeps its last state`;
}
