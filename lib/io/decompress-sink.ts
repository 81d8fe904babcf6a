/** Where decompressed bytes go: a buffer that takes at most so many, and is not copied when its size was known before. */

import { giveBack } from "../archive/give-back.ts";
import type { DecompressProgress } from "../ports.ts";

/** Largest buffer that is set aside in advance, in bytes. Untouched pages of it cost nothing. */
const MAX_AHEAD_BYTES = 256 * 1024 * 1024;

/** Package indices shrink to between a quarter and a seventh. */
const USUAL_RATIO = 8;

/**
 * Bytes to set aside for a result: the limit itself when it is modest, because the caller then knows the exact size, else a guess.
 *
 * @param compressed size of the input, in bytes
 */
export function bytesAhead(maxBytes: number, compressed: number): number {
  if (maxBytes <= MAX_AHEAD_BYTES) return maxBytes;
  return Math.min(MAX_AHEAD_BYTES, Math.max(1024 * 1024, compressed * USUAL_RATIO));
}

/** Without the room that was set aside and not used, when that is more than half: then a copy, and what was handed in is given back. */
export function trimmed(bytes: Buffer): Buffer {
  if (bytes.buffer.byteLength <= 2 * bytes.length) return bytes;
  const own = Buffer.from(bytes);
  giveBack(bytes);
  return own;
}

/** Collects up to `maxBytes`; one byte more and it is full for good. */
export class BoundedSink {
  readonly #maxBytes: number;
  readonly #segmentBytes: number;
  readonly #full: Buffer[] = [];
  readonly #progress: DecompressProgress | undefined;
  #segment: Buffer;
  #used = 0;
  #total = 0;
  #tooLong = false;

  /** @param progress is told while all that was taken lies in one buffer */
  constructor(maxBytes: number, compressed: number, progress?: DecompressProgress) {
    this.#maxBytes = maxBytes;
    this.#progress = progress;
    this.#segmentBytes = Math.max(1, bytesAhead(maxBytes, compressed));
    this.#segment = Buffer.allocUnsafeSlow(this.#segmentBytes);
  }

  get maxBytes(): number {
    return this.#maxBytes;
  }

  get tooLong(): boolean {
    return this.#tooLong;
  }

  /** Bytes taken so far. */
  get total(): number {
    return this.#total;
  }

  /** False when there were more than `maxBytes`. */
  add(chunk: Uint8Array): boolean {
    if (this.#tooLong || this.#total + chunk.length > this.#maxBytes) {
      this.#tooLong = true;
      this.#full.length = 0;
      this.#segment = Buffer.alloc(0);
      return false;
    }
    for (let taken = 0; taken < chunk.length; ) {
      const part = chunk.subarray(taken, taken + this.#room());
      this.#segment.set(part, this.#used);
      this.#used += part.length;
      taken += part.length;
    }
    this.#total += chunk.length;
    if (this.#full.length === 0) this.#progress?.(this.#segment, this.#used);
    return true;
  }

  /**
   * Takes what comes next of a file, without a copy. Not to be called when it is too long.
   *
   * @param read puts bytes into a buffer and says how many; 0 when there are no more yet
   * @param most bytes to ask for
   * @returns bytes taken
   */
  readFrom(read: (into: Buffer) => number, most: number): number {
    if (this.#total === this.#maxBytes) {
      const more = Buffer.allocUnsafe(1);
      if (read(more) > 0) this.add(more);
      return 0;
    }
    const room = Math.min(most, this.#maxBytes - this.#total, this.#room());
    const got = read(this.#segment.subarray(this.#used, this.#used + room));
    this.#used += got;
    this.#total += got;
    if (got > 0 && this.#full.length === 0) this.#progress?.(this.#segment, this.#used);
    return got;
  }

  /** Room in the segment; a full one is put away first. */
  #room(): number {
    if (this.#used === this.#segment.length) {
      this.#full.push(this.#segment);
      this.#segment = Buffer.allocUnsafeSlow(this.#segmentBytes);
      this.#used = 0;
    }
    return this.#segment.length - this.#used;
  }

  /** All that was taken. The sink is empty then. */
  finish(): Buffer {
    const last = this.#segment.subarray(0, this.#used);
    return this.#full.length === 0 ? trimmed(last) : Buffer.concat([...this.#full.splice(0), last], this.#total);
  }
}
