/** What stanzas need and offer, copied together: small enough to be handed to another thread, where the indices are not. */
import type { StanzaTable } from "../deb822/stanza-table.ts";
import { fieldPosition, RELATION_FIELDS, type RelationField, type RelationStanza } from "./relation-fields.ts";

/** All that decides what can be installed, but for conflicts. */
const FIELDS: readonly RelationField[] = ["package", "version", ...RELATION_FIELDS];

export interface PackedRelations {
  readonly bytes: Uint8Array<ArrayBuffer>;
  /** As in a StanzaTable of these fields. */
  readonly spans: Uint32Array<ArrayBuffer>;
  readonly count: number;
}

/** Nothing lies at 0, because an end at 0 says that a field is absent. */
const FIRST_BYTE = 1;

export function packRelations(stanzas: readonly RelationStanza[]): PackedRelations {
  const places = new Map<StanzaTable, readonly number[]>();
  for (const { table } of stanzas)
    if (!places.has(table))
      places.set(
        table,
        FIELDS.map((field) => fieldPosition(table, field)),
      );
  const spans = new Uint32Array(stanzas.length * FIELDS.length * 2);
  let used = FIRST_BYTE;
  let at = 0;
  eachField(stanzas, places, (_, start, end) => {
    if (end !== 0) spans[at] = used;
    used += end - start;
    if (end !== 0) spans[at + 1] = used;
    at += 2;
  });
  const bytes = new Uint8Array(used);
  at = 0;
  eachField(stanzas, places, (from, start, end) => {
    if (end > start) from.copy(bytes, spans[at], start, end);
    at += 2;
  });
  return { bytes, spans, count: stanzas.length };
}

function eachField(
  stanzas: readonly RelationStanza[],
  places: ReadonlyMap<StanzaTable, readonly number[]>,
  take: (bytes: Buffer, start: number, end: number) => void,
): void {
  for (const { table, stanza } of stanzas) {
    for (const position of places.get(table) ?? []) {
      const span = (stanza * table.fields.length + position) * 2;
      take(table.bytes, table.spans[span] ?? 0, table.spans[span + 1] ?? 0);
    }
  }
}

export function unpackRelations({ bytes, spans, count }: PackedRelations): readonly RelationStanza[] {
  const nowhere = new Uint32Array(0);
  const text = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const table: StanzaTable = { bytes: text, count, starts: nowhere, ends: nowhere, fields: FIELDS, spans, faults: new Map() };
  return Array.from({ length: count }, (_, stanza) => ({ table, stanza }));
}
