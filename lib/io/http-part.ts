/** A body on its way: the bytes so far and what is needed to go on after a break. */
import type { Validator } from "../ports.ts";

/** Room made before any byte has come. A hostile length claims memory only as far as this; the rest grows with what really comes. */
const MAX_INITIAL_BYTES = 64 * 1024 * 1024;
const MIN_INITIAL_BYTES = 64 * 1024;

export class Part {
  /** Length of the whole file; undefined as long as the server did not say. */
  total: number | undefined;
  readonly validator: Validator | undefined;
  #buffer: Buffer;
  #length = 0;

  constructor(total: number | undefined, validator: Validator | undefined) {
    this.total = total;
    this.validator = validator;
    this.#buffer = Buffer.allocUnsafeSlow(Math.min(total ?? MIN_INITIAL_BYTES, MAX_INITIAL_BYTES));
  }

  get length(): number {
    return this.#length;
  }

  /** Value of If-Range: a strong ETag or a date. Without one the server could join two files, so the download starts again. */
  get condition(): string | undefined {
    const { etag, lastModified } = this.validator ?? {};
    return etag !== undefined && !etag.startsWith("W/") ? etag : lastModified;
  }

  append(chunk: Uint8Array): void {
    const length = this.#length + chunk.length;
    if (length > this.#buffer.length) {
      const wider = Buffer.allocUnsafeSlow(Math.max(length, Math.min(this.#buffer.length * 2, this.total ?? Number.POSITIVE_INFINITY)));
      this.#buffer.copy(wider, 0, 0, this.#length);
      this.#buffer = wider;
    }
    this.#buffer.set(chunk, this.#length);
    this.#length = length;
  }

  /** The bytes; memory that was reserved in vain is given back. */
  bytes(): Buffer {
    const used = this.#buffer.subarray(0, this.#length);
    return this.#buffer.length - this.#length > MIN_INITIAL_BYTES ? Buffer.from(used) : used;
  }
}
