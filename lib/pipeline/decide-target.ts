/**
 * Decides one merged index: contest, limits, overrides, dependents of bans. `merge`, `diff` and `explain` all go through here, so that what is
 * explained is what is published.
 */
import { type Dependent, dependentsOfBans } from "../closure/ban-dependents.ts";
import type { RelationStanza } from "../closure/relation-fields.ts";
import type { IndexInput, Kept } from "../merge/candidate.ts";
import { type ContestRules, contestRules, type Findings } from "../merge/contest-rules.ts";
import { type Gathered, gather } from "../merge/gather.ts";
import { type LimitedStanza, limitMirrors } from "../merge/limit-mirrors.ts";
import { decideIndex, type MergedIndex } from "../merge/merge-index.ts";
import type { NeededSources } from "../merge/needed-sources.ts";
import { withoutSharedPaths } from "../merge/shared-paths.ts";
import type { OverrideSet } from "../override/override-set.ts";
import type { SuiteSettings } from "../settings.ts";
import { relationsOf, type TargetOverrides, targetOverrides } from "./override-edits.ts";
import type { Target } from "./suite-targets.ts";

/** An index as its mirrors offer it, looked through but not decided. */
export interface LoadedTarget {
  readonly inputs: readonly IndexInput[];
  readonly gathered: Gathered;
  readonly rules: ContestRules;
}

/** The part that needs nothing but the inputs, and may be done ahead. */
export function loadTarget(target: Target, inputs: readonly IndexInput[], suite: SuiteSettings, findings: Findings): LoadedTarget {
  const rules = contestRules(target.kind, target.architecture, suite.policy, findings);
  return { inputs, rules, gathered: gather(target.kind, target.architecture, inputs, rules) };
}

export interface DecidedTarget {
  readonly inputs: readonly IndexInput[];
  readonly merged: MergedIndex;
  /** What is published: `merged.kept` with limits, without what bans take with them. */
  readonly kept: readonly Kept[];
  readonly limited: readonly LimitedStanza[];
  readonly overrides: TargetOverrides;
  readonly dropped: readonly DependentStanza[];
  /** They stay; bans ask to be told of them. */
  readonly told: readonly DependentStanza[];
}

export interface DependentStanza extends Omit<Dependent, "stanza"> {
  readonly kept: Kept;
}

/** @param needed what kept binaries need of Sources; only for Sources that follow them */
export function decideTarget(
  target: Target,
  { inputs, gathered, rules }: LoadedTarget,
  suite: SuiteSettings,
  set: OverrideSet,
  needed?: NeededSources,
): DecidedTarget {
  const merged = withoutSharedPaths(target.kind, decideIndex(gathered, rules, needed), gathered.paths);
  const { kept, limited } = limitMirrors(target.kind, merged.kept, gathered.owned);
  const overrides = targetOverrides(target, set, merged.decisions);
  const all = { inputs, merged, kept, limited, overrides, dropped: [], told: [] };
  if (target.kind.type === "source" || merged.banned.length === 0) return all;
  // What is banned is read as it would have been published, too: what it would have offered is what held.
  const out = limitMirrors(
    target.kind,
    merged.banned.map(({ candidate }) => candidate),
    gathered.owned,
  ).kept;
  const relations: readonly RelationStanza[] = relationsOf([...kept, ...out], overrides);
  const banned = relations.slice(kept.length).map((one, position) => ({ ...one, ban: merged.banned[position]?.ban ?? 0 }));
  const found = dependentsOfBans(relations.slice(0, kept.length), banned, suite.policy.bans, target.architecture);
  const withKept = ({ stanza, ...dependent }: Dependent): readonly DependentStanza[] => {
    const one = kept[stanza];
    return one === undefined ? [] : [{ ...dependent, kept: one }];
  };
  const gone = new Set(found.dropped.map(({ stanza }) => stanza));
  return {
    ...all,
    kept: gone.size === 0 ? kept : kept.filter((_, position) => !gone.has(position)),
    dropped: found.dropped.flatMap(withKept),
    told: found.told.flatMap(withKept),
  };
}
