/** The generation as a whole: what goes into it besides the merged suites, and the switch. */

import { formatInstant } from "../archive/dates.ts";
import type { SuiteName } from "../archive/names.ts";
import { MergeError } from "../errors.ts";
import { isOverrideFile } from "../override/override-files.ts";
import { filesBelow } from "../publish/by-hash.ts";
import type { Generation } from "../publish/generations.ts";
import { openStage, type Stage, switchTo } from "../publish/stage.ts";
import { BANS_SCHEMA, formatBans, parseBans } from "../report/ban-list.ts";
import type { BannedReport } from "../report/report.ts";
import { type FloorRecord, floorsAbove, formatInputs, INPUTS_SCHEMA, releasesOf, type SuiteRecord } from "../state/inputs-record.ts";
import { verifyPublishedSuite } from "../verify/published-suite.ts";
import { checkWithApt } from "./check-with-apt.ts";
import type { RunContext } from "./context.ts";
import { isAnythingToPublish, suitesThatGo } from "./publish-plan.ts";
import type { SuiteRun } from "./suite-run.ts";
import { acceptReleases } from "./take-release.ts";

/** Undefined when nothing will be published: a dry run, or no suite that changed and none that goes. */
export async function prepareStage(runs: readonly SuiteRun[], context: RunContext): Promise<Stage | undefined> {
  const { settings, request, world, last } = context;
  if (request.dryRun) return undefined;
  if (!isAnythingToPublish(runs, context)) return undefined;
  const suites = [...settings.suites.map(({ name }) => name), ...Object.keys(last?.inputs.suites ?? {})];
  const stage = await openStage(world.output, last?.generation, world.now, suites);
  if (world.signer.fingerprints.length > 0) await stage.writeFile("key.asc", world.signer.publicKeys);
  return stage;
}

/**
 * Completes the stage, raises the floors, switches. Undefined when nothing is to be published.
 *
 * @throws MergeError DISK_FAILED, APT_REFUSED, APT_MISSING
 */
export async function finishGeneration(
  runs: readonly SuiteRun[],
  stage: Stage | undefined,
  context: RunContext,
  rollback?: Rollback,
): Promise<Generation | undefined> {
  if (stage === undefined) return undefined;
  const { settings, world, last } = context;
  const merged = new Map(
    runs.flatMap(({ suite, state }) =>
      (state.kind === "merged" || state.kind === "reissued") && state.record !== undefined ? [[suite.name, state.record] as const] : [],
    ),
  );
  const gone = suitesThatGo(context);
  if (merged.size === 0 && gone.length === 0) {
    await world.output.remove(stage.path);
    return undefined;
  }

  const suites: Record<string, SuiteRecord> = {};
  for (const [name, record] of merged) suites[name] = record;
  for (const [name, record] of Object.entries(last?.inputs.suites ?? {})) {
    if (gone.includes(name) || Object.hasOwn(suites, name)) continue;
    await stage.keepSuite(name as SuiteName, settings.publish.byHashKeepMs);
    suites[name] = record;
  }
  const kept = Object.keys(suites).filter((name) => !merged.has(name as SuiteName));
  if (kept.length > 0) await keepOldKeys(stage, context);
  // As of its own day: keys may have expired since, and a clock that was ahead may have been set right.
  for (const name of kept) await proveKept(name, stage, new Date(suites[name]?.date ?? world.now), world);
  // What was merged now comes first: an alias may have gone over from a suite that keeps its last state.
  const taken = new Set(Object.keys(suites));
  for (const [name, { aliases }] of Object.entries(suites)) {
    for (const alias of aliases) {
      if (taken.has(alias)) continue;
      taken.add(alias);
      await stage.alias(alias as SuiteName, name as SuiteName);
    }
  }
  const origin = rollback?.from ?? last?.generation;
  if (origin !== undefined && merged.size > 0 && runs.every(({ state }) => state.kind !== "merged")) {
    // The overrides in force are those of what is published.
    for (const name of await filesBelow(world.output, `${origin.path}/indices`)) {
      const bytes = await world.output.read(`${origin.path}/indices/${name}`);
      if (bytes !== undefined) await stage.writeFile(`indices/${name}`, bytes);
    }
  } else {
    for (const { name, bytes } of world.overrides)
      if (isOverrideFile(name)) await stage.writeFile(`indices/${name.replace(/\.gz$/, "")}`, bytes);
  }
  if (settings.publish.banReport) await stage.writeFile("bans.json", await banList(runs, Object.keys(suites), origin, context));
  const sorted = Object.fromEntries(Object.entries(suites).sort(([left], [right]) => (left < right ? -1 : 1)));
  const published = formatInstant(world.now);
  const floors = floorsAbove(sorted, floorsBefore(runs, rollback !== undefined, context));
  const facts = { schema: INPUTS_SCHEMA, generation: stage.number, published, version: world.version, suites: sorted } as const;
  const marks = { ...(rollback === undefined ? {} : { rollbackOf: rollback.of }), ...(floors.length === 0 ? {} : { floors }) };
  await stage.writeFile("inputs.json", formatInputs({ ...facts, ...marks }));

  if (settings.publish.checkWithApt) for (const name of merged.keys()) await checkWithApt(name, stage, world);
  const made = await stage.finish();
  // Before the switch: a floor that is too high costs a held suite, one that is too low costs the protection.
  for (const one of runs) if (merged.has(one.suite.name)) await acceptReleases(one.intakes, context);
  await switchTo(world.output, made);
  return made;
}

