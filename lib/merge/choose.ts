/**
 * The contest: all candidates of one name meet in one decision.
 *
 * - priority: the first mirror that offers the name wins it, with all its versions of it
 * - newest: the mirror with the highest version wins it, with all its versions; equal versions go to the first mirror
 * - all: every version stays; equal versions go to the first mirror
 *
 * A pin narrows the contest to the stanzas that it speaks for; the rule decides among those.
 *
 * @see CONTRACT section 4, "Contest"
 */
import { compareVersions } from "../archive/version.ts";
import type { Winner } from "../settings.ts";
import type { Candidate, Decision, Reason } from "./candidate.ts";

/** What a contest goes by besides its candidates. */
export interface ContestTerms {
  readonly winner: Winner;
  /** Ranks of mirrors whose stanza of this name was refused: with `priority` they own it all the same. */
  readonly refusedRanks: readonly number[];
  readonly pin: PinTerms | undefined;
}

export interface PinTerms {
  readonly position: number;
  speaksFor(candidate: Candidate): boolean;
  /** Whether it speaks for a stanza that was refused: the name then goes to nobody else. */
  readonly refused: boolean;
}

/** @param candidates of one name; of one mirror's in the order of its files */
export function choose(name: string, candidates: readonly Candidate[], terms: ContestTerms): Decision {
  const { pin } = terms;
  const ordered = [...candidates].sort(byPlace);
  const slots = slotsOf(ordered);
  const { holds, reason } = pin === undefined ? ruleOf(terms.winner, ordered, terms.refusedRanks) : pinnedRule(pin, ordered, terms.winner);
  const winners: Candidate[] = [];
  const losers: Candidate[] = [];
  const conflicts: Decision["conflicts"][number][] = [];
  const holders = new Map<number, Candidate>();
  for (const candidate of ordered) {
    if (!holds(candidate)) continue;
    const slot = slots.get(candidate) ?? 0;
    if (holders.has(slot)) continue;
    winners.push(candidate);
    holders.set(slot, candidate);
  }
  for (const candidate of ordered) {
    const twin = holders.get(slots.get(candidate) ?? 0);
    if (twin === candidate) continue;
    if (twin !== undefined && differ(twin, candidate)) conflicts.push({ kept: twin, other: candidate });
    // The same stanza twice in one mirror is no contest.
    if (twin === undefined || twin.input.rank !== candidate.input.rank) losers.push(candidate);
  }
  return { name, reason, pin: pin?.position ?? -1, winners: winners.sort(byIdentity), losers, conflicts };
}

interface Verdict {
  readonly holds: (candidate: Candidate) => boolean;
  readonly reason: Reason;
}

function pinnedRule(pin: PinTerms, ordered: readonly Candidate[], winner: Winner): Verdict {
  const own = ordered.filter((candidate) => pin.speaksFor(candidate));
  if (own.length === 0) return { holds: () => false, reason: pin.refused ? "owner-refused" : "all-left" };
  const { holds } = ruleOf(winner, own, []);
  const among = new Set(own);
  return { holds: (candidate) => among.has(candidate) && holds(candidate), reason: "pinned" };
}

function ruleOf(winner: Winner, ordered: readonly Candidate[], refusedRanks: readonly number[]): Verdict {
  const first = ordered[0];
  if (first === undefined) return { holds: () => false, reason: refusedRanks.length > 0 ? "owner-refused" : "all-left" };
  const contested = ordered.some((candidate) => candidate.input.rank !== first.input.rank);
  switch (winner) {
    case "priority": {
      const owner = refusedRanks.reduce((least, rank) => Math.min(least, rank), first.input.rank);
      if (owner < first.input.rank) return { holds: () => false, reason: "owner-refused" };
      return { holds: (candidate) => candidate.input.rank === owner, reason: contested ? "best-rank" : "only-candidate" };
    }
    case "newest": {
      let best = first;
      for (const candidate of ordered) if (compareVersions(candidate.version, best.version) > 0) best = candidate;
      return { holds: (candidate) => candidate.input.rank === best.input.rank, reason: contested ? "newest-version" : "only-candidate" };
    }
    case "all":
      return { holds: () => true, reason: contested ? "all-versions" : "only-candidate" };
    default:
      return winner satisfies never;
  }
}

/** Rank, then the component's order in the suite, then the order of files and of the stanzas in them. */
function byPlace(left: Candidate, right: Candidate): number {
  return left.input.rank - right.input.rank || left.input.componentOrder - right.input.componentOrder || left.order - right.order;
}

/** Candidates of one number may not stand side by side: equal versions by Debian's rule of one slot. By sorting, as a name may have many. */
function slotsOf(candidates: readonly Candidate[]): ReadonlyMap<Candidate, number> {
  const slots = new Map<Candidate, number>();
  let number = 0;
  let last: Candidate | undefined;
  for (const candidate of [...candidates].sort(
    (left, right) => compareText(left.slot, right.slot) || compareVersions(left.version, right.version),
  )) {
    if (last !== undefined && (last.slot !== candidate.slot || compareVersions(last.version, candidate.version) !== 0)) number++;
    slots.set(candidate, number);
    last = candidate;
  }
  return slots;
}

const compareText = (left: string, right: string): number => (left < right ? -1 : left > right ? 1 : 0);

/** Order of stanzas of one name in the merged index. */
function byIdentity(left: Candidate, right: Candidate): number {
  const byVersion = compareVersions(left.version, right.version);
  if (byVersion !== 0) return byVersion;
  return compareText(left.architecture, right.architecture);
}

const differ = (left: Candidate, right: Candidate): boolean => left.digest !== "" && right.digest !== "" && left.digest !== right.digest;
