/**
 * Numbers for the groups of relation fields, the same one for equal text. They are looked for as bytes: half a million relations as strings
 * would cost a third of the check, and each of them would keep the whole field in memory.
 */
import { splitGroups } from "../deb822/relations.ts";
import { MergeError } from "../errors.ts";

const TAB = 0x09;
const NEWLINE = 0x0a;
const RETURN = 0x0d;
const SPACE = 0x20;
const COMMA = 0x2c;

const FNV_PRIME = 0x01000193;

/** Slots for each group, so that a search ends soon. */
const ROOM = 2;
const FIRST_SLOTS = 1 << 16;

/** Most steps past a slot of the same hash; sid takes some 200,000. Relations that were chosen to collide take billions. */
const MAX_STEPS = 20_000_000;

export class GroupNumbers {
  /** Where the text of each group stands. */
  readonly #texts: Buffer[] = [];
  readonly #starts: number[] = [];
  readonly #ends: number[] = [];
  readonly #hashes: number[] = [];
  /** Number of a group plus one; 0: free. */
  #slots = new Uint32Array(FIRST_SLOTS);
  #steps = 0;
  readonly #maxSteps: number;

  constructor(maxSteps: number = MAX_STEPS) {
    this.#maxSteps = maxSteps;
  }

  get count(): number {
    return this.#starts.length;
  }

  textOf(group: number): string {
    return this.#texts[group]?.toString("latin1", this.#starts[group], this.#ends[group]) ?? "";
  }

  /**
   * Calls back with the number of each group of a field, in order, as `splitGroups` cuts them.
   *
   * @param bytes kept as long as this
   * @param start of the value in bytes; `end` is after it
   * @throws MergeError INDEX_TOO_LARGE when relations collide without end
   */
  each(bytes: Buffer, start: number, end: number, take: (group: number) => void): void {
    let first = start;
    let hash = 0;
    // As they are behind the last byte that is no blank: a blank at the end is none of the text.
    let last = start;
    let trimmed = 0;
    for (let at = start; at < end; at++) {
      const byte = bytes[at] ?? 0;
      if (byte === COMMA) {
        if (last > first) take(this.#numberOf(bytes, first, last, trimmed));
        first = last = at + 1;
        hash = trimmed = 0;
      } else if (byte > SPACE || (byte === SPACE && bytes[at - 1] !== SPACE) || !isBlank(byte)) {
        hash = Math.imul(hash ^ byte, FNV_PRIME);
        if (byte === SPACE) {
          // One in front is none of the text either.
          if (at === first) [first, last, hash] = [at + 1, at + 1, 0];
          continue;
        }
        last = at + 1;
        trimmed = hash;
      } else {
        this.#eachFolded(bytes, first, end, take);
        return;
      }
    }
    if (last > first) take(this.#numberOf(bytes, first, last, trimmed));
  }

  /** White space that `splitGroups` would fold; no other than single blanks is written in real relations. */
  #eachFolded(bytes: Buffer, start: number, end: number, take: (group: number) => void): void {
    for (const group of splitGroups(bytes.toString("latin1", start, end))) {
      const text = Buffer.from(group, "latin1");
      let hash = 0;
      for (const byte of text) hash = Math.imul(hash ^ byte, FNV_PRIME);
      take(this.#numberOf(text, 0, text.length, hash));
    }
  }

  #numberOf(bytes: Buffer, start: number, end: number, hash: number): number {
    let slot = this.#slotOf(hash);
    for (let held = this.#slots[slot] ?? 0; held !== 0; held = this.#slots[slot] ?? 0) {
      const alike = this.#hashes[held - 1] === hash;
      if (alike && this.#isText(held - 1, bytes, start, end)) return held - 1;
      slot = (slot + 1) & (this.#slots.length - 1);
      // To find two texts unlike may take all their bytes.
      this.#steps += alike ? 1 + ((end - start) >>> 4) : 1;
      if (this.#steps > this.#maxSteps) tooAlike(this.#maxSteps, bytes.toString("latin1", start, Math.min(end, start + 60)));
    }
    const group = this.count;
    this.#texts.push(bytes);
    this.#starts.push(start);
    this.#ends.push(end);
    this.#hashes.push(hash);
    this.#slots[slot] = group + 1;
    if (this.count * ROOM > this.#slots.length) this.#grow();
    return group;
  }

  /** The low bits of a product know nothing of the high bits of its factors. */
  #slotOf(hash: number): number {
    return (hash ^ (hash >>> 15)) & (this.#slots.length - 1);
  }

  #isText(group: number, bytes: Buffer, start: number, end: number): boolean {
    const from = this.#starts[group] ?? 0;
    const text = this.#texts[group];
    if (text === undefined || (this.#ends[group] ?? 0) - from !== end - start) return false;
    for (let at = 0; at < end - start; at++) if (text[from + at] !== bytes[start + at]) return false;
    return true;
  }

  #grow(): void {
    this.#slots = new Uint32Array(this.#slots.length * 2);
    for (const [group, hash] of this.#hashes.entries()) {
      let slot = this.#slotOf(hash);
      while (this.#slots[slot] !== 0) slot = (slot + 1) & (this.#slots.length - 1);
      this.#slots[slot] = group + 1;
    }
  }
}

function tooAlike(most: number, relation: string): never {
  const text = `Cannot follow relations: too many are as hard to tell apart as "${relation}", at most ${most} comparisons are made`;
  throw new MergeError("INDEX_TOO_LARGE", text);
}

const isBlank = (byte: number): boolean => byte === SPACE || byte === NEWLINE || byte === TAB || byte === RETURN;
