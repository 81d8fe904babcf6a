/** Lines in byte order of their paths, as they are read: a whole input, or a part of one that had to be sorted. */
import { LineReader, type LineReading } from "./line-reader.ts";

/** Larger chunks are taken in parts, so that the reader's room stays small. */
export const PART_BYTES = 512 * 1024;

export class Strand {
  readonly reader: LineReader;
  readonly #chunks: AsyncIterator<Buffer>;
  #chunk: Buffer = Buffer.alloc(0);
  #taken = 0;

  constructor(chunks: AsyncIterator<Buffer>, reading: LineReading, roomBytes?: number) {
    this.#chunks = chunks;
    this.reader = new LineReader(reading, roomBytes);
  }

  /**
   * Puts the next line in front of the reader.
   *
   * @returns false when all were read
   * @throws MergeError what the reader and the chunks throw
   */
  async advance(): Promise<boolean> {
    while (!this.reader.advance()) {
      while (this.#taken === this.#chunk.length) {
        const next = await this.#chunks.next();
        if (next.done === true) {
          this.reader.finish();
          return this.reader.advance();
        }
        this.#chunk = next.value;
        this.#taken = 0;
      }
      const part = this.#chunk.subarray(this.#taken, this.#taken + PART_BYTES);
      this.#taken += part.length;
      this.reader.feed(part);
    }
    return true;
  }
}
