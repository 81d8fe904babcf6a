/** One suite's way through a run, as values: what came in, what came out, and why it stopped. */
import { CODES, type MergeError } from "../errors.ts";
import type { OverrideSet } from "../override/override-set.ts";
import type { SuiteSettings } from "../settings.ts";
import type { SuiteRecord } from "../state/inputs-record.ts";
import type { LastSuite } from "./last-generation.ts";
import type { MergedSuite } from "./merge-suite.ts";
import type { SuiteDigests } from "./publish-suite.ts";
import type { MirrorIntake } from "./take-in.ts";

export interface SuiteRun {
  readonly suite: SuiteSettings;
  readonly last: LastSuite;
  readonly overrides: OverrideSet;
  intakes: readonly MirrorIntake[];
  digests: SuiteDigests | undefined;
  state: SuiteState;
}

/** What to do, and what clients see meanwhile. */
export function keptHint(error: MergeError, { suite, last }: SuiteRun): string {
  const { hint } = CODES[error.code];
  return last.record === undefined
    ? `${hint}. Suite "${suite.name}" is not published yet`
    : `${hint}. Suite "${suite.name}" keeps its last state`;
}

export type SuiteState =
  | { readonly kind: "waiting" }
  /** The inputs are those of the last generation. */
  | { readonly kind: "unchanged" }
  /** All that the merge needs is in the store. */
  | { readonly kind: "changed" }
  /** What is published of it is to be published again under a new Date, without a merge: it was rolled back. */
  | { readonly kind: "due" }
  | { readonly kind: "reissued"; readonly record: SuiteRecord }
  | { readonly kind: "merged"; readonly merged: MergedSuite; readonly record: SuiteRecord | undefined }
  /** A guard keeps it from being published. */
  | { readonly kind: "held"; readonly merged: MergedSuite }
  | { readonly kind: "failed"; readonly error: unknown };
