/**
 * Publishes the content of an older generation again, as a new generation: everything in it is proven first, then it goes the way of every merge,
 * a proven stage and one rename. Only our own content goes back: no Date of ours, and no floor of a mirror.
 */
import { MergeError, problemOf } from "../errors.ts";
import { checkOutputIsOurs, type Generation, listGenerations, pruneGenerations, removeLeftovers } from "../publish/generations.ts";
import type { RollbackReport, RolledBackSuite } from "../report/rollback.ts";
import type { Settings } from "../settings.ts";
import { type InputsRecord, readInputs, type SuiteRecord } from "../state/inputs-record.ts";
import { removeTemporaries } from "../state/leftovers.ts";
import { problemTellers, type RunContext } from "./context.ts";
import { releaseChange } from "./guards.ts";
import { type LastGeneration, type LastSuite, lastRelease, lastSuite, readLast } from "./last-generation.ts";
import { finishGeneration, prepareStage } from "./publish-run.ts";
import { proveSuite, reissueSuite, type SoundSuite } from "./reissue-suite.ts";
import { differingIndices } from "./rollback-changes.ts";
import { overridesOf } from "./suite-overrides.ts";
import type { SuiteRun } from "./suite-run.ts";
import { startTimings } from "./timings.ts";
import { QUIET_REQUEST, type World } from "./world.ts";

export interface RollbackWishes {
  /** Undefined: the one before the live one, or before the one whose content is live. */
  readonly generation: number | undefined;
  readonly dryRun: boolean;
  readonly acceptReleaseChange: boolean;
}

/** @throws MergeError USAGE, GENERATION_DAMAGED, RELEASE_CHANGED and what publishing throws; nothing is switched then */
export async function rollBack(settings: Settings, wishes: RollbackWishes, world: World): Promise<RollbackReport> {
  const { dryRun, acceptReleaseChange } = wishes;
  await checkOutputIsOurs(world.output);
  const last = await readLast(world);
  if (last === undefined) throw new MergeError("USAGE", `Cannot roll back: nothing is published in "${world.output.root}"`);
  const from = await chooseGeneration(wishes.generation, last, world);
  const inputs = await damaging(from, () => readOwn(from, world));
  const then = (name: string): LastSuite => lastSuite({ generation: from, inputs }, name);

  const chosen = settings.suites.filter(({ name }) => then(name).record !== undefined);
  if (chosen.length === 0) {
    const text = `Cannot roll back to generation ${from.number}: it has ${named(Object.keys(inputs.suites))}, the config names ${named(settings.suites.map(({ name }) => name))}, it must have one of them`;
    throw new MergeError("USAGE", text);
  }
  const problems: RunContext["problems"] = [];
  const request = { ...QUIET_REQUEST, id: "rollback", dryRun, acceptReleaseChange, suites: chosen.map(({ name }) => name) };
  const shared = { settings, request, world, last, releases: new Map(), timings: startTimings(), problems };
  const context: RunContext = { ...shared, ...problemTellers(world, problems) };
  for (const one of world.signer.problems) context.tell(one);
  const runs = chosen.map((suite): SuiteRun => {
    const overrides = overridesOf(suite, world.overrides);
    return { suite, last: lastSuite(last, suite.name), overrides, intakes: [], digests: undefined, state: { kind: "due" } };
  });

  const sound = new Map<SuiteRun, SoundSuite>();
  for (const one of runs) sound.set(one, await soundSuite(one, from, then(one.suite.name), context));
  const suites = [...(await describe(runs, then, world)), ...untouched(settings, inputs, last)];
  const facts = { to: from.number, before: last.generation.number, suites };
  if (dryRun) return facts;

  await removeTemporaries(world.state, "", true);
  await removeTemporaries(world.output, "", false);
  await removeLeftovers(world.output, last.generation);
  const latest = await latestDates(world);
  const stage = await prepareStage(runs, context);
  if (stage === undefined) throw new Error("A rollback always has a stage");
  for (const [one, suite] of sound) {
    const rolledBack = marks(suite, inputs, one.last.record);
    const order = { suite: one.suite, sound: suite, latest: latest.get(one.suite.name) ?? new Date(suite.record.date), rolledBack };
    one.state = { kind: "reissued", record: await reissueSuite(order, stage, context) };
  }
  const made = await finishGeneration(runs, stage, context, { of: inputs.rollbackOf ?? from.number, from });
  if (made === undefined) throw new Error("A rollback always makes a generation");
  try {
    await pruneGenerations(world.output, made, settings.publish.generations);
  } catch (error) {
    // What is published is published.
    if (!(error instanceof MergeError)) throw error;
    context.tell({ ...problemOf(error), severity: "warning" });
  }
  return { ...facts, made: made.number };
}

