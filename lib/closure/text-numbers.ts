/**
 * Numbers for texts, the same one for equal text. They are looked for as bytes and stay where they are: some hundred thousand strings would cost more than
 * all else that is done with them, and each of them would keep the whole field in memory.
 */
import { MergeError } from "../errors.ts";

const FNV_PRIME = 0x01000193;

/** @param hash of the text before the byte; 0 at the beginning */
export const hashedWith = (hash: number, byte: number): number => Math.imul(hash ^ byte, FNV_PRIME);

/** Slots for each text, so that a search ends soon. */
const ROOM = 2;
const FIRST_TEXTS = 1 << 15;

/** Most steps past a slot of the same hash; sid takes some 200,000. Texts that were chosen to collide take billions. */
const MAX_STEPS = 20_000_000;

export class TextNumbers {
  /** Where each text stands. */
  readonly #buffers: Buffer[] = [];
  #starts: Uint32Array;
  #ends: Uint32Array;
  #hashes: Int32Array;
  /** Number of a text plus one; 0: free. */
  #slots: Uint32Array;
  #steps = 0;
  readonly #maxSteps: number;

  /** @param texts for which there is room at first, a power of two */
  constructor(maxSteps: number = MAX_STEPS, texts: number = FIRST_TEXTS) {
    this.#maxSteps = maxSteps;
    this.#starts = new Uint32Array(texts);
    this.#ends = new Uint32Array(texts);
    this.#hashes = new Int32Array(texts);
    this.#slots = new Uint32Array(texts * ROOM);
  }

  get count(): number {
    return this.#buffers.length;
  }

  /** As latin1. */
  textOf(number: number): string {
    return this.#buffers[number]?.toString("latin1", this.#starts[number], this.#ends[number]) ?? "";
  }

  /** The bytes that it stands in, and where in them it begins. */
  placeOf(number: number): { readonly bytes: Buffer; readonly start: number } {
    const bytes = this.#buffers[number];
    if (bytes === undefined) throw new Error(`There is no text ${number}`);
    return { bytes, start: this.#starts[number] ?? 0 };
  }

  /**
   * @param bytes kept as long as this
   * @throws MergeError INDEX_TOO_LARGE when texts collide without end
   */
  numberOf(bytes: Buffer, start: number, end: number): number {
    let hash = 0;
    for (let at = start; at < end; at++) hash = hashedWith(hash, bytes[at] ?? 0);
    return this.numberOfHashed(bytes, start, end, hash);
  }

  /** @param hash of all bytes of the text */
  numberOfHashed(bytes: Buffer, start: number, end: number, hash: number): number {
    const found = this.#look(bytes, start, end, hash);
    if (found >= 0) return found;
    const number = this.count;
    if (number === this.#starts.length) {
      this.#grow();
      return this.numberOfHashed(bytes, start, end, hash);
    }
    this.#buffers.push(bytes);
    this.#starts[number] = start;
    this.#ends[number] = end;
    this.#hashes[number] = hash;
    this.#slots[-1 - found] = number + 1;
    return number;
  }

  /**
   * @param hash of all bytes of the text
   * @returns less than 0 when it has no number
   * @throws MergeError INDEX_TOO_LARGE when texts collide without end
   */
  knownNumberOf(bytes: Buffer, start: number, end: number, hash: number): number {
    return this.#look(bytes, start, end, hash);
  }

  /** Its number, or the slot that is free for it, counted down from -1. */
  #look(bytes: Buffer, start: number, end: number, hash: number): number {
    let slot = this.#slotOf(hash);
    for (let held = this.#slots[slot] ?? 0; held !== 0; held = this.#slots[slot] ?? 0) {
      const alike = this.#hashes[held - 1] === hash;
      if (alike && this.#isText(held - 1, bytes, start, end)) return held - 1;
      slot = (slot + 1) & (this.#slots.length - 1);
      // To find two texts unlike may take all their bytes.
      this.#steps += alike ? 1 + ((end - start) >>> 4) : 1;
      if (this.#steps > this.#maxSteps) tooAlike(this.#maxSteps, bytes.toString("latin1", start, Math.min(end, start + 60)));
    }
    return -1 - slot;
  }

  /** The low bits of a product know nothing of the high bits of its factors. */
  #slotOf(hash: number): number {
    return (hash ^ (hash >>> 15)) & (this.#slots.length - 1);
  }

  #isText(number: number, bytes: Buffer, start: number, end: number): boolean {
    const from = this.#starts[number] ?? 0;
    const text = this.#buffers[number];
    if (text === undefined || (this.#ends[number] ?? 0) - from !== end - start) return false;
    for (let at = 0; at < end - start; at++) if (text[from + at] !== bytes[start + at]) return false;
    return true;
  }

  #grow(): void {
    const texts = 2 * this.#starts.length;
    const [starts, ends, hashes] = [new Uint32Array(texts), new Uint32Array(texts), new Int32Array(texts)];
    starts.set(this.#starts);
    ends.set(this.#ends);
    hashes.set(this.#hashes);
    [this.#starts, this.#ends, this.#hashes] = [starts, ends, hashes];
    this.#slots = new Uint32Array(texts * ROOM);
    for (let number = 0; number < this.count; number++) {
      let slot = this.#slotOf(hashes[number] ?? 0);
      while (this.#slots[slot] !== 0) slot = (slot + 1) & (this.#slots.length - 1);
      this.#slots[slot] = number + 1;
    }
  }
}

function tooAlike(most: number, text: string): never {
  const message = `Cannot follow relations: too many are as hard to tell apart as "${text}", at most ${most} comparisons are made`;
  throw new MergeError("INDEX_TOO_LARGE", message);
}
