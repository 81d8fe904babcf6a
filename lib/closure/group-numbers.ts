/**
 * Numbers for the groups of relation fields, the same one for equal text. They are looked for as bytes: half a million relations as strings
 * would cost a third of the check, and each of them would keep the whole field in memory.
 */
import { splitGroups } from "../deb822/relations.ts";
import { MergeError } from "../errors.ts";

const NEWLINE = 0x0a;
const SPACE = 0x20;
const COMMA = 0x2c;

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
    if (needsFolding(bytes, start, end)) {
      for (const group of splitGroups(bytes.toString("latin1", start, end))) {
        const text = Buffer.from(group, "latin1");
        take(this.#numberOf(text, 0, text.length));
      }
      return;
    }
    for (let from = start; from < end; ) {
      let next = from;
      while (next < end && bytes[next] !== COMMA) next++;
      let [first, last] = [from, next];
      while (first < last && bytes[first] === SPACE) first++;
      while (last > first && bytes[last - 1] === SPACE) last--;
      if (last > first) take(this.#numberOf(bytes, first, last));
      from = next + 1;
    }
  }

  #numberOf(bytes: Buffer, start: number, end: number): number {
    let hash = end - start;
    for (let at = start; at < end; at++) hash = Math.imul(hash ^ (bytes[at] ?? 0), 0x01000193);
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

/** Whether there is white space that `splitGroups` would fold; no other is written between groups. */
function needsFolding(bytes: Buffer, start: number, end: number): boolean {
  for (let at = start; at < end; at++) {
    const byte = bytes[at] ?? 0;
    if (byte < SPACE && (byte === NEWLINE || byte === 0x09 || byte === 0x0d)) return true;
    if (byte === SPACE && bytes[at + 1] === SPACE) return true;
  }
  return false;
}