/** Where a rollback takes its suites from. */
export interface Rollback {
  /** The generation that had the content first. */
  readonly of: number;
  readonly from: Generation;
}

/** Floors that go on although the suites no longer tell them; not those under which a Release was accepted now. */
function floorsBefore(runs: readonly SuiteRun[], rollback: boolean, { request, last }: RunContext): readonly FloorRecord[] {
  const { floors = [], suites = {} } = last?.inputs ?? {};
  const taken = runs.filter(({ state }) => state.kind !== "failed" && state.kind !== "held").flatMap(({ intakes }) => intakes);
  const lowered = new Set(
    taken.map(({ taken: { from } }) => `${from.mirror.name}/${from.suite}`).filter((one) => request.acceptOlder.has(one)),
  );
  return [...floors, ...(rollback ? releasesOf(suites, false) : [])].filter(({ mirror, suite }) => !lowered.has(`${mirror}/${suite}`));
}

/** A suite that keeps its last state keeps its list; what is published again has that of its time. */
async function banList(
  runs: readonly SuiteRun[],
  suites: readonly string[],
  origin: Generation | undefined,
  { world, last }: RunContext,
): Promise<Buffer> {
  const listsOf = async (generation: Generation | undefined): Promise<ReturnType<typeof parseBans>> =>
    parseBans(generation === undefined ? undefined : await world.output.read(`${generation.path}/bans.json`));
  const before = await listsOf(last?.generation);
  const then = await listsOf(origin);
  const again = new Set<string>(runs.flatMap(({ suite, state }) => (state.kind === "reissued" ? [suite.name] : [])));
  const now = new Map<string, readonly BannedReport[]>(
    runs.flatMap((one) => (one.state.kind === "merged" ? [[one.suite.name, one.state.merged.banned] as const] : [])),
  );
  // A suite that is kept and has no list says nothing: an empty one would say that nothing is banned.
  const lists = suites.flatMap((name) => {
    const list = now.get(name) ?? (again.has(name) ? then : before).get(name);
    return list === undefined ? [] : [[name, list] as const];
  });
  return formatBans({ schema: BANS_SCHEMA, suites: Object.fromEntries(lists) });
}

/** Generations share files: damage to one must not be carried into the next. */
async function proveKept(name: string, stage: Stage, now: Date, { output, signatures }: RunContext["world"]): Promise<void> {
  const path = `${stage.path}/dists/${name}`;
  const signed = (await output.stat(`${path}/InRelease`)) !== undefined;
  const keyring = signed ? { files: [`${output.root}/${stage.path}/key.asc`], pins: [] } : undefined;
  try {
    await verifyPublishedSuite(output, path, keyring, { signatures, now });
  } catch (error) {
    if (!(error instanceof MergeError) || error.code === "DISK_FAILED") throw error;
    const text = `Cannot keep suite "${name}" as it was published: ${error.message}`;
    throw new MergeError("TREE_CHECK_FAILED", text, { suite: name }, { cause: error });
  }
}

/** A suite that is kept is signed by the keys of its time. */
async function keepOldKeys(stage: Stage, { world, last }: RunContext): Promise<void> {
  const older = last === undefined ? undefined : await world.output.read(`${last.generation.path}/key.asc`);
  if (older === undefined || older.equals(world.signer.publicKeys)) return;
  await world.output.remove(`${stage.path}/key.asc`);
  await stage.writeFile("key.asc", await world.signer.publicKeysBeside(older));
}
