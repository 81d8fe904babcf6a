/** The fields of a binary stanza that say what it needs and what it offers, read from a table that was scanned for them. */
import { fieldText, type StanzaTable } from "../deb822/stanza-table.ts";

/** To be scanned beside a kind's own fields, in lower case. */
export const RELATION_FIELDS = ["pre-depends", "depends", "provides", "multi-arch"] as const;
export const WEAK_FIELDS = ["recommends", "suggests"] as const;
/** What only dose-debcheck looks at. */
export const CONFLICT_FIELDS = ["conflicts", "breaks"] as const;
export const BUILT_USING_FIELDS = ["built-using", "static-built-using"] as const;

export type RelationField =
  | "package"
  | "version"
  | "architecture"
  | (typeof RELATION_FIELDS)[number]
  | (typeof WEAK_FIELDS)[number]
  | (typeof CONFLICT_FIELDS)[number]
  | (typeof BUILT_USING_FIELDS)[number];

/** Where a stanza's relations stand: in its index, or in what overrides made of it. */
export interface RelationStanza {
  readonly table: StanzaTable;
  readonly stanza: number;
}

/** Undefined when the stanza lacks the field. @throws Error when the table was not scanned for it: a slip that would let every ban leak */
export const relationText = ({ table, stanza }: RelationStanza, field: RelationField): string | undefined =>
  fieldText(table, stanza, fieldPosition(table, field));

/** @throws Error when the table was not scanned for it */
export function fieldPosition(table: StanzaTable, field: RelationField): number {
  const position = table.fields.indexOf(field);
  if (position < 0) throw new Error(`The table was not scanned for ${field}`);
  return position;
}
