/**
 * Merges all indices of one kind and architecture of a suite, over all its components: one contest per name. Pure: inputs in, winners and
 * decisions out.
 */
import { compareVersions } from "../archive/version.ts";
import type { Candidate, Decision, Kept } from "./candidate.ts";
import { choose, type PinTerms } from "./choose.ts";
import { type ContestRules, NONE } from "./contest-rules.ts";
import type { Gathered, RefusedStanza } from "./gather.ts";
import { type NeededSources, sourcesStillNeeded } from "./needed-sources.ts";

export interface MergedIndex {
  /** Sorted by name in byte order, then version by Debian's rule, then architecture. */
  readonly kept: readonly Kept[];
  /** One for each name that more than one stanza wanted, or whose owner was refused. */
  readonly decisions: readonly Decision[];
  readonly refused: readonly RefusedStanza[];
  /** Stanzas that lost to another mirror. */
  readonly shadowed: number;
  /** What would be kept if there were no bans, and is not. */
  readonly banned: readonly BannedStanza[];
}

export interface BannedStanza {
  readonly candidate: Candidate;
  /** Position of the ban that took it out, or that took out what made it win. */
  readonly ban: number;
  /** Whether the ban speaks of the stanza itself. */
  readonly itself: boolean;
}

/** Marks a source that lost its contest and stays for the sake of binaries, as archives mark theirs: clients do not take it for the winner. */
const STAYS_FOR_BINARIES = [{ field: "Extra-Source-Only", value: "yes" }] as const;

/**
 * Pure: what was gathered in, winners and decisions out.
 *
 * @param needed names and versions of sources that kept binaries were built from; only for Sources
 */
export function decideIndex(gathered: Gathered, rules: ContestRules, needed?: NeededSources): MergedIndex {
  const contests = contestsOf(gathered, rules);
  const decisions: Decision[] = [];
  const kept: Kept[] = [];
  const banned: BannedStanza[] = [];
  let shadowed = 0;

  const extras = new Map<string, Candidate[]>();
  for (const entry of gathered.aside) addTo(extras, gathered.nameOf(entry), gathered.candidate(entry));
  const outBans = new Map<string, { readonly candidate: Candidate; readonly ban: number }[]>();
  for (const { entry, left } of gathered.left) {
    if (left.kind !== "banned") continue;
    addTo(outBans, gathered.nameOf(entry), { candidate: gathered.candidate(entry), ban: left.ban });
  }
  for (const [name, out] of outBans) banned.push(...missedBy(contests.decide(name), contests.decide(name, out), out));

  const names = extras.size === 0 ? gathered.names : [...new Set([...gathered.names, ...extras.keys()])].sort();
  const contest = (name: string): void => {
    const decision = contests.decide(name);
    const still = needed === undefined ? [] : sourcesStillNeeded(decision, needed);
    shadowed += decision.losers.length - still.length;
    if (gathered.entriesOf(name).length > 0) decisions.push(decision);
    const marked = new Set(still);
    for (const one of withExtras([...decision.winners, ...still], extras.get(name) ?? []))
      kept.push(marked.has(one) ? { input: one.input, stanza: one.stanza, edits: STAYS_FOR_BINARIES } : one);
  };
  // Little is asked of nearly all names, and apart from what is asked of the others, so that it is fast soon.
  for (const name of names) {
    const only = (extras.size > 0 && extras.has(name)) || !contests.isPlain(name) ? NONE : gathered.onlyOf(name);
    if (only === NONE) contest(name);
    else kept.push(gathered.keptOf(only));
  }
  return { kept, decisions, refused: gathered.refused, shadowed, banned };
}

type Out = readonly { readonly candidate: Candidate; readonly ban: number }[];

export interface Contests {
  /** @param out further candidates, which a ban took out: they compete again */
  decide(name: string, out?: Out): Decision;
  /** No stanza of the name was refused, so that its only candidate has won it. */
  isPlain(name: string): boolean;
}

/** The contest of each name, as the rules have it. */
export function contestsOf(gathered: Gathered, rules: ContestRules): Contests {
  const claims = new Map<string, RefusedStanza[]>();
  for (const one of gathered.refused) if (one.name !== undefined && one.claims) addTo(claims, one.name, one);
  return {
    isPlain: (name) => claims.size === 0 || !claims.has(name),
    decide(name, out = []) {
      const candidates = [...gathered.entriesOf(name).map((entry) => gathered.candidate(entry)), ...out.map(({ candidate }) => candidate)];
      const refused = claims.get(name) ?? [];
      const refusedRanks = refused.map(({ input }) => input.rank);
      return choose(name, candidates, { winner: rules.winner, refusedRanks, pin: pinTerms(gathered, candidates, refused) });
    },
  };
}

/** The first pin that speaks for a stanza of the name, whether it may be used or not. */
function pinTerms(gathered: Gathered, candidates: readonly Candidate[], refused: readonly RefusedStanza[]): PinTerms | undefined {
  const pins = [...candidates.map(({ order }) => gathered.pinOf(order)), ...refused.map(({ pin }) => pin)].filter((pin) => pin !== NONE);
  if (pins.length === 0) return undefined;
  const position = Math.min(...pins);
  return {
    position,
    speaksFor: (candidate) => gathered.pinOf(candidate.order) === position,
    refused: refused.some(({ pin }) => pin === position),
  };
}

/** Winners of the contest without bans that the one with bans does not have. */
function missedBy(now: Decision, free: Decision, out: Out): readonly BannedStanza[] {
  const kept = new Set(now.winners.map(({ order }) => order));
  const bans = new Map(out.map(({ candidate, ban }) => [candidate.order, ban]));
  const first = Math.min(...bans.values());
  return free.winners.flatMap((candidate) => {
    if (kept.has(candidate.order)) return [];
    const own = bans.get(candidate.order);
    return [{ candidate, ban: own ?? first, itself: own !== undefined }];
  });
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

function addTo<T>(lists: Map<string, T[]>, key: string, value: T): void {
  const list = lists.get(key);
  if (list === undefined) lists.set(key, [value]);
  else list.push(value);
}

const compareText = (left: string, right: string): number => (left < right ? -1 : left > right ? 1 : 0);
