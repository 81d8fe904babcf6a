/** Writes a text as LZMA2 chunks, token by token. Which tokens, the caller says, or leaves it to what can be found quickly. */
import { LzmaEncoder, type WrittenBits } from "./lzma-encoder.ts";
import { LzmaModel, MAX_MATCH, type ModelState, PROPERTIES } from "./lzma-model.ts";
import { type RepeatFinder, repeatLength } from "./repeat-finder.ts";

/** Of LZMA2: a chunk's compressed bytes, and the text in it. */
const MAX_PACKED = 64 * 1024;
const MAX_PLAIN = 2 * 1024 * 1024;
/** More than the longest token takes, and the end of a chunk. */
const TOKEN_ROOM = 64;
/** Control byte, size of the text, size of the chunk; the first one of a block has the properties behind them. */
export const CHUNK_HEAD = 5;
export const FIRST_CHUNK_HEAD = CHUNK_HEAD + 1;

/** A match of so many bytes is worth looking whether the next byte begins a longer one. */
const LONG_ENOUGH = 32;
/** Two bytes from farther away take more bits than as they are. */
const FAR_FOR_TWO = 512;

/**
 * Whether a repeat is to be written as one: a byte as it is takes some five bits, a distance as many as it has, and with it goes one of the four that were used
 * last, which what follows may need. In digests, short repeats are everywhere and worth nothing.
 */
const isWorthIt = (length: number, back: number): boolean => back <= 2 ** (4 * length - 9);

/** The head of a chunk that begins at a place of its text. */
export const chunkHead = (from: number): number => (from === 0 ? FIRST_CHUNK_HEAD : CHUNK_HEAD);

/** A chunk between two of its tokens. */
export interface BegunChunk {
  /** In the block, with its head. */
  readonly begin: number;
  /** What of the text stands before it, and what before its next token. */
  readonly from: number;
  readonly at: number;
  readonly bits: WrittenBits;
  readonly model: ModelState;
}

export class ChunkWriter {
  readonly #text: Buffer;
  readonly #out: Buffer;
  readonly #model = new LzmaModel();
  readonly #encoder: LzmaEncoder;
  readonly #finder: RepeatFinder;
  #chunk: { readonly begin: number; readonly from: number; readonly head: number };
  /** What of the text is written. */
  at: number;

  /**
   * @param begun chunks, the last of which goes on at `begun.at` of the text
   * @param out begins with them, and has room for twice the text
   * @param finder has begun with the text
   */
  constructor(text: Buffer, begun: BegunChunk, out: Buffer, finder: RepeatFinder) {
    const { begin, from, at, bits, model } = begun;
    this.#text = text;
    this.#out = out;
    this.#model.copyFrom(model);
    this.#encoder = new LzmaEncoder(this.#model, text, out);
    this.#finder = finder;
    this.at = at;
    this.#chunk = { begin, from, head: chunkHead(from) };
    this.#encoder.goOn(bits);
  }

  /** All up to a place as it is. A loop of its own: V8 compiles hot ones, and to leave one in the middle of a function throws away what it compiled. */
  literals(stop: number): void {
    while (this.at < stop) {
      this.#makeRoom();
      this.#encoder.literal(this.at++);
    }
  }

  /** What stands `back` before it once more. Whatever the caller thinks: what does not repeat is written as it is. */
  match(length: number, back: number): void {
    const repeats = back <= this.at && repeatLength(this.#text, this.at, back, length) === length;
    if (!repeats || (length === 1 && back - 1 !== this.#model.rep0)) {
      this.literals(this.at + length);
      return;
    }
    this.#makeRoom();
    this.#encoder.match(length, back);
    this.at += length;
  }

  /** The same for what is left of a match, or has another distance now: it may be shorter than it is worth. */
  rest(length: number, back: number): void {
    if (length > 2 || back <= FAR_FOR_TWO || this.#isRep(back)) this.match(length, back);
    else this.literals(this.at + length);
  }

  /** All up to a place, by looking for repeats. */
  fresh(stop: number): void {
    const finder = this.#finder;
    while (this.at < stop) {
      const { at } = this;
      const most = Math.min(MAX_MATCH, stop - at);
      const rep = this.#longestRep(most);
      finder.find(at, most);
      let { length, back } = finder;
      // A distance that was used a moment ago takes few bits.
      if (rep.length >= 2 && rep.length + 1 >= length) ({ length, back } = rep);
      else if (length > 0 && length < LONG_ENOUGH && length < most) {
        // One byte as it is may lead to a longer one.
        finder.find(at + 1, Math.min(MAX_MATCH, stop - at - 1));
        if (finder.length > length + 1) length = 0;
      }
      if (length > 2 && (back === rep.back || isWorthIt(length, back))) this.match(length, back);
      else this.literals(at + 1);
    }
  }

  /** @returns where the last chunk ends in `out` */
  end(): number {
    const { begin, from, head } = this.#chunk;
    const out = this.#out;
    const end = this.#encoder.finish();
    const plain = this.at - from - 1;
    const isFirst = head === FIRST_CHUNK_HEAD;
    // The first one resets everything, the others nothing.
    out[begin] = (isFirst ? 0xe0 : 0x80) | (plain >> 16);
    out.writeUInt16BE(plain & 0xffff, begin + 1);
    out.writeUInt16BE(end - begin - head - 1, begin + 3);
    if (isFirst) out[begin + CHUNK_HEAD] = PROPERTIES;
    return end;
  }

  #makeRoom(): void {
    const { begin, from, head } = this.#chunk;
    if (this.#encoder.end - begin - head < MAX_PACKED - TOKEN_ROOM && this.at - from < MAX_PLAIN - MAX_MATCH) return;
    const next = this.end();
    this.#chunk = { begin: next, from: this.at, head: CHUNK_HEAD };
    this.#encoder.begin(next + CHUNK_HEAD);
  }

  #isRep(back: number): boolean {
    const { rep0, rep1, rep2, rep3 } = this.#model;
    const distance = back - 1;
    return distance === rep0 || distance === rep1 || distance === rep2 || distance === rep3;
  }

  #longestRep(most: number): { length: number; back: number } {
    const { rep0, rep1, rep2, rep3 } = this.#model;
    let [length, back] = [0, 0];
    for (const distance of [rep0, rep1, rep2, rep3]) {
      if (distance >= this.at) continue;
      const found = repeatLength(this.#text, this.at, distance + 1, most);
      if (found > length) [length, back] = [found, distance + 1];
    }
    return { length, back };
  }
}