async function chooseGeneration(
  wanted: number | undefined,
  { generation: live, inputs }: LastGeneration,
  { output }: World,
): Promise<Generation> {
  const older = (await listGenerations(output))
    .filter(({ number }) => number < live.number)
    .toSorted((left, right) => right.number - left.number);
  const numbers = older.map(({ number }) => number).join(", ");
  const there = `older than the live generation ${live.number} ${older.length === 0 ? "there is none" : `there is ${numbers}`}`;
  if (wanted !== undefined) {
    const found = older.find(({ number }) => number === wanted);
    if (found !== undefined) return found;
    throw new MergeError("USAGE", `Cannot roll back to generation ${wanted}: ${there}, it must be one of them`);
  }
  // A second rollback goes further back: the one before may be what the first was to undo.
  const content = inputs.rollbackOf ?? live.number;
  const found = older.find(({ number }) => number < content);
  if (found !== undefined) return found;
  throw new MergeError("USAGE", `Cannot roll back: ${there}, one before generation ${content} must be there`);
}

const named = (names: readonly string[]): string => (names.length === 0 ? "nothing" : names.map((name) => `"${name}"`).join(", "));

async function readOwn(from: Generation, { output }: World): Promise<InputsRecord> {
  const inputs = await readInputs(output, from.path);
  if (inputs.generation === from.number) return inputs;
  const file = `${from.path}/inputs.json`;
  throw new MergeError("TREE_UNSOUND", `${output.root}/${file} is of generation ${inputs.generation}, it must be of ${from.number}`, {
    file,
  });
}

/** Whatever is wrong with an old generation: it is not published again. */
async function damaging<T>({ number }: Generation, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (!(error instanceof MergeError) || error.code === "DISK_FAILED") throw error;
    throw new MergeError("GENERATION_DAMAGED", `Cannot roll back to generation ${number}: ${error.message}`, error.where, { cause: error });
  }
}

async function soundSuite(one: SuiteRun, from: Generation, { record }: LastSuite, { request, world }: RunContext): Promise<SoundSuite> {
  if (record === undefined) throw new Error(`Generation ${from.number} has no suite ${one.suite.name}`);
  const sound = await damaging(from, () => proveSuite(one.suite.name, from, record, world));
  const before = await lastRelease(one.last, world.output);
  const field = (name: string): string => sound.published.release.fields.get(name.toLowerCase()) ?? "";
  const error = before === undefined || request.acceptReleaseChange ? undefined : releaseChange(one.suite, before, field);
  if (error !== undefined) throw error;
  return sound;
}

/** What a merge must not bring back by itself: what was live, and what was refused before. */
function marks(
  { generation, record }: SoundSuite,
  inputs: InputsRecord,
  live: SuiteRecord | undefined,
): NonNullable<SuiteRecord["rolledBack"]> {
  const known = [...(live?.rolledBack?.refused ?? []), ...(record.rolledBack?.refused ?? [])];
  const refused = live === undefined ? known : [live.inputs, ...(live.offered === undefined ? [] : [live.offered]), ...known];
  const origin = record.rolledBack?.generation ?? inputs.rollbackOf ?? generation.number;
  return { generation: origin, refused: [...new Set(refused)].filter((digest) => digest !== record.inputs) };
}

/** Under which Date clients may know a suite: it may have been away from the tree for a while. */
async function latestDates({ output }: World): Promise<ReadonlyMap<string, Date>> {
  const latest = new Map<string, Date>();
  for (const { path } of await listGenerations(output)) {
    const inputs = await readInputs(output, path).catch((error: unknown) => {
      if (error instanceof MergeError && error.code === "TRUST_DAMAGED") return undefined;
      throw error;
    });
    for (const [name, record] of Object.entries(inputs?.suites ?? {})) {
      const date = new Date(record.date);
      if (date > (latest.get(name) ?? new Date(0))) latest.set(name, date);
    }
  }
  return latest;
}

async function describe(runs: readonly SuiteRun[], then: (name: string) => LastSuite, world: World): Promise<readonly RolledBackSuite[]> {
  const suites = [];
  for (const { suite, last } of runs) {
    const old = then(suite.name);
    suites.push({ name: suite.name, date: old.record?.date ?? "", ...(await differingIndices(last, old, world)) });
  }
  return suites;
}

/** A rollback takes no suite away from clients and brings none back that the config has given up. */
function untouched({ suites }: Settings, then: InputsRecord, { inputs }: LastGeneration): readonly RolledBackSuite[] {
  const configured = new Set<string>(suites.map(({ name }) => name));
  const names = [...new Set([...Object.keys(inputs.suites), ...Object.keys(then.suites)])].sort();
  return names.flatMap((name) => {
    if (configured.has(name) && Object.hasOwn(then.suites, name)) return [];
    const why = configured.has(name) ? "that generation does not have it" : "the config no longer names it";
    const kept = Object.hasOwn(inputs.suites, name) ? `stays as it is, ${why}` : `stays away, ${why}`;
    return [{ name, kept, differing: [], same: 0 }];
  });
}
