/**
 * Merges all indices of one kind and architecture of a suite, over all its components: one contest per name. Pure: inputs in, winners and
 * decisions out.
 */
import type { Architecture } from "../archive/names.ts";
import { compareVersions } from "../archive/version.ts";
import type { IndexKind } from "../kinds/index-kind.ts";
import type { Winner } from "../settings.ts";
import type { Candidate, Decision, IndexInput, Kept } from "./candidate.ts";
import { choose } from "./choose.ts";
import { type Gathered, gather, type RefusedStanza } from "./gather.ts";
import { type NeededSources, sourcesStillNeeded } from "./needed-sources.ts";

export interface MergedIndex {
  /** Sorted by name in byte order, then version by Debian's rule, then architecture. */
  readonly kept: readonly Kept[];
  /** One for each name that more than one stanza wanted, or whose owner was refused. */
  readonly decisions: readonly Decision[];
  readonly refused: readonly RefusedStanza[];
  /** Stanzas that lost to another mirror. */
  readonly shadowed: number;
}

/**
 * @param inputs in order of rank, then component
 * @param needed names and versions of sources that kept binaries were built from; only for Sources
 */
export function mergeIndex(
  kind: IndexKind,
  architecture: Architecture,
  inputs: readonly IndexInput[],
  winner: Winner,
  needed?: NeededSources,
): MergedIndex {
  return decideIndex(gather(kind, architecture, inputs), winner, needed);
}

/** The part of `mergeIndex` that comes after gathering, which needs nothing but the inputs and may be done ahead. */
export function decideIndex(gathered: Gathered, winner: Winner, needed?: NeededSources): MergedIndex {
  const refusedRanks = ranksByName(gathered.refused);
  const decisions: Decision[] = [];
  const kept: Kept[] = [];
  let shadowed = 0;

  const extras = new Map<string, Candidate[]>();
  for (const entry of gathered.aside) addTo(extras, gathered.nameOf(entry), gathered.candidate(entry));

  const names = extras.size === 0 ? gathered.names : [...new Set([...gathered.names, ...extras.keys()])].sort();
  for (const name of names) {
    const entries = gathered.entriesOf(name);
    const [only] = entries;
    const claims = refusedRanks.get(name);
    const beside = extras.get(name);
    if (entries.length === 1 && only !== undefined && claims === undefined && beside === undefined) {
      kept.push({ input: gathered.inputOf(only), stanza: gathered.stanzaOf(only) });
      continue;
    }
    const decision = choose(
      name,
      entries.map((entry) => gathered.candidate(entry)),
      winner,
      claims ?? [],
    );
    const still = needed === undefined ? [] : sourcesStillNeeded(decision, needed);
    shadowed += decision.losers.length - still.length;
    if (entries.length > 0) decisions.push(decision);
    for (const one of withExtras([...decision.winners, ...still], beside ?? [])) kept.push(one);
  }
  return { kept, decisions, refused: gathered.refused, shadowed };
}

/** Stanzas that never compete stand beside the winners; of equal versions the first in order stays. */
function withExtras(winners: readonly Candidate[], extras: readonly Candidate[]): readonly Candidate[] {
  // Stable: of equal versions the winner comes before an extra, and the first extra before the next.
  const all = [...winners, ...extras].sort(
    (left, right) => compareVersions(left.version, right.version) || compareText(left.architecture, right.architecture),
  );
  if (extras.length === 0) return all;
  const aside = new Set(extras);
  const kept: Candidate[] = [];
  for (const group of groupsOfEqualVersion(all)) {
    const own = group.filter((one) => !aside.has(one));
    const [extra] = group.filter((one) => aside.has(one)).sort((left, right) => extras.indexOf(left) - extras.indexOf(right));
    for (const one of own.length > 0 || extra === undefined ? own : [extra]) kept.push(one);
  }
  return kept;
}

function groupsOfEqualVersion(sorted: readonly Candidate[]): readonly (readonly Candidate[])[] {
  const groups: Candidate[][] = [];
  for (const one of sorted) {
    const last = groups.at(-1);
    if (last?.[0] !== undefined && compareVersions(last[0].version, one.version) === 0) last.push(one);
    else groups.push([one]);
  }
  return groups;
}

function ranksByName(refused: readonly RefusedStanza[]): ReadonlyMap<string, number[]> {
  const ranks = new Map<string, number[]>();
  for (const { name, input } of refused) if (name !== undefined) addTo(ranks, name, input.rank);
  return ranks;
}

function addTo<T>(lists: Map<string, T[]>, key: string, value: T): void {
  const list = lists.get(key);
  if (list === undefined) lists.set(key, [value]);
  else list.push(value);
}

const compareText = (left: string, right: string): number => (left < right ? -1 : left > right ? 1 : 0);
