/**
 * Finds the stanzas of an index and the values of a few fields, as offsets into its bytes. No object per stanza, no decoding: on real
 * indices this is a few tens of milliseconds for 65 MB.
 *
 * What breaks the file's structure (a line without a colon, a continuation that continues nothing) stops the scan. What spoils one stanza
 * (a field twice, a control byte, an odd field name) is noted in `faults`, so that one bad stanza does not cost the archive.
 */
import { MergeError, type Where } from "../errors.ts";

export interface StanzaTable {
  readonly bytes: Buffer;
  readonly count: number;
  /** Offset of the first byte of each stanza, and of the byte after its last line's newline. */
  readonly starts: Uint32Array;
  readonly ends: Uint32Array;
  /** Names of the fields whose values were looked for, in lower case. */
  readonly fields: readonly string[];
  /** Per stanza and field: start and end of the value without blanks around it, continuation lines included. 0, 0: absent. */
  readonly spans: Uint32Array;
  /** Stanza position to the reason why it may not be used. */
  readonly faults: ReadonlyMap<number, string>;
}

const NEWLINE = 0x0a;
const SPACE = 0x20;
const TAB = 0x09;
const COLON = 0x3a;
const HASH_SIGN = 0x23;
const DASH = 0x2d;

/** Largest stanza, in bytes. The largest real one is about 1 MB (a kernel's Sources stanza). */
const MAX_STANZA_BYTES = 64 * 1024 * 1024;

/** Longest line, in bytes; of real ones the longest are file lists of some 100 kB. */
const MAX_LINE_BYTES = 16 * 1024 * 1024;

/** Most stanzas of one index; Debian's largest has 80,000. Without it, an index of nothing but names would fill the memory. */
const MAX_STANZAS = 2_000_000;

/** Most fields of one stanza; real ones have about 25. Names that collide on purpose cost a step each. */
const MAX_FIELDS = 256;

/** What an index may have; its bytes are bounded before. */
export interface StanzaLimits {
  /** Fields of one stanza. */
  readonly fields?: number;
  readonly stanzas?: number;
  /** Key of the config that says how many stanzas, for the message. */
  readonly key?: string;
}

/** Of stanzas of several mirrors, to which fields were added since they were read: what we accept, we must be able to read again. */
export const OWN_LIMITS: StanzaLimits = { fields: 512, stanzas: 8_000_000 };

/** Slots of the table that finds a repeated field name; a stanza has about 25 fields. */
const NAME_SLOTS = 1024;

/**
 * @param bytes hostile: verified to come from the archive, not to be well-formed
 * @param fields lower-case names of the fields whose spans are wanted
 * @throws MergeError INDEX_MALFORMED, INDEX_TOO_LARGE
 */
