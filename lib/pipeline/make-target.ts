/** Decides one merged index, makes its files, and says what that came to. */
import { sha256Of } from "../archive/digests.ts";
import type { ComponentName, MirrorName, Sha256 } from "../archive/names.ts";
import type { StanzaTable } from "../deb822/stanza-table.ts";
import { type Problem, problem } from "../errors.ts";
import { encodeWinners, type WinnerFacts } from "../kinds/winners.ts";
import type { IndexInput, Kept } from "../merge/candidate.ts";
import { missingSources, type NeededSources } from "../merge/needed-sources.ts";
import { mergeProblems } from "../merge/problems.ts";
import type { SuiteReport } from "../report/report.ts";
import type { SuiteSettings } from "../settings.ts";
import type { IndexNeeds } from "../state/known-needs.ts";
import { writeOutcome, writePart } from "../state/outcomes.ts";
import { decideTarget, type LoadedTarget } from "./decide-target.ts";
import { type CheckStart, checkInstallability, type Installability } from "./installability.ts";
import { type IndexWatch, isNewIndex, type MadeStanzas, makeIndex } from "./make-index.ts";
import type { MergeOrder } from "./merge-suite.ts";
import { Movements } from "./movements.ts";
import { overlapping } from "./overlap.ts";
import type { TargetOverrides } from "./override-edits.ts";
import { policyFindings } from "./policy-findings.ts";
import { collectRelations, type RelationCollector } from "./relation-blocks.ts";
import { followersOf, followsSources, type Target } from "./suite-targets.ts";
import type { Survey } from "./survey.ts";
import { collectNeeds, type KeptBlock, type TargetNeeds } from "./target-needs.ts";
import { outcomeName, type TargetFindings, type TargetOutcome, targetKey } from "./target-outcome.ts";
import type { RunRequest, World } from "./world.ts";

export interface MadeTarget {
  readonly outcome: TargetOutcome;
  readonly indices: readonly MadeStanzas[];
  /** Compared with the last generation; undefined where nobody asks. */
  readonly installability: Omit<Installability, "before"> | undefined;
  /** Of this run, and of no other. */
  readonly problems: readonly Problem[];
  readonly winners: readonly WinnerFacts[] | undefined;
  readonly mergeMs: number;
  readonly composeMs: number;
}

/** A decided index without what led to it, which is large and not needed while the index is composed. */
interface ReadyTarget {
  readonly findings: Omit<TargetFindings, "overridden"> & Pick<TargetOutcome, "problems" | "rules">;
  readonly kept: readonly Kept[];
  readonly overrides: TargetOverrides;
  readonly components: readonly ComponentName[];
}

/** An index in memory, until it is given back. */
export interface HeldTarget {
  readonly check: CheckStart;
  /** To be called once: what was gathered is large, and not held any more then. */
  take(): LoadedTarget;
  /** To be called when nobody reads its inputs any more. */
  giveBack(): void;
}

interface LargePart {
  readonly bytes: Buffer;
  readonly sha256: Sha256;
}

interface LargeParts {
  readonly needs: TargetNeeds | undefined;
  readonly relations: Pick<RelationCollector, "remember"> | undefined;
  readonly winners: LargePart | undefined;
}

const partOf = (bytes: Buffer): LargePart => ({ bytes, sha256: sha256Of(bytes) });

/** What kept binaries need of Sources, and the digest by which it is known. */
export interface Needed {
  readonly sources: NeededSources;
  readonly digest: Sha256;
}

/**
 * @param needing for Sources that follow the binaries
 * @param waiting called once, when what Sources must hold for the index is known and nothing is left but to wait for compressors
 * @returns undefined when no mirror has the index
 */
export async function makeTarget(
  order: MergeOrder,
  target: Target,
  loading: Promise<HeldTarget>,
  needing: Promise<Needed> | undefined,
  survey: Survey,
  waiting: (needs: IndexNeeds | undefined) => void,
  world: World,
  request: RunRequest,
): Promise<MadeTarget | undefined> {
  const started = performance.now();
  // It may fail while the index is still read, which is waited for.
  needing?.catch(() => undefined);
  const loaded = await loading;
  try {
    const needed = await needing;
    const ready = decide(order, target, loaded.take(), needed);
    if (ready === undefined) return undefined;
    const mergeMs = performance.now() - started;
    return { ...(await makeDecided(order, target, loaded, ready, needed?.digest, survey, waiting, world, request)), mergeMs };
  } finally {
    loaded.check.relations?.end();
  }
}

