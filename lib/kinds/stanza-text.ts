/** Stanzas of files that follow the packages, as they are written again. */
import type { StanzaTable } from "../deb822/stanza-table.ts";

const NEWLINE = 0x0a;

/** The stanza as it came, ended by one empty line. */
export function stanzaText(table: StanzaTable, stanza: number): Buffer {
  const bytes = table.bytes.subarray(table.starts[stanza], table.ends[stanza]);
  return Buffer.concat([bytes, Buffer.from(bytes.at(-1) === NEWLINE ? "\n" : "\n\n")]);
}