export function scanStanzas(bytes: Buffer, fields: readonly string[], where: Where, limits: StanzaLimits = {}): StanzaTable {
  const { fields: maxFields = MAX_FIELDS, stanzas: maxStanzas = MAX_STANZAS } = limits;
  const width = fields.length * 2;
  let room = Math.min(maxStanzas, Math.max(16, Math.ceil(bytes.length / 600)));
  let starts = new Uint32Array(room);
  let ends = new Uint32Array(room);
  let spans = new Uint32Array(room * width);
  const faults = new Map<number, string>();

  const wanted = new Int32Array(NAME_SLOTS).fill(-1);
  const wantedNames = fields.map((name) => Buffer.from(name, "latin1"));
  for (const [position, name] of wantedNames.entries()) {
    let slot = hashOf(name, 0, name.length);
    while ((wanted[slot] ?? -1) >= 0) slot = (slot + 1) % NAME_SLOTS;
    wanted[slot] = position;
  }
  // For each slot the stanza that used it last and where its field name starts.
  const seenIn = new Int32Array(NAME_SLOTS).fill(-1);
  const seenAt = new Uint32Array(NAME_SLOTS);

  let count = 0;
  let inStanza = false;
  let fieldsInStanza = 0;
  let openSpan = -1;
  let position = 0;
  const length = bytes.length;

  const malformed: (at: number, found: string, wantedForm: string) => never = (at, found, wantedForm) => {
    let line = 1;
    for (let i = bytes.indexOf(NEWLINE); i >= 0 && i < at; i = bytes.indexOf(NEWLINE, i + 1)) line++;
    const file = `${where.mirror}/${where.suite} ${where.file}`;
    throw new MergeError("INDEX_MALFORMED", `Cannot read ${file}: line ${line} ${found}, ${wantedForm}`, where);
  };

  const endStanza = (end: number): void => {
    ends[count] = end;
    if (end - (starts[count] ?? 0) > MAX_STANZA_BYTES) {
      malformed(starts[count] ?? 0, `starts a stanza of ${end - (starts[count] ?? 0)} bytes`, `it must be at most ${MAX_STANZA_BYTES}`);
    }
    // A line is no longer than its stanza: nearly none is looked at.
    if (end - (starts[count] ?? 0) > MAX_LINE_BYTES) refuseLongLine(starts[count] ?? 0, end);
    count++;
    inStanza = false;
    openSpan = -1;
  };

  const refuseLongLine = (start: number, end: number): void => {
    for (let at = start; at < end; ) {
      const newline = bytes.indexOf(NEWLINE, at);
      const lineEnd = newline < 0 ? end : newline;
      if (lineEnd - at > MAX_LINE_BYTES) malformed(at, `has ${lineEnd - at} bytes`, `it must have at most ${MAX_LINE_BYTES}`);
      at = lineEnd + 1;
    }
  };

  while (position < length) {
    const newline = bytes.indexOf(NEWLINE, position);
    const lineEnd = newline < 0 ? length : newline;
    const next = newline < 0 ? length : newline + 1;
    const first = bytes[position];
    if (lineEnd === position || (!inStanza && (first === SPACE || first === TAB) && isBlank(bytes, position, lineEnd))) {
      // Inside a stanza a line of blanks continues it, as apt reads it: what clients see must be what was decided on.
      if (inStanza) endStanza(position);
      position = next;
      continue;
    }
    if (first === SPACE || first === TAB) {
      if (!inStanza) malformed(position, "continues a field but none is open", "a stanza must start with a field");
      if (openSpan >= 0) spans[openSpan + 1] = trimmedEnd(bytes, position, lineEnd);
      position = next;
      continue;
    }
    if (!inStanza) {
      if (count === maxStanzas) {
        const file = `${where.mirror}/${where.suite} ${where.file}`;
        const limit = limits.key === undefined ? "at most so many are read" : `${limits.key} is ${maxStanzas}`;
        throw new MergeError("INDEX_TOO_LARGE", `Cannot read ${file}: it has more than ${maxStanzas} stanzas, ${limit}`, where);
      }
      fieldsInStanza = 0;
      if (count === room) {
        room = Math.min(room * 2, maxStanzas);
        starts = grown(starts, room);
        ends = grown(ends, room);
        spans = grown(spans, room * width);
      }
      starts[count] = position;
      inStanza = true;
    }
    if (++fieldsInStanza > maxFields)
      malformed(position, `is field ${fieldsInStanza} of its stanza`, `a stanza must have at most ${maxFields}`);
    let hash = 0;
    let colon = position;
    let plain = first !== HASH_SIGN && first !== DASH;
    for (; colon < lineEnd; colon++) {
      const byte = bytes[colon] ?? 0;
      if (byte === COLON) break;
      if (byte <= SPACE || byte >= 0x7f) plain = false;
      hash = (Math.imul(hash, 31) + (byte | 0x20)) | 0;
    }
    if (colon === lineEnd)
      malformed(position, `is "${preview(bytes, position, lineEnd)}"`, 'it must be "Field: value", a continuation or empty');
    if (!plain || colon === position)
      faults.set(count, `its field name "${preview(bytes, position, colon)}" has bytes that no field name may have`);

    const home = (hash >>> 0) % NAME_SLOTS;
    let slot = home;
    while (seenIn[slot] === count) {
      if (sameName(bytes, seenAt[slot] ?? 0, position, colon - position)) {
        faults.set(count, `its field "${preview(bytes, position, colon)}" stands there twice`);
        break;
      }
      slot = (slot + 1) % NAME_SLOTS;
      if (slot === home) malformed(position, `is in a stanza of more than ${NAME_SLOTS} fields`, "a stanza must have fewer");
    }
    const repeated = seenIn[slot] === count;
    seenIn[slot] = count;
    seenAt[slot] = position;

    openSpan = -1;
    if (!repeated) {
      let probe = home;
      for (let field = wanted[probe] ?? -1; field >= 0; field = wanted[probe] ?? -1) {
        const name = wantedNames[field];
        if (name !== undefined && name.length === colon - position && isName(bytes, position, name)) {
          openSpan = count * width + field * 2;
          const end = trimmedEnd(bytes, colon + 1, lineEnd);
          spans[openSpan] = valueStart(bytes, colon + 1, end);
          spans[openSpan + 1] = end;
          break;
        }
        probe = (probe + 1) % NAME_SLOTS;
      }
    }
    position = next;
  }
  if (inStanza) endStanza(length);

  const table = {
    bytes,
    count,
    starts: starts.slice(0, count),
    ends: ends.slice(0, count),
    fields,
    spans: spans.slice(0, count * width),
  };
  noteControlBytes(table, faults);
  return { ...table, faults };
}

