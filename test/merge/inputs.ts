/** Inputs of a contest in a few words: which mirror, at which rank, has which stanzas. */
import assert from "node:assert/strict";
import { parseArchitecture, parseComponentName, parseMirrorName, parseSuitePath } from "../../lib/archive/names.ts";
import { fieldText, scanStanzas } from "../../lib/deb822/stanza-table.ts";
import { ARCHITECTURE, type IndexKind, NAME, VERSION } from "../../lib/kinds/index-kind.ts";
import { packages } from "../../lib/kinds/packages.ts";
import type { Candidate, IndexInput, Kept } from "../../lib/merge/candidate.ts";
import { gather } from "../../lib/merge/gather.ts";
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
    table: scanStanzas(bytes, kind.fields, { mirror, suite: "stable", file: kind.fileName }),
    ...rest,
  };
}

/** All usable stanzas of the inputs, as the contest meets them. */
export function candidates(...inputs: readonly IndexInput[]): readonly Candidate[] {
  const gathered = gather(packages, AMD64, inputs);
  assert.deepEqual(gathered.refused, []);
  return gathered.names.flatMap((name) => gathered.entriesOf(name)).map((entry) => gathered.candidate(entry));
}

/** `name version architecture mirror`, in order. */
export const told = (kept: readonly Kept[]): readonly string[] =>
  kept.map(({ input: { table, mirror }, stanza }) =>
    [NAME, VERSION, ARCHITECTURE]
      .map((field) => fieldText(table, stanza, field))
      .concat(mirror)
      .join(" "),
  );
