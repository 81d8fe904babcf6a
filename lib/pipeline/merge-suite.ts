/** Merges one suite: every index is loaded, decided and made, in an order in which each knows what it follows from. */
import type { Architecture, ComponentName, MirrorName } from "../archive/names.ts";
import type { StanzaTable } from "../deb822/stanza-table.ts";
import { MergeError, type Problem, problem } from "../errors.ts";
import { winnerBook } from "../kinds/winners.ts";
import type { IndexInput, Kept } from "../merge/candidate.ts";
import { collectNeeded, missingSources, type NeededSources, noNeeds } from "../merge/needed-sources.ts";
import { mergeProblems } from "../merge/problems.ts";
import type { OverrideSet } from "../override/override-set.ts";
import type { SuiteReport } from "../report/report.ts";
import type { SuiteSettings } from "../settings.ts";
import { decideTarget, type LoadedTarget, loadTarget } from "./decide-target.ts";
import { makeFollowers } from "./follow.ts";
import { checkInstallability } from "./installability.ts";
import { lastTable } from "./last-generation.ts";
import { loadInputs } from "./load-index.ts";
import { type IndexOrder, indexPath, type MadeIndex, type MadeStanzas, makeIndex } from "./make-index.ts";
import type { TargetOverrides } from "./override-edits.ts";
import { policyFindings } from "./policy-findings.ts";
import { idleRules, limitedSum, type RulesUsed } from "./policy-problems.ts";
import { fieldsOf, followersOf, followsRelations, followsSources, type Target, targetsOf } from "./suite-targets.ts";
import { surveySuite } from "./survey.ts";
import type { MirrorIntake } from "./take-in.ts";
import type { RunRequest, World } from "./world.ts";

/** What a merge found that the report lists, but for what shows in the indices themselves. */
type Findings = Pick<
  SuiteReport,
  "shadowed" | "overridden" | "orphans" | "builtUsing" | "banned" | "needsBanned" | "behind" | "limited" | "uninstallable"
>;

/** The same while it grows. */
type Growing = { -readonly [Key in keyof Findings]: Findings[Key] extends readonly (infer One)[] ? One[] : Findings[Key] };

export interface MergedSuite extends Findings {
  readonly indices: readonly MadeStanzas[];
  /** Files that follow the packages. */
  readonly followers: readonly MadeIndex[];
  /** By architecture every package that cannot be installed, new or not; only where that was looked at. */
  readonly uninstallableNames: ReadonlyMap<Architecture, readonly string[]>;
  readonly problems: readonly Problem[];
  readonly mergeMs: number;
  readonly composeMs: number;
}

export interface MergeOrder extends IndexOrder {
  readonly intakes: readonly MirrorIntake[];
  readonly overrides: OverrideSet;
}

/** Works one target ahead: reading the next index and composing this one share the cores, and no more than two are held. */
function readAhead(targets: readonly Target[], load: (target: Target) => Promise<LoadedTarget>): { next(): Promise<LoadedTarget> } {
  const running: Promise<LoadedTarget>[] = [];
  const rest = [...targets];
  const begin = (): void => {
    const target = rest.shift();
    if (target === undefined) return;
    const loading = load(target);
    loading.catch(() => {}); // thrown by `next`, when it is that target's turn
    running.push(loading);
  };
  begin();
  return {
    next() {
      begin();
      const loading = running.shift();
      if (loading === undefined) throw new Error("There is no further index to load");
      return loading;
    },
  };
}

/** A decided index without what led to it, which is large and not needed while the index is composed. */
interface ReadyTarget {
  readonly kept: readonly Kept[];
  readonly overrides: TargetOverrides;
  readonly components: readonly ComponentName[];
  /** The last generation's indices, as far as they were read already. */
  readonly before: Map<ComponentName, StanzaTable>;
}