/** Value of a field as latin1 text: bytes one to one, right for comparing and for names; undefined when the stanza lacks the field. */
export function fieldText(table: StanzaTable, stanza: number, field: number): string | undefined {
  const at = (stanza * table.fields.length + field) * 2;
  const end = table.spans[at + 1] ?? 0;
  return end === 0 ? undefined : table.bytes.toString("latin1", table.spans[at] ?? 0, end);
}

/** The stanza that holds an offset, or the one before it. */
function stanzaAt(starts: Uint32Array, offset: number): number {
  let low = 0;
  let high = starts.length - 1;
  while (low < high) {
    const middle = (low + high + 1) >>> 1;
    if ((starts[middle] ?? 0) <= offset) low = middle;
    else high = middle - 1;
  }
  return low;
}

/** Control bytes but for newline and tab spoil a stanza. Read four bytes at a time: this sees every byte of the index. */
function noteControlBytes(table: Omit<StanzaTable, "faults">, faults: Map<number, string>): void {
  const { bytes } = table;
  const note = (at: number): void => {
    const byte = bytes[at] ?? SPACE;
    if (byte < SPACE && byte !== NEWLINE && byte !== TAB) {
      faults.set(stanzaAt(table.starts, at), `it holds the control byte 0x${byte.toString(16).padStart(2, "0")}`);
    }
  };
  const lead = Math.min(bytes.length, (4 - (bytes.byteOffset % 4)) % 4);
  const words = new Uint32Array(bytes.buffer, bytes.byteOffset + lead, Math.floor((bytes.length - lead) / 4));
  for (let at = 0; at < lead; at++) note(at);
  for (let word = 0; word < words.length; word++) {
    const four = words[word] ?? 0;
    // Not zero when one of the four bytes is below 0x20.
    if (((four - 0x20202020) & ~four & 0x80808080) === 0) continue;
    const at = lead + word * 4;
    note(at);
    note(at + 1);
    note(at + 2);
    note(at + 3);
  }
  for (let at = lead + words.length * 4; at < bytes.length; at++) note(at);
}

function hashOf(bytes: Buffer, start: number, end: number): number {
  let hash = 0;
  for (let i = start; i < end; i++) hash = (Math.imul(hash, 31) + ((bytes[i] ?? 0) | 0x20)) | 0;
  return (hash >>> 0) % NAME_SLOTS;
}

const isBlankByte = (byte: number | undefined): boolean => byte === SPACE || byte === TAB || byte === 0x0d;

function isBlank(bytes: Buffer, start: number, end: number): boolean {
  for (let i = start; i < end; i++) if (bytes[i] !== SPACE && bytes[i] !== TAB) return false;
  return true;
}

function trimmedEnd(bytes: Buffer, start: number, end: number): number {
  let at = end;
  while (at > start && isBlankByte(bytes[at - 1])) at--;
  return at;
}

function valueStart(bytes: Buffer, start: number, end: number): number {
  let at = start;
  while (at < end && isBlankByte(bytes[at])) at++;
  return at;
}

/** Names compare without regard to case; both end at a colon. */
function sameName(bytes: Buffer, left: number, right: number, length: number): boolean {
  for (let i = 0; i < length; i++) if (lower(bytes[left + i] ?? 0) !== lower(bytes[right + i] ?? 0)) return false;
  return bytes[left + length] === COLON;
}

function isName(bytes: Buffer, start: number, name: Buffer): boolean {
  for (let i = 0; i < name.length; i++) if (lower(bytes[start + i] ?? 0) !== name[i]) return false;
  return true;
}

const lower = (byte: number): number => (byte >= 0x41 && byte <= 0x5a ? byte + 0x20 : byte);

function grown(array: Uint32Array, room: number): Uint32Array<ArrayBuffer> {
  const larger = new Uint32Array(room);
  larger.set(array);
  return larger;
}

const preview = (bytes: Buffer, start: number, end: number): string =>
  JSON.stringify(bytes.toString("latin1", start, Math.min(end, start + 60))).slice(1, -1);
