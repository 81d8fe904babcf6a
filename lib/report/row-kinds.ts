/** The sorts of rows that reports for people have, in the order in which they are told: what changes for clients first. */

interface RowKindWords {
  readonly kind: string;
  /** Stands beside the word, so that no colour is needed to see what it is. */
  readonly sign: string;
  readonly word: string;
  /** What the word alone does not say. */
  readonly note: string;
  /** Takes something away from clients. */
  readonly alarming: boolean;
  /** Differs from the last generation; else it is a finding, which is as it is whether the run publishes or not. */
  readonly change: boolean;
}

export const ROW_KINDS = [
  {
    kind: "uninstallable",
    sign: "!",
    word: "uninstallable",
    note: "cannot be installed, other than before",
    alarming: true,
    change: false,
  },
  { kind: "downgraded", sign: "↓", word: "downgraded", note: "", alarming: true, change: true },
  { kind: "upgraded", sign: "↑", word: "upgraded", note: "", alarming: false, change: true },
  { kind: "rebuilt", sign: "=", word: "rebuilt", note: "same version, other file", alarming: false, change: true },
  { kind: "moved", sign: "→", word: "moved", note: "other mirror or component", alarming: false, change: true },
  { kind: "edited", sign: "~", word: "edited", note: "same file, other fields", alarming: false, change: true },
  { kind: "added", sign: "+", word: "added", note: "", alarming: false, change: true },
  { kind: "removed", sign: "−", word: "removed", note: "", alarming: true, change: true },
  { kind: "banned", sign: "×", word: "banned", note: "taken out by a ban, or with what it bans", alarming: false, change: false },
  { kind: "needs-banned", sign: "?", word: "needs banned", note: "stays, and needs or wants it", alarming: false, change: false },
  { kind: "behind", sign: "<", word: "behind", note: "another mirror has a higher version", alarming: false, change: false },
  { kind: "limited", sign: "/", word: "limited", note: "refused to a limited mirror, or told of it", alarming: false, change: false },
  { kind: "built-using", sign: "&", word: "built using", note: "sources that the suite does not have", alarming: false, change: false },
  { kind: "orphaned", sign: "∅", word: "orphaned", note: "the suite does not have its source", alarming: false, change: false },
] as const satisfies readonly RowKindWords[];

export type KindWords = (typeof ROW_KINDS)[number];
export type RowKind = KindWords["kind"];

/** As a heading says it: in a dry run and in a suite that is held, what did not happen would. */
export function titleOf({ word, note, alarming, change }: KindWords, conditional: boolean): string {
  return `${conditional && change ? "would be " : ""}${word}${alarming ? " (!)" : ""}${note === "" ? "" : `: ${note}`}`;
}
