/** How much of a buffer that is still being filled was already dealt with. */

/** What is new in a buffer, and its offset there. */
interface NewBytes {
  readonly start: number;
  readonly bytes: Buffer;
}

/** Of the first buffer it is told of. Of any other it has seen nothing: what was found out about these bytes says nothing about those. */
export class SeenBytes {
  #whole: Buffer | undefined;
  #count = 0;

  /** @param filled bytes at the beginning of `whole` that are there and do not change any more */
  next(whole: Buffer, filled: number): NewBytes {
    this.#whole ??= whole;
    const start = this.#count;
    if (!isSamePlace(whole, this.#whole) || filled < start) return { start, bytes: whole.subarray(0, 0) };
    this.#count = Math.min(filled, whole.length);
    return { start, bytes: whole.subarray(start, filled) };
  }

  /** How many of these bytes were seen: those at their beginning, or none. */
  of(bytes: Buffer): number {
    return this.#whole !== undefined && isSamePlace(bytes, this.#whole) && this.#count <= bytes.length ? this.#count : 0;
  }
}

const isSamePlace = (left: Buffer, right: Buffer): boolean => left.buffer === right.buffer && left.byteOffset === right.byteOffset;
