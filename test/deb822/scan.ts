/** What a scan found, in a form that a test can compare at a glance. */
import { fieldText, type StanzaTable, scanStanzas } from "../../lib/deb822/stanza-table.ts";

export const WHERE = { mirror: "debian", suite: "bookworm", file: "main/binary-amd64/Packages" };
export const FIELDS = ["package", "version", "depends"];

export const scan = (text: string | Buffer): StanzaTable => scanStanzas(Buffer.from(text), FIELDS, WHERE);

/** The bytes of each stanza, as latin1. */
export const stanzasOf = (table: StanzaTable): readonly string[] =>
  Array.from({ length: table.count }, (_, stanza) => table.bytes.toString("latin1", table.starts[stanza], table.ends[stanza]));

/** The values of one field, one per stanza. */
export function valuesOf(table: StanzaTable, field: string): readonly (string | undefined)[] {
  const position = table.fields.indexOf(field);
  return Array.from({ length: table.count }, (_, stanza) => fieldText(table, stanza, position));
}
