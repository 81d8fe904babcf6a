/** Inputs of a contest in a few words: which mirror, at which rank, has which stanzas. */
import assert from "node:assert/strict";
import { type Architecture, parseArchitecture, parseComponentName, parseMirrorName, parseSuitePath } from "../../lib/archive/names.ts";
import { fieldText, scanStanzas } from "../../lib/deb822/stanza-table.ts";
import { ARCHITECTURE, type IndexKind, NAME, VERSION } from "../../lib/kinds/index-kind.ts";
import { packages } from "../../lib/kinds/packages.ts";
import type { Candidate, IndexInput, Kept } from "../../lib/merge/candidate.ts";
import { type Contest, contestOf as contestAmong } from "../../lib/merge/contest.ts";
import { type ContestRules, contestRules, type Findings, NO_FINDINGS } from "../../lib/merge/contest-rules.ts";
import { gather } from "../../lib/merge/gather.ts";
import { decideIndex, type MergedIndex } from "../../lib/merge/merge-index.ts";
import type { NeededSources } from "../../lib/merge/needed-sources.ts";
import type { BanRule, PinRule, Policy, Winner } from "../../lib/settings.ts";
import { binaryStanza, poolLayout, sourceStanza } from "../support/stanzas.ts";

export const AMD64 = parseArchitecture("amd64");

type Fields = Readonly<Record<string, string | undefined>>;

/** `content` decides the digest of the file. */
export const deb = (name: string, version: string, fields: Fields = {}): Buffer =>
  binaryStanza({ Package: name, Version: version, Architecture: "amd64", ...fields }, "deb", poolLayout).text;

export const source = (name: string, version: string, fields: Fields = {}): Buffer =>
  sourceStanza({ Package: name, Version: version, ...fields }, poolLayout).text;

/** A stanza in the index of another component or one that is read with other rules. */
export type InputChanges = Partial<Omit<IndexInput, "component" | "table">> & { readonly component?: string; readonly kind?: IndexKind };

/** @param rank 0 wins */
export function input(mirror: string, rank: number, stanzas: readonly (Buffer | string)[], changes: InputChanges = {}): IndexInput {
  const { component = "main", kind = packages, ...rest } = changes;
  const bytes = Buffer.concat(stanzas.flatMap((stanza) => [Buffer.from(stanza), Buffer.from("\n")]));
  return {
    mirror: parseMirrorName(mirror),
    suite: parseSuitePath("stable"),
    rank,
    componentOrder: 0,
    component: parseComponentName(component),
    pool: undefined,
    weakAllowed: false,
    mixed: false,
    limited: false,
    table: scanStanzas(bytes, kind.fields, { mirror, suite: "stable", file: kind.fileName }),
    ...rest,
  };
}

/** All usable stanzas of the inputs, as the contest meets them. */
export function candidates(...inputs: readonly IndexInput[]): readonly Candidate[] {
  const gathered = gather(packages, AMD64, inputs, rulesOf(packages, AMD64, "all"));
  assert.deepEqual(gathered.refused, []);
  return gathered.names.flatMap((name) => gathered.entriesOf(name)).map((entry) => gathered.candidate(entry));
}

/** A policy of which only some parts matter; a winner alone is one. */
export type PolicyChanges = Winner | Partial<Policy>;

export function policyOf(changes: PolicyChanges): Policy {
  const usual = {
    winner: "priority",
    sources: "keep",
    pins: [],
    bans: [],
    maxShrink: 0.2,
    uninstallable: "hold",
    debcheck: false,
  } as const;
  return typeof changes === "string" ? { ...usual, winner: changes } : { ...usual, ...changes };
}

/** `package x` or `source x`, of a mirror. */
export function pin(by: PinRule["by"], pattern: string, mirror: string, changes: Partial<PinRule> = {}): PinRule {
  const choice = { mirror: parseMirrorName(mirror), suite: undefined };
  return {
    by,
    pattern,
    architecture: undefined,
    version: undefined,
    place: `pin ${pattern}`,
    mirror: choice,
    until: undefined,
    ...changes,
  };
}

export function ban(by: BanRule["by"], pattern: string, changes: Partial<BanRule> = {}): BanRule {
  const open = { architecture: undefined, version: undefined, mirror: undefined, reason: undefined };
  return { by, pattern, place: `ban ${pattern}`, dependents: "drop", reportWeak: [], ...open, ...changes };
}

const rulesOf = (kind: IndexKind, architecture: Architecture, policy: PolicyChanges, findings: Findings = NO_FINDINGS): ContestRules =>
  contestRules(kind, architecture, policyOf(policy), findings);

/** All contests of one index. */
export function mergeIndex(
  kind: IndexKind,
  architecture: Architecture,
  inputs: readonly IndexInput[],
  policy: PolicyChanges,
  needed?: NeededSources,
  findings?: Findings,
): MergedIndex {
  const rules = rulesOf(kind, architecture, policy, findings);
  return decideIndex(gather(kind, architecture, inputs, rules), rules, needed);
}

/** The contest of one name. */
export function contestOf(
  kind: IndexKind,
  architecture: Architecture,
  inputs: readonly IndexInput[],
  policy: PolicyChanges,
  name: string,
): Contest | undefined {
  const rules = rulesOf(kind, architecture, policy);
  return contestAmong(gather(kind, architecture, inputs, rules), rules, name);
}

/** `name version architecture mirror`, in order. */
export const told = (kept: readonly Kept[]): readonly string[] =>
  kept.map(({ input: { table, mirror }, stanza }) =>
    [NAME, VERSION, ARCHITECTURE]
      .map((field) => fieldText(table, stanza, field))
      .concat(mirror)
      .join(" "),
  );
