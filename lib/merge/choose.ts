/**
 * The contest: all candidates of one name meet in one decision.
 *
 * - priority: the first mirror that offers the name wins it, with all its versions of it
 * - newest: the mirror with the highest version wins it, with all its versions; equal versions go to the first mirror
 * - all: every version stays; equal versions go to the first mirror
 *
 * @see CONTRACT section 4, "Contest"
 */
import { compareVersions } from "../archive/version.ts";
import type { Winner } from "../settings.ts";
import type { Candidate, Decision, Reason } from "./candidate.ts";

/**
 * @param candidates of one name, at least one, in any order
 * @param refusedRanks ranks of mirrors whose stanza of this name was refused: with `priority` they own it all the same
 */
export function choose(name: string, candidates: readonly Candidate[], winner: Winner, refusedRanks: readonly number[]): Decision {
  const ordered = [...candidates].sort(byPlace);
  const { holds, reason } = ruleOf(winner, ordered, refusedRanks);
  const winners: Candidate[] = [];
  const losers: Candidate[] = [];
  const conflicts: Decision["conflicts"][number][] = [];
  for (const candidate of ordered) {
    const twin = winners.find(
      (kept) => kept.architecture === candidate.architecture && compareVersions(kept.version, candidate.version) === 0,
    );
    if (twin === undefined && holds(candidate)) winners.push(candidate);
    else {
      if (twin !== undefined && differ(twin, candidate)) conflicts.push({ kept: twin, other: candidate });
      // The same stanza twice in one mirror is no contest.
      if (twin === undefined || twin.input.rank !== candidate.input.rank) losers.push(candidate);
    }
  }
  return { name, reason, winners: winners.sort(byIdentity), losers, conflicts };
}

function ruleOf(
  winner: Winner,
  ordered: readonly Candidate[],
  refusedRanks: readonly number[],
): { holds: (candidate: Candidate) => boolean; reason: Reason } {
  const first = ordered[0];
  if (first === undefined) return { holds: () => false, reason: "owner-refused" };
  const contested = ordered.some((candidate) => candidate.input.rank !== first.input.rank);
  switch (winner) {
    case "priority": {
      const owner = Math.min(first.input.rank, ...refusedRanks);
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

/** Rank, then the component's order in the suite, then place in the file. */
function byPlace(left: Candidate, right: Candidate): number {
  return left.input.rank - right.input.rank || left.input.componentOrder - right.input.componentOrder || left.stanza - right.stanza;
}

/** Order of stanzas of one name in the merged index. */
function byIdentity(left: Candidate, right: Candidate): number {
  const byVersion = compareVersions(left.version, right.version);
  if (byVersion !== 0) return byVersion;
  return left.architecture < right.architecture ? -1 : left.architecture > right.architecture ? 1 : 0;
}

const differ = (left: Candidate, right: Candidate): boolean => left.digest !== "" && right.digest !== "" && left.digest !== right.digest;
