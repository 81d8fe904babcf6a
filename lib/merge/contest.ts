/** The contest of one name alone, for `explain`. */
import type { Candidate, Decision, Left } from "./candidate.ts";
import type { ContestRules } from "./contest-rules.ts";
import type { Gathered, RefusedStanza } from "./gather.ts";
import { contestsOf } from "./merge-index.ts";

export interface Contest {
  readonly decision: Decision;
  /** Stanzas that never compete and are kept beside the winners. */
  readonly aside: readonly Candidate[];
  readonly refused: readonly RefusedStanza[];
  /** Stanzas that were kept from competing. */
  readonly left: readonly { readonly candidate: Candidate; readonly left: Left }[];
}

/** Undefined when no input has the name. */
export function contestOf(gathered: Gathered, rules: ContestRules, name: string): Contest | undefined {
  const aside = gathered.aside.filter((entry) => gathered.nameOf(entry) === name).map((entry) => gathered.candidate(entry));
  const refused = gathered.refused.filter((one) => one.name === name);
  const left = gathered.left
    .filter(({ entry }) => gathered.nameOf(entry) === name)
    .map((one) => ({ candidate: gathered.candidate(one.entry), left: one.left }));
  if (gathered.entriesOf(name).length === 0 && aside.length === 0 && refused.length === 0 && left.length === 0) return undefined;
  return { decision: contestsOf(gathered, rules).decide(name), aside, refused, left };
}
