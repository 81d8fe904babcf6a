/** Finds stanzas that have certain names, or whose relations speak of them, without reading what they say of them. */
import type { StanzaTable } from "../deb822/stanza-table.ts";
import { fieldPosition, type RelationField, type RelationStanza } from "./relation-fields.ts";
import { hashedWith, TextNumbers } from "./text-numbers.ts";

const SPACE = 0x20;
const COMMA = 0x2c;
const BAR = 0x7c;
/** 1 for what ends a name. */
const ENDS_NAME = new Uint8Array(256).fill(1, 0, SPACE + 1);
for (const byte of Buffer.from(",|(:<[")) ENDS_NAME[byte] = 1;

/** Mostly there are few: what is looked at for each relation is to stay near the processor. */
const FEW_NAMES = 512;
/** Names are looked for by a part of their hashes first: of nearly all others it differs, and all those of a large archive take a megabyte or two. */
const SHORT_HASHES = 1 << 16;
/** Behind those of each stanza. */
const END = 0;
/** Of a stanza's own name there is one. */
const EACH_NAME = 2;
const NOWHERE: readonly number[] = [];

/** The names in question. */
export class MentionedNames {
  readonly #names = new TextNumbers(undefined, FEW_NAMES);
  readonly #shortHashes = new Uint8Array(SHORT_HASHES);

  /** @throws MergeError INDEX_TOO_LARGE when they collide without end; so do the others */
  constructor(names: Iterable<string>) {
    for (const name of names) {
      const bytes = Buffer.from(name, "latin1");
      const hash = hashOf(bytes, 0, bytes.length);
      this.#names.numberOfHashed(bytes, 0, bytes.length, hash);
      this.#shortHashes[shortened(hash)] = 1;
    }
  }

  /** Whether one of them is the name of the stanza. */
  has(one: RelationStanza): boolean {
    const { table, stanza } = one;
    const at = placeOf(table, stanza, "package");
    return this.#names.knownNumberOf(table.bytes, table.spans[at] ?? 0, table.spans[at + 1] ?? 0, hashOfName(one)) >= 0;
  }

  /** Whether one of them is named in one of these relation fields. */
  areIn(one: RelationStanza, fields: readonly RelationField[]): boolean {
    if (this.#names.count === 0) return false;
    for (const field of fields) if (someName(one, field, this.#isOneOfThem)) return true;
    return false;
  }

  /** Positions of the stanzas that may name one of them. @param hashes as `hashesIn` or `hashesOf` gives them */
  placesIn(hashes: Uint16Array): readonly number[] {
    const own = this.#shortHashes;
    let places: number[] | undefined;
    let stanza = 0;
    let found = 0;
    for (let at = 0; at < hashes.length; at++) {
      const hash = hashes[at] ?? END;
      if (hash !== END) {
        found |= own[hash] ?? 0;
        continue;
      }
      if (found === 1) {
        places ??= [];
        places.push(stanza);
        found = 0;
      }
      stanza++;
    }
    return places ?? NOWHERE;
  }

  /** Whether one of them may be the name of a stanza. @param hashes as `hashesOf` gives them */
  mayBeNameOf(stanza: number, hashes: Uint16Array): boolean {
    return this.#shortHashes[hashes[stanza * EACH_NAME] ?? END] === 1;
  }

  readonly #isOneOfThem = (bytes: Buffer, start: number, end: number, hash: number): boolean =>
    this.#names.knownNumberOf(bytes, start, end, hash) >= 0;
}

/** The low bits of a product know nothing of the high bits of its factors. */
const shortened = (hash: number): number => Math.max((hash ^ (hash >>> 15)) & (SHORT_HASHES - 1), END + 1);

/** By which names are looked for. */
function hashOf(bytes: Buffer, start: number, end: number): number {
  let hash = 0;
  for (let at = start; at < end; at++) hash = hashedWith(hash, bytes[at] ?? 0);
  return hash;
}

function hashOfName({ table, stanza }: RelationStanza): number {
  const at = placeOf(table, stanza, "package");
  return hashOf(table.bytes, table.spans[at] ?? 0, table.spans[at + 1] ?? 0);
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

/** Short hashes of all names in relation fields of each stanza. */
export function hashesIn(stanzas: readonly RelationStanza[], fields: readonly RelationField[]): Uint16Array {
  let hashes = new Uint16Array(FEW_NAMES);
  let count = 0;
  const add = (hash: number): void => {
    if (count === hashes.length) {
      const more = new Uint16Array(2 * count);
      more.set(hashes);
      hashes = more;
    }
    hashes[count++] = hash;
  };
  const addName = (_bytes: Buffer, _start: number, _end: number, hash: number): boolean => {
    add(shortened(hash));
    return false;
  };
  for (const one of stanzas) {
    for (const field of fields) someName(one, field, addName);
    add(END);
  }
  return hashes.slice(0, count);
}

/** The same of the stanzas' own names. */
export function hashesOf(stanzas: readonly RelationStanza[]): Uint16Array {
  const hashes = new Uint16Array(EACH_NAME * stanzas.length);
  for (const [position, one] of stanzas.entries()) hashes[EACH_NAME * position] = shortened(hashOfName(one));
  return hashes;
}

/** How many stanzas these are hashes of. */
export const speaksFor = (hashes: Uint16Array): number => hashes.reduce((count, hash) => (hash === END ? count + 1 : count), 0);

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
      if (ENDS_NAME[byte] === 1) break;
      hash = hashedWith(hash, byte);
    }
    if (test(bytes, from, at, hash)) return true;
    while (at < end && bytes[at] !== COMMA && bytes[at] !== BAR) at++;
  }
  return false;
}
