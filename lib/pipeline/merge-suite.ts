/** Merges one suite: every index is loaded, decided and made, in an order in which each knows what it follows from; what did not change stays. */
import type { Architecture, Sha256 } from "../archive/names.ts";
import { MergeError, type Problem } from "../errors.ts";
import type { WinnerFacts } from "../kinds/winners.ts";
import { decodeNeeds } from "../merge/block-needs.ts";
import { addNeeds, type NeededSources, noNeeds } from "../merge/needed-sources.ts";
import type { OverrideSet } from "../override/override-set.ts";
import type { SuiteReport } from "../report/report.ts";
import type { KnownBreakage } from "../state/known-breakage.ts";
import type { IndexNeeds } from "../state/known-needs.ts";
import type { LoadedTarget } from "./decide-target.ts";
import { makeFollowers } from "./follow.ts";
import { GatherAhead } from "./gather-ahead.ts";
import { openCheck } from "./installability.ts";
import { loadInputs } from "./load-index.ts";
import type { IndexOrder, MadeIndex, MadeStanzas } from "./make-index.ts";
import { type HeldTarget, type MadeTarget, makeTarget, type Needed } from "./make-target.ts";
import { overlapping } from "./overlap.ts";
import { type Parts, parts } from "./parts.ts";
import { idleRules, limitedSum } from "./policy-problems.ts";
import type { SuiteDigests } from "./publish-suite.ts";
import type { RelationFeed } from "./relation-feed.ts";
import { keepFiles, type StandingTarget, standingTarget } from "./standing.ts";
import { fieldsOf, followersOf, followsRelations, followsSources, type Target, targetsOf } from "./suite-targets.ts";
import { surveySuite } from "./survey.ts";
import type { MirrorIntake } from "./take-in.ts";
import { readNeeds, readWinners, recallSurvey, type TargetFindings, type TargetOutcome } from "./target-outcome.ts";
import type { RunRequest, World } from "./world.ts";

export interface MergedSuite extends TargetFindings, Pick<SuiteReport, "uninstallable"> {
  readonly indices: readonly MadeStanzas[];
  /** Files that follow the packages. */
  readonly followers: readonly MadeIndex[];
  /** By architecture what cannot be installed, new or not; only where that was looked at. */
  readonly allUninstallable: ReadonlyMap<Architecture, KnownBreakage>;
  readonly problems: readonly Problem[];
  readonly mergeMs: number;
  readonly composeMs: number;
}

export interface MergeOrder extends IndexOrder {
  readonly intakes: readonly MirrorIntake[];
  readonly overrides: OverrideSet;
  /** Of what the suite is made of. */
  readonly digests: SuiteDigests;
}

