/** What meets in a contest, and what comes out. Plain values: reports, `explain` and tests read the same ones. */
import type { ComponentName, MirrorName, SuitePath } from "../archive/names.ts";
import type { FieldEdit } from "../deb822/edit.ts";
import type { StanzaTable } from "../deb822/stanza-table.ts";

/** One verified index that takes part in a merged suite, scanned. */
export interface IndexInput {
  readonly mirror: MirrorName;
  readonly suite: SuitePath;
  /** Place of its mirror's suite in the configured order, 0 wins. */
  readonly rank: number;
  /** Place of its merged component in the suite's order; of two stanzas of one mirror the lower one comes first. */
  readonly componentOrder: number;
  readonly component: ComponentName;
  /** Prefix of its mirror's pool paths. */
  readonly pool: string | undefined;
  readonly weakAllowed: boolean;
  /** Whether stanzas of other architectures are expected (flat archives hold all in one file). */
  readonly mixed: boolean;
  /** Whether its mirror may only add names, not take over those of full mirrors. */
  readonly limited: boolean;
  /** Whether what its mirror says beyond its own packages is told. */
  readonly watched?: boolean;
  readonly table: StanzaTable;
}

/** A stanza of the merged index. */
export interface Kept {
  readonly input: IndexInput;
  readonly stanza: number;
  /** Where it is at hand, so that no text is made of it once more. */
  readonly name?: string;
  /** What the policy itself changes in it, before any override. */
  readonly edits?: readonly FieldEdit[];
}

/** Why a candidate takes no part in its contest. Positions of rules are those of the policy's list. */
export type Left =
  | { readonly kind: "banned"; readonly ban: number }
  /** A full mirror has the name. */
  | { readonly kind: "limited"; readonly owner: MirrorName }
  /** `sources: strict`: another mirror has won its source. */
  | { readonly kind: "source-lost"; readonly to: MirrorName };

/** A stanza from one mirror. */
export interface Candidate {
  readonly input: IndexInput;
  /** Position in the input's table. */
  readonly stanza: number;
  readonly version: string;
  readonly architecture: string;
  /** Of one name and version there is one stanza per slot: the architecture of a binary, nothing for a source. */
  readonly slot: string;
  /** Place among all stanzas of the merge: inputs in their order, each from its first stanza to its last. */
  readonly order: number;
  /** Identity of the package file (or of the source's files); empty when the stanza has none that is strong. */
  readonly digest: string;
}

export type Reason =
  | "only-candidate"
  | "best-rank"
  | "newest-version"
  | "all-versions"
  | "pinned"
  /** Nothing is left that may compete. */
  | "all-left"
  /** The mirror that owns the name offers only stanzas that may not be used: no lower one inherits it. */
  | "owner-refused";

export interface Decision {
  readonly name: string;
  readonly reason: Reason;
  /** Position of the pin that decided, or -1. */
  readonly pin: number;
  /** Sorted by version, then architecture. */
  readonly winners: readonly Candidate[];
  readonly losers: readonly Candidate[];
  /** Pairs of one name, version and architecture whose files differ: the kept stanza and the other. */
  readonly conflicts: readonly { readonly kept: Candidate; readonly other: Candidate }[];
}

export function describeReason(reason: Reason): string {
  switch (reason) {
    case "only-candidate":
      return "no other mirror has it";
    case "best-rank":
      return "its mirror comes first in the suite";
    case "newest-version":
      return "it has the highest version";
    case "all-versions":
      return "the suite keeps every version";
    case "pinned":
      return "a pin gives the name to its mirror";
    case "all-left":
      return "no candidate is left to compete";
    case "owner-refused":
      return "the first mirror that has the name offers no usable stanza of it";
    default:
      return reason satisfies never;
  }
}
