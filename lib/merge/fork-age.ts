/** Names that a mirror's suite wins by its rank or by a pin while another offers a higher version: forks that have fallen behind. */
import { compareVersions } from "../archive/version.ts";
import type { Candidate, Decision } from "./candidate.ts";

export interface BehindFork {
  readonly winner: Candidate;
  /** The highest version that another offers. */
  readonly newer: Candidate;
  readonly reason: Decision["reason"];
}

export function forksBehind(decisions: readonly Decision[]): readonly BehindFork[] {
  return decisions.flatMap(({ winners, losers, reason }) => {
    if (reason !== "best-rank" && reason !== "pinned") return [];
    const winner = highest(winners);
    const newer = winner === undefined ? undefined : highest(losers.filter(({ input }) => input.rank !== winner.input.rank));
    if (winner === undefined || newer === undefined || compareVersions(newer.version, winner.version) <= 0) return [];
    return [{ winner, newer, reason }];
  });
}

function highest(candidates: readonly Candidate[]): Candidate | undefined {
  let best: Candidate | undefined;
  for (const one of candidates) if (best === undefined || compareVersions(one.version, best.version) > 0) best = one;
  return best;
}