/** @throws MergeError INDEX_MALFORMED, INDEX_MISMATCH, INDEX_TOO_LARGE, SUITE_EMPTY */
export async function mergeSuite(order: MergeOrder, world: World, request: RunRequest): Promise<MergedSuite> {
  const { suite, intakes } = order;
  const started = performance.now();
  const relations = suite.policy.uninstallable !== "off" || followsRelations(suite);
  const inputsOf = (target: Target, feed?: RelationFeed, ahead?: GatherAhead) =>
    loadInputs(suite, intakes, target, fieldsOf(target.kind, suite, relations), world, request, feed, ahead);
  const survey = await surveySuite(suite, inputsOf, recallSurvey(order, world, request));
  const load = async (target: Target): Promise<HeldTarget> => {
    const check = await openCheck(order, target, world, request);
    try {
      const ahead = new GatherAhead(target, suite, survey.findingsFor(target));
      const inputs = await inputsOf(target, check.relations, ahead);
      const giveBack = (): void => {
        for (const input of inputs) input.giveBack();
      };
      return { check, ...heldOnce(ahead.finish()), giveBack };
    } catch (error) {
      check.relations?.end();
      throw error;
    }
  };

  const targets = targetsOf(suite);
  // What stands is looked at while the first that does not is read.
  const standing = new Map(targets.map((target) => [target, standingTarget(order, target, survey, world, request)] as const));
  for (const one of standing.values()) one.catch(() => undefined);
  const outcomes: TargetOutcome[] = [];
  const looked: (Pick<MadeTarget, "installability" | "problems"> & Pick<Target, "architecture">)[] = [];
  const indices: MadeStanzas[] = [];
  const needs = parts<NeededSources>();
  const winners = parts<readonly WinnerFacts[]>();
  // Of many architectures they would fill the memory: what the cache has is read again when it is asked for.
  const isHeld = request.dryRun || targets.length <= MOST_HELD;
  const noteNeeds = (target: Target, sha256: Sha256, own?: () => Buffer | undefined): void =>
    needs.add(sha256, async () => {
      const bytes = own?.();
      return bytes === undefined ? still(readNeeds(order, target, { needs: sha256 }, world)) : decodeNeeds(bytes, target.architecture);
    });
  const note = (target: Target, outcome: TargetOutcome, own?: readonly WinnerFacts[]): void => {
    const known = isHeld ? own : undefined;
    outcomes.push(outcome);
    if (outcome.winners !== undefined)
      winners.add(outcome.winners, async () => known ?? (await still(readWinners(order, target, outcome, world))));
  };
  let [mergeMs, composeMs] = [performance.now() - started, 0];

  const follows = (target: Target): boolean => target.kind.type === "source" && followsSources(suite);
  const work = async (target: Target, waiting: () => void): Promise<Worked> => {
    const known = await standing.get(target);
    if (known !== undefined && (!follows(target) || known.outcome.needed === needs.digest())) {
      if (known.outcome.needs !== undefined) noteNeeds(target, known.outcome.needs);
      return { target, known };
    }
    // What Sources must hold is known when all binaries before them are decided.
    const needing = follows(target) ? allNeeded(needs) : undefined;
    let own: Buffer | undefined;
    const composed = (part: IndexNeeds | undefined): void => {
      own = part?.bytes;
      if (part !== undefined) noteNeeds(target, part.sha256, () => own);
      waiting();
    };
    const made = await makeTarget(order, target, load(target), needing, survey, composed, world, request);
    if (!isHeld) own = undefined;
    return { target, made };
  };
  try {
    for await (const { target, known, made: one } of overlapping(targets, work)) {
      if (known !== undefined) {
        for (const index of known.indices) {
          await keepFiles(order, index);
          indices.push({ ...index, kind: target.kind, architecture: target.architecture, changes: [] });
        }
        note(target, known.outcome);
      } else if (one !== undefined) {
        const { installability, problems } = one;
        looked.push({ architecture: target.architecture, installability, problems });
        indices.push(...one.indices);
        note(target, one.outcome, one.winners);
        mergeMs += one.mergeMs;
        composeMs += one.composeMs;
      }
    }
  } finally {
    await Promise.allSettled(standing.values());
  }
  if (indices.length === 0) {
    const text = `Cannot merge suite "${suite.name}": none of its mirrors lists an index of the components ${suite.components.join(", ")} for ${suite.architectures.join(", ")}, at least one must`;
    throw new MergeError("SUITE_EMPTY", text, { suite: suite.name });
  }
  const following = performance.now();
  const followers = followersOf(suite).length === 0 ? { made: [], problems: [] } : await makeFollowers(order, winners, world, request);
  composeMs += performance.now() - following;
  const found = sumOf(outcomes);
  const rules = (list: "pin" | "ban"): ReadonlySet<number> => new Set(outcomes.flatMap((one) => one.rules[list]));
  const ended = new Set(targets.flatMap((target) => [...survey.findingsFor(target).ended]));
  const unused = order.overrides.unused(
    outcomes.map(({ overrides: { names, rules: numbers } }) => ({ names: new Set(names), rules: new Set(numbers) })),
  );
  return {
    ...found,
    indices,
    followers: followers.made,
    uninstallable: looked.flatMap(({ installability }) => installability?.broken ?? []),
    allUninstallable: new Map(
      looked.flatMap(({ architecture, installability: { all } = {} }) => (all === undefined ? [] : [[architecture, all] as const])),
    ),
    problems: [
      ...outcomes.flatMap(({ problems }) => problems),
      ...looked.flatMap(({ problems }) => problems),
      ...followers.problems,
      ...idleRules(suite, { pin: rules("pin"), ban: rules("ban"), ended }),
      ...limitedSum(suite, found.limited),
      ...unused,
    ],
    mergeMs,
    composeMs,
  };
}

/** Gives it away, once. */
function heldOnce(target: LoadedTarget): Pick<HeldTarget, "take"> {
  let left: LoadedTarget | undefined = target;
  return {
    take() {
      const taken = left;
      left = undefined;
      if (taken === undefined) throw new Error("An index is taken twice");
      return taken;
    },
  };
}

/** Indices whose large parts are held from when they are made to when something follows them. */
const MOST_HELD = 2;

/** An index that stands, or was made, or that no mirror has. */
interface Worked {
  readonly target: Target;
  readonly known?: StandingTarget;
  readonly made?: MadeTarget | undefined;
}

async function allNeeded(needs: Parts<NeededSources>): Promise<Needed> {
  const sources = noNeeds();
  for await (const part of needs.all()) addNeeds(sources, part);
  return { sources, digest: needs.digest() };
}

/** A part of the cache that was there when it was looked at. */
async function still<T>(part: Promise<T | undefined>): Promise<T> {
  const value = await part;
  if (value !== undefined) return value;
  throw new MergeError("DISK_FAILED", "Cannot read STATE/cache/outcomes: a file went or was changed while the run was at work", {});
}

function sumOf(outcomes: readonly TargetOutcome[]): TargetFindings {
  return {
    shadowed: outcomes.reduce((sum, one) => sum + one.shadowed, 0),
    overridden: outcomes.reduce((sum, one) => sum + one.overridden, 0),
    banned: outcomes.flatMap((one) => one.banned),
    needsBanned: outcomes.flatMap((one) => one.needsBanned),
    behind: outcomes.flatMap((one) => one.behind),
    limited: outcomes.flatMap((one) => one.limited),
    orphans: outcomes.flatMap((one) => one.orphans),
    builtUsing: outcomes.flatMap((one) => one.builtUsing),
  };
}
