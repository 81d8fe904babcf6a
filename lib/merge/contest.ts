/** The contest of one name alone, for `explain`. */
import type { Architecture } from "../archive/names.ts";
import type { IndexKind } from "../kinds/index-kind.ts";
import type { Winner } from "../settings.ts";
import type { Candidate, Decision, IndexInput } from "./candidate.ts";
import { choose } from "./choose.ts";
import { gather, type RefusedStanza } from "./gather.ts";

export interface Contest {
  readonly decision: Decision;
  /** Stanzas that never compete and are kept beside the winners. */
  readonly aside: readonly Candidate[];
  readonly refused: readonly RefusedStanza[];
}

/** Undefined when no input has the name. */
export function contestOf(
  kind: IndexKind,
  architecture: Architecture,
  inputs: readonly IndexInput[],
  winner: Winner,
  name: string,
): Contest | undefined {
  const gathered = gather(kind, architecture, inputs);
  const entries = gathered.entriesOf(name);
  const aside = gathered.aside.filter((entry) => gathered.nameOf(entry) === name).map((entry) => gathered.candidate(entry));
  const refused = gathered.refused.filter((one) => one.name === name);
  if (entries.length === 0 && aside.length === 0 && refused.length === 0) return undefined;
  const candidates = entries.map((entry) => gathered.candidate(entry));
  const ranks = refused.map(({ input }) => input.rank);
  return { decision: choose(name, candidates, winner, ranks), aside, refused };
}
