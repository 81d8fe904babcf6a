/** What stanzas need and offer, copied together: small enough to be handed to another thread, where the indices are not. */
import type { StanzaTable } from "../deb822/stanza-table.ts";
import { fieldPosition, RELATION_FIELDS, type RelationField } from "./relation-fields.ts";

/** All that decides what can be installed, but for conflicts. */
const FIELDS: readonly RelationField[] = ["package", "version", ...RELATION_FIELDS];
const WIDTH = FIELDS.length * 2;

export interface PackedRelations {
  readonly bytes: Uint8Array<ArrayBuffer>;
  /** As in a StanzaTable of these fields. */
  readonly spans: Uint32Array<ArrayBuffer>;
  readonly count: number;
}

/** Some thousand stanzas at a time. */
const MOST_STANZAS = 4096;
const ROOM_BYTES = 512 * 1024;
/** Nothing lies at 0, because an end at 0 says that a field is absent. */
const FIRST_BYTE = 1;

/** Packs the stanzas of one table, in their order. */
export class RelationPacker {
  readonly #take: (packed: PackedRelations) => void;
  #fields: readonly string[] = [];
  #positions: readonly number[] = [];
  #bytes = new Uint8Array(ROOM_BYTES);
  #spans = new Uint32Array(MOST_STANZAS * WIDTH);
  #used = FIRST_BYTE;
  #count = 0;

  /** @param take is given what was packed; it may keep it, or hand it on */
  constructor(take: (packed: PackedRelations) => void) {
    this.#take = take;
  }

  add(table: StanzaTable, stanza: number): void {
    if (table.fields !== this.#fields) {
      this.#fields = table.fields;
      this.#positions = FIELDS.map((field) => fieldPosition(table, field));
    }
    const { bytes, spans } = table;
    const first = stanza * table.fields.length;
    let length = 0;
    for (const position of this.#positions) length += (spans[(first + position) * 2 + 1] ?? 0) - (spans[(first + position) * 2] ?? 0);
    if (this.#count === MOST_STANZAS || this.#used + length > this.#bytes.length) this.#next(length);
    let at = this.#count++ * WIDTH;
    for (const position of this.#positions) {
      const start = spans[(first + position) * 2] ?? 0;
      const end = spans[(first + position) * 2 + 1] ?? 0;
      if (end !== 0) {
        this.#spans[at] = this.#used;
        for (let from = start; from < end; from++) this.#bytes[this.#used++] = bytes[from] ?? 0;
        this.#spans[at + 1] = this.#used;
      }
      at += 2;
    }
  }

  end(): void {
    if (this.#count > 0) this.#next(0);
  }

  /** @param least bytes that there must be room for */
  #next(least: number): void {
    if (this.#count > 0) this.#take({ bytes: this.#bytes, spans: this.#spans, count: this.#count });
    this.#bytes = new Uint8Array(Math.max(ROOM_BYTES, FIRST_BYTE + least));
    this.#spans = new Uint32Array(MOST_STANZAS * WIDTH);
    this.#used = FIRST_BYTE;
    this.#count = 0;
  }
}

/** @returns a table of what was packed, of these fields alone */
export function unpackRelations({ bytes, spans, count }: PackedRelations): StanzaTable {
  const nowhere = new Uint32Array(0);
  const text = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  return { bytes: text, count, starts: nowhere, ends: nowhere, fields: FIELDS, spans, faults: new Map() };
}