async function makeDecided(
  order: MergeOrder,
  target: Target,
  loaded: HeldTarget,
  ready: ReadyTarget,
  needed: Sha256 | undefined,
  survey: Survey,
  waiting: (needs: IndexNeeds | undefined) => void,
  world: World,
  request: RunRequest,
): Promise<Omit<MadeTarget, "mergeMs">> {
  const { suite, last } = order;
  const composing = performance.now();
  const { findings, kept, overrides, components } = ready;
  const winners: WinnerFacts[] | undefined = followersOf(suite).length > 0 ? [] : undefined;
  const indices: MadeStanzas[] = [];
  let overridden = 0;
  const movements = new Movements(components.length);
  const blocks: KeptBlock[] = [];
  const asks = target.kind.type !== "source" && followsSources(suite);
  const needing = asks ? collectNeeds(order, target, blocks, world, request) : undefined;
  const checks = target.kind.type === "deb" && suite.policy.uninstallable !== "off" && components.length > 0;
  const relations = checks ? collectRelations(suite, target, blocks, overrides, world, request) : undefined;
  // In another thread while this one composes, or when it has.
  const checking: Promise<Installability | undefined> =
    relations === undefined
      ? Promise.resolve(undefined)
      : checkInstallability(suite, last, target, kept, overrides, loaded.check, { movements, relations }, world, request);
  // It may fail before anybody waits for it.
  checking.catch(() => undefined);
  let large: Promise<LargeParts> | undefined;
  const composed = async (): Promise<LargeParts> => {
    const parts = { needs: await needing?.done(), relations, winners: winners && partOf(encodeWinners(winners)) };
    // There is nothing to compare, so the next index can have the room of this one.
    if (components.every((component) => isNewIndex(order, target, component))) {
      void Promise.allSettled([checking, request.dryRun ? undefined : relations?.done()]).then(loaded.giveBack);
    }
    waiting(parts.needs);
    return parts;
  };
  const make = async (component: ComponentName, next: () => void) => {
    const before = async (): Promise<StanzaTable | undefined> => (await checking)?.before.get(component);
    const watch: IndexWatch = {
      made: (block) => void blocks.push(block),
      meanwhile() {
        needing?.ahead();
        relations?.ahead();
      },
      waiting(moving) {
        movements.tell(component, moving);
        if (component === components.at(-1)) large = composed();
        large?.catch(() => undefined);
        next();
      },
    };
    return makeIndex(order, target, component, kept, overrides, before, winners, watch, world, request);
  };
  const problems: Problem[] = [];
  try {
    for await (const one of overlapping(components, make)) {
      indices.push(one.index);
      overridden += one.overridden;
      problems.push(...one.problems);
    }
  } finally {
    movements.end();
    await Promise.allSettled([checking, large]);
  }
  const installability = await checking;
  problems.push(...(installability?.problems ?? []));
  large ??= composed();
  const { names, rules } = overrides.used;
  const outcome: TargetOutcome = {
    ...findings,
    overridden,
    overrides: { names: [...names], rules: [...rules] },
    indices: indices.map(({ component, path, stanzas, plain }) => ({ component, path, stanzas, plain })),
    ...(needed === undefined ? {} : { needed }),
  };
  return {
    outcome: await remember(order, target, survey, outcome, await large, world, request),
    indices,
    installability,
    problems,
    winners,
    composeMs: performance.now() - composing,
  };
}

/** @returns the outcome with the digests of its large parts */
async function remember(
  order: MergeOrder,
  target: Target,
  survey: Survey,
  outcome: TargetOutcome,
  large: LargeParts,
  world: World,
  { dryRun }: RunRequest,
): Promise<TargetOutcome> {
  const { state } = world;
  const [suite, name] = [order.suite.name, outcomeName(target)];
  const { needs, relations, winners } = large;
  const whole = { ...outcome, ...(needs && { needs: needs.sha256 }), ...(winners && { winners: winners.sha256 }) };
  if (dryRun) return whole;
  await Promise.all([needs?.remember(), relations?.remember(), winners && writePart(state, suite, name, "winners", winners.bytes)]);
  await writeOutcome(state, suite, name, targetKey(order, target, survey, world), whole);
  return whole;
}

function decide(order: MergeOrder, target: Target, loaded: LoadedTarget, needed: Needed | undefined): ReadyTarget | undefined {
  const { suite } = order;
  const { inputs, gathered, rules } = loaded;
  if (inputs.length === 0) return undefined;
  const decided = decideTarget(target, loaded, suite, order.overrides, needed?.sources);
  const { kept, overrides, merged } = decided;
  const problems = [...mergeProblems(target.kind, target.architecture, merged, suite.name)];
  const missing = needed === undefined ? NOTHING_MISSING : sourceFindings(needed.sources, kept, inputs, suite, problems);
  return {
    findings: {
      shadowed: merged.shadowed,
      ...policyFindings(target, gathered, decided, suite),
      ...missing,
      problems,
      rules: { pin: [...rules.fitted.pin], ban: [...rules.fitted.ban] },
    },
    kept,
    overrides,
    components: componentsOf(target, inputs, order),
  };
}

const NOTHING_MISSING: Pick<SuiteReport, "orphans" | "builtUsing"> = { orphans: [], builtUsing: [] };

/** What Release promises by its Components and Architectures must be there, or apt complains: gaps are written empty. Nobody asks for udebs so. */
function componentsOf({ kind }: Target, inputs: readonly IndexInput[], { suite, intakes }: MergeOrder): readonly ComponentName[] {
  const carried = new Set(suite.indices);
  const offered = new Set(
    intakes.flatMap(({ wanted }) => wanted.filter((one) => carried.has(one.kind.name)).map(({ component }) => component)),
  );
  return suite.components.filter((component) =>
    kind.type === "udeb" ? inputs.some((input) => input.component === component) : offered.has(component),
  );
}

/** Also tells, once for each, of mirrors that offer no Sources and so are exempt. */
function sourceFindings(
  needed: NeededSources,
  kept: readonly Kept[],
  inputs: readonly IndexInput[],
  suite: SuiteSettings,
  problems: Problem[],
): Pick<SuiteReport, "orphans" | "builtUsing"> {
  const offering = new Set<MirrorName>(inputs.map(({ mirror }) => mirror));
  for (const mirror of new Set(suite.from.map((from) => from.mirror.name))) {
    if (offering.has(mirror)) continue;
    const text = `Mirror "${mirror}" offers no Sources to suite "${suite.name}": its binaries are exempt from what is said of sources`;
    problems.push(problem("info", "MIRROR_WITHOUT_SOURCES", text, { mirror, suite: suite.name }));
  }
  const { orphans, using } = missingSources(needed, kept, offering);
  return { orphans, builtUsing: using };
}
