/** Finds stanzas that have certain names, or whose relations speak of them, without reading what they say of them. */
import type { StanzaTable } from "../deb822/stanza-table.ts";
import { fieldPosition, type RelationField, type RelationStanza } from "./relation-fields.ts";
import { hashedWith, TextNumbers } from "./text-numbers.ts";

const SPACE = 0x20;
const OPEN = 0x28;
const COMMA = 0x2c;
const COLON = 0x3a;
const LESS = 0x3c;
const OPEN_SQUARE = 0x5b;
const BAR = 0x7c;

/** Mostly there are few: what is looked at for each relation is to stay near the processor. */
const FEW_NAMES = 512;

/** The names in question. */
export class MentionedNames {
  readonly #names = new TextNumbers(undefined, FEW_NAMES);

  /** @throws MergeError INDEX_TOO_LARGE when they collide without end; so do the others */
  constructor(names: Iterable<string>) {
    for (const name of names) {
      const bytes = Buffer.from(name, "latin1");
      this.#names.numberOf(bytes, 0, bytes.length);
    }
  }

  /** Whether one of them is the name of the stanza. */
  has({ table, stanza }: RelationStanza, hash: number = hashOfName({ table, stanza })): boolean {
    const at = placeOf(table, stanza, "package");
    return this.#names.knownNumberOf(table.bytes, table.spans[at] ?? 0, table.spans[at + 1] ?? 0, hash) >= 0;
  }

  /** Whether one of them is named in one of these relation fields. */
  areIn(one: RelationStanza, fields: readonly RelationField[]): boolean {
    if (this.#names.count === 0) return false;
    for (const field of fields) if (someName(one, field, this.#isOneOfThem)) return true;
    return false;
  }

  readonly #isOneOfThem = (bytes: Buffer, start: number, end: number, hash: number): boolean =>
    this.#names.knownNumberOf(bytes, start, end, hash) >= 0;
}

/** By which names are looked for. */
export function hashOfName({ table, stanza }: RelationStanza): number {
  const at = placeOf(table, stanza, "package");
  const end = table.spans[at + 1] ?? 0;
  let hash = 0;
  for (let place = table.spans[at] ?? 0; place < end; place++) hash = hashedWith(hash, table.bytes[place] ?? 0);
  return hash;
}

const placeOf = (table: StanzaTable, stanza: number, field: RelationField): number =>
  (stanza * table.fields.length + fieldPosition(table, field)) * 2;

/** All names in relation fields. */
export function namesIn(one: RelationStanza, fields: readonly RelationField[]): readonly string[] {
  const names: string[] = [];
  for (const field of fields) {
    someName(one, field, (bytes, start, end) => {
      names.push(bytes.toString("latin1", start, end));
      return false;
    });
  }
  return names;
}

/** What each alternative begins with: all names that `parseGroup` reads, and more where it finds the field malformed. */
function someName(
  { table, stanza }: RelationStanza,
  field: RelationField,
  test: (bytes: Buffer, start: number, end: number, hash: number) => boolean,
): boolean {
  const place = placeOf(table, stanza, field);
  const { bytes } = table;
  const end = table.spans[place + 1] ?? 0;
  for (let at = table.spans[place] ?? 0; at < end; at++) {
    while (at < end && (bytes[at] ?? 0) <= SPACE) at++;
    const from = at;
    let hash = 0;
    for (; at < end; at++) {
      const byte = bytes[at] ?? 0;
      if (isBehindName(byte)) break;
      hash = hashedWith(hash, byte);
    }
    if (test(bytes, from, at, hash)) return true;
    while (at < end && bytes[at] !== COMMA && bytes[at] !== BAR) at++;
  }
  return false;
}

const isBehindName = (byte: number): boolean =>
  byte <= SPACE || byte === COMMA || byte === BAR || byte === OPEN || byte === COLON || byte === LESS || byte === OPEN_SQUARE;
