/** Remembers what was worked out for lists of bytes, and finds it without making a string of each that is asked for. */
import { commonPrefix } from "./common-prefix.ts";

/** Text of all lists; when it is full, all are forgotten. Those of Debian's Contents-amd64 take 1.1 MB. */
const TEXT_BYTES = 4 * 1024 * 1024;
const SLOTS = 2 ** 17;
const MAX_LISTS = SLOTS / 2;
/** Lists can be made up so that all belong into one slot. */
const MAX_LOOKS = 32;
/** A list that is longer is not remembered: debian/control is in all source packages. */
const MAX_LIST_BYTES = 1024;

export class KnownLists<T> {
  readonly #text = Buffer.allocUnsafeSlow(TEXT_BYTES);
  readonly #textView = new DataView(this.#text.buffer);
  /** Where each list ends in the text; it begins where the one before ends. */
  readonly #ends = new Int32Array(MAX_LISTS + 1);
  /** Number of a list from 1; 0 where there is none. */
  readonly #slots = new Int32Array(SLOTS);
  readonly #values: T[] = [];

  /** The list from `start` to `end`, when it is known. */
  find(bytes: DataView, start: number, end: number): T | undefined {
    const length = end - start;
    if (length > MAX_LIST_BYTES) return undefined;
    let slot = slotOf(bytes, start, end);
    for (let looked = 0; looked < MAX_LOOKS; looked++, slot = (slot + 1) % SLOTS) {
      const number = this.#slots[slot] ?? 0;
      if (number === 0) return undefined;
      const known = this.#ends[number - 1] ?? 0;
      if ((this.#ends[number] ?? 0) - known !== length) continue;
      if (commonPrefix(this.#textView, known, bytes, start, length) === length) return this.#values[number - 1];
    }
    return undefined;
  }

  /** Remembers a list that is not known. */
  add(room: Buffer, bytes: DataView, start: number, end: number, value: T): void {
    const length = end - start;
    if (length > MAX_LIST_BYTES) return;
    if (this.#values.length === MAX_LISTS || (this.#ends[this.#values.length] ?? 0) + length > TEXT_BYTES) {
      this.#slots.fill(0);
      this.#values.length = 0;
    }
    let slot = slotOf(bytes, start, end);
    for (let looked = 1; this.#slots[slot] !== 0; looked++, slot = (slot + 1) % SLOTS) if (looked === MAX_LOOKS) return;
    const textStart = this.#ends[this.#values.length] ?? 0;
    room.copy(this.#text, textStart, start, end);
    this.#slots[slot] = this.#values.push(value);
    this.#ends[this.#values.length] = textStart + length;
  }
}

/** Of the last bytes, four at once, and the length. */
function slotOf(bytes: DataView, start: number, end: number): number {
  let hash = end - start;
  let at = end;
  for (; at - 4 >= start; at -= 4) hash = mix(hash ^ bytes.getInt32(at - 4));
  for (; at > start; at--) hash = mix(hash ^ bytes.getUint8(at - 1));
  return (hash ^ (hash >>> 15)) & (SLOTS - 1);
}

const mix = (hash: number): number => Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