/** @throws MergeError INDEX_MALFORMED, INDEX_MISMATCH, INDEX_TOO_LARGE, SUITE_EMPTY */
export async function mergeSuite(order: MergeOrder, world: World, request: RunRequest): Promise<MergedSuite> {
  const { suite, intakes, last } = order;
  const guarded = suite.policy.uninstallable !== "off" && last.record !== undefined;
  const relations = guarded || followsRelations(suite);
  const inputsOf = (target: Target) => loadInputs(suite, intakes, target, fieldsOf(target.kind, suite, relations), world, request);
  const made: MadeStanzas[] = [];
  const book = followersOf(suite).length > 0 ? winnerBook() : undefined;
  const problems: Problem[] = [];
  const lists = { orphans: [], builtUsing: [], banned: [], needsBanned: [], behind: [], limited: [], uninstallable: [] };
  const found: Growing = { shadowed: 0, overridden: 0, ...lists };
  const used: RulesUsed = { pin: new Set(), ban: new Set(), ended: new Set() };
  const names = new Map<Architecture, readonly string[]>();
  const needed = noNeeds();
  const targets = targetsOf(suite);
  let [mergeMs, composeMs] = [0, 0];

  const surveying = performance.now();
  const survey = await surveySuite(suite, inputsOf);
  mergeMs += performance.now() - surveying;
  const loads = readAhead(targets, async (target) => loadTarget(target, await inputsOf(target), suite, survey.findingsFor(target)));

  const decideNext = async (target: Target): Promise<ReadyTarget | undefined> => {
    const loaded = await loads.next();
    for (const list of ["pin", "ban"] as const) for (const position of loaded.rules.fitted[list]) used[list].add(position);
    for (const pin of survey.findingsFor(target).ended) used.ended.add(pin);
    if (loaded.inputs.length === 0) return undefined;
    const ofSources = target.kind.type === "source";
    const decided = decideTarget(target, loaded, suite, order.overrides, ofSources && followsSources(suite) ? needed : undefined);
    const { kept, overrides } = decided;
    const policy = policyFindings(target, loaded.gathered, decided, suite);
    found.shadowed += decided.merged.shadowed;
    for (const one of policy.banned) found.banned.push(one);
    for (const one of policy.needsBanned) found.needsBanned.push(one);
    for (const one of policy.behind) found.behind.push(one);
    for (const one of policy.limited) found.limited.push(one);
    for (const one of mergeProblems(target.kind, target.architecture, decided.merged, suite.name)) problems.push(one);
    if (ofSources) Object.assign(found, sourceFindings(needed, kept, loaded.inputs, suite, problems));
    else if (followsSources(suite)) collectNeeded(kept, target.architecture, needed);
    let before = new Map<ComponentName, StanzaTable>();
    if (target.kind.type === "deb" && suite.policy.uninstallable !== "off" && last.record !== undefined) {
      const checked = await checkInstallability(suite, last, target, kept, overrides, world, request);
      for (const one of checked.broken) found.uninstallable.push(one);
      problems.push(...checked.problems);
      if (checked.names !== undefined) names.set(target.architecture, checked.names);
      before = checked.before;
    }
    return { kept, overrides, before, components: componentsOf(target, loaded.inputs, order) };
  };

  for (const target of targets) {
    const started = performance.now();
    const ready = await decideNext(target);
    mergeMs += performance.now() - started;
    if (ready === undefined) continue;
    const composing = performance.now();
    for (const component of ready.components) {
      const old = ready.before.get(component) ?? (await lastTable(last, indexPath(target, component), target.kind.fields, world));
      ready.before.delete(component);
      const result = await makeIndex(order, target, component, ready.kept, ready.overrides, old, book, world, request);
      made.push(result.index);
      found.overridden += result.overridden;
    }
    composeMs += performance.now() - composing;
  }
  if (made.length === 0) {
    const text = `Cannot merge suite "${suite.name}": none of its mirrors lists an index of the components ${suite.components.join(", ")} for ${suite.architectures.join(", ")}, at least one must`;
    throw new MergeError("SUITE_EMPTY", text, { suite: suite.name });
  }
  const following = performance.now();
  const { made: followers, problems: told } =
    book === undefined ? { made: [], problems: [] } : await makeFollowers(order, book.winners, world, request);
  problems.push(...told);
  composeMs += performance.now() - following;
  problems.push(...idleRules(suite, used), ...limitedSum(suite, found.limited), ...order.overrides.unused());
  return { indices: made, followers, ...found, uninstallableNames: names, problems, mergeMs, composeMs };
}

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
  if (!followsSources(suite)) return { orphans: [], builtUsing: [] };
  const offering = new Set<MirrorName>(inputs.map(({ mirror }) => mirror));
  for (const mirror of new Set(suite.from.map((from) => from.mirror.name))) {
    if (offering.has(mirror)) continue;
    const text = `Mirror "${mirror}" offers no Sources to suite "${suite.name}": its binaries are exempt from what is said of sources`;
    problems.push(problem("info", "MIRROR_WITHOUT_SOURCES", text, { mirror, suite: suite.name }));
  }
  const { orphans, using } = missingSources(needed, kept, offering);
  return { orphans, builtUsing: using };
}
