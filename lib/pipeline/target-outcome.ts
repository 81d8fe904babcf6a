/**
 * What deciding and making one merged index came to, beside its bytes. Plain values, so that they can be kept: while nothing changes of what
 * the index was made of, it is neither read nor made again.
 */
import { type Digests, sha256Of } from "../archive/digests.ts";
import type { ComponentName, IndexPath, Sha256 } from "../archive/names.ts";
import type { Problem } from "../errors.ts";
import { decodeWinners, type WinnerFacts } from "../kinds/winners.ts";
import { decodeNeeds } from "../merge/block-needs.ts";
import type { NeededSources } from "../merge/needed-sources.ts";
import type { SuiteReport } from "../report/report.ts";
import { readOutcome, readPart, writeOutcome } from "../state/outcomes.ts";
import type { MergeOrder } from "./merge-suite.ts";
import type { Target } from "./suite-targets.ts";
import type { Recall, Survey } from "./survey.ts";
import { inputDigest } from "./take-in.ts";
import type { RunRequest, World } from "./world.ts";

/** What the report lists of one index. */
export type TargetFindings = Pick<
  SuiteReport,
  "shadowed" | "overridden" | "banned" | "needsBanned" | "behind" | "limited" | "orphans" | "builtUsing"
>;

export interface TargetOutcome extends TargetFindings {
  readonly problems: readonly Problem[];
  /** Positions of rules of the policy that fitted a stanza. */
  readonly rules: { readonly pin: readonly number[]; readonly ban: readonly number[] };
  /** As `OverridesUsed` has them. */
  readonly overrides: { readonly names: readonly string[]; readonly rules: readonly number[] };
  readonly indices: readonly OutcomeIndex[];
  /** Of what its binaries need of Sources; absent when nobody asks. */
  readonly needs?: Sha256;
  /** Of what was needed of it; absent when that does not matter. */
  readonly needed?: Sha256;
  /** Of what is published in it, as the files that follow it need it; absent when there are none. */
  readonly winners?: Sha256;
}

export interface OutcomeIndex {
  readonly component: ComponentName;
  readonly path: IndexPath;
  readonly stanzas: number;
  readonly plain: { readonly bytes: number; readonly digests: Digests };
}

/** Under which an outcome is kept. */
export const outcomeName = ({ kind, architecture }: Target): string => `${kind.name}.${architecture}`;

/** Digest of what an index is made of by itself: inputs, config, overrides. Another version of aptmerge may have other things to say of the same index. */
function inputsKey({ suite, intakes, digests }: MergeOrder, target: Target, { version }: World): Sha256 {
  const carried = new Set(suite.indices);
  const inputs = intakes.flatMap(({ taken, wanted }) =>
    wanted
      .filter(({ kind, architecture }) => kind === target.kind && architecture === target.architecture)
      .map((one) => [taken.from.mirror.name, taken.from.suite, taken.from.rank, one.component, one.path, one.mixed, inputDigest(one)]),
  );
  // A component that no mirror has for this index is written empty when it has others.
  const components = intakes.flatMap(({ wanted }) => wanted.filter(({ kind }) => carried.has(kind.name)).map(({ component }) => component));
  const offered = [...new Set(components)].sort();
  const { config, overrides } = digests;
  return sha256Of(JSON.stringify([version, outcomeName(target), config, overrides, inputs, offered]));
}

/** The same with what the survey found in other indices: all that an index is made of, but for what others need of it. */
export const targetKey = (order: MergeOrder, target: Target, survey: Survey, world: World): Sha256 =>
  sha256Of(JSON.stringify([inputsKey(order, target, world), survey.digestFor(target)]));

/** What the survey of a suite found in an index stays true while the index is made of the same. */
export function recallSurvey(order: MergeOrder, world: World, { full, dryRun }: RunRequest): Recall {
  return async <Found>(target: Target, what: string, find: () => Promise<Found>, terms: unknown = []): Promise<Found> => {
    const name = `${outcomeName(target)}.${what}`;
    const key = sha256Of(JSON.stringify([inputsKey(order, target, world), what, terms]));
    const known = full ? undefined : await readOutcome(world.state, order.suite.name, name, key);
    if (known !== undefined) return (known as { readonly found: Found }).found;
    const found = await find();
    if (!dryRun) await writeOutcome(world.state, order.suite.name, name, key, { found });
    return found;
  };
}

/** Large parts of an outcome: read only when another index must be made anew. Undefined when they were lost. */
export async function readNeeds(
  { suite }: MergeOrder,
  target: Target,
  { needs }: Pick<TargetOutcome, "needs">,
  world: World,
): Promise<NeededSources | undefined> {
  const bytes = needs === undefined ? undefined : await readPart(world.state, suite.name, outcomeName(target), "needs", needs);
  return bytes === undefined ? undefined : decodeNeeds(bytes, target.architecture);
}

export async function readWinners(
  { suite }: MergeOrder,
  target: Target,
  { winners }: TargetOutcome,
  world: World,
): Promise<readonly WinnerFacts[] | undefined> {
  const bytes = winners === undefined ? undefined : await readPart(world.state, suite.name, outcomeName(target), "winners", winners);
  return bytes === undefined ? undefined : decodeWinners(bytes, target.kind.type, target.architecture);
}
