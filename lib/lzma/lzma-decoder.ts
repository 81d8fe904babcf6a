/** Reads LZMA2 chunks to their text and to the tokens that it was written in. */
import {
  AFTER_LITERAL,
  DISTANCE_ALIGN,
  DISTANCE_SLOT,
  DISTANCE_SPECIAL,
  FIRST_MATCH_STATE,
  IS_LONG_REP_0,
  IS_MATCH,
  IS_REP,
  IS_REP_0,
  IS_REP_1,
  IS_REP_2,
  LENGTH_HIGH,
  LENGTH_LOW,
  LENGTH_MID,
  LITERAL,
  LITERAL_CONTEXT_BITS,
  type LzmaModel,
  MATCH_LENGTH,
  MIN_MATCH,
  REP_LENGTH,
} from "./lzma-model.ts";
import type { Matches } from "./matches.ts";

const LITERAL_SHIFT = 8 - LITERAL_CONTEXT_BITS;

/** How far into a chunk its bits are read. */
export interface CoderPlace {
  /** Behind the last byte that was looked at. */
  readonly at: number;
  /** Both as signed numbers. */
  readonly range: number;
  readonly code: number;
}

/** Damage is told: the caller gives the block up. What lies behind the end reads as 0. */
export class LzmaDecoder {
  readonly #model: LzmaModel;
  readonly #probs: Uint16Array;
  readonly #bytes: Uint8Array;
  #at = 0;
  // Both as signed numbers of 32 bits: those V8 keeps in registers.
  #range = 0;
  #code = 0;

  constructor(model: LzmaModel, bytes: Uint8Array) {
    this.#model = model;
    this.#probs = model.probabilities;
    this.#bytes = bytes;
  }

  /** At the first byte of a chunk, behind its head. @returns whether one begins there */
  begin(at: number): boolean {
    const bytes = this.#bytes;
    if (at + 5 > bytes.length || bytes[at] !== 0) return false;
    this.#at = at + 5;
    this.#range = -1;
    this.#code = ((bytes[at + 1] ?? 0) << 24) | ((bytes[at + 2] ?? 0) << 16) | ((bytes[at + 3] ?? 0) << 8) | (bytes[at + 4] ?? 0);
    return true;
  }

  /** Whether a chunk that holds all it says is read to just that byte. */
  isAtEnd(end: number): boolean {
    return this.#at === end && this.#code === 0;
  }

  /** Between two tokens. */
  get place(): CoderPlace {
    return { at: this.#at, range: this.#range, code: this.#code };
  }

  /**
   * Decodes text[from, stop), and what its last token holds beyond.
   *
   * @param to nothing may go beyond it
   * @param matches takes them, where they are asked for
   * @returns what of the text is read; -1 for damage
   */
  tokens(text: Uint8Array, from: number, stop: number, to: number, matches: Matches | undefined): number {
    const model = this.#model;
    let { state } = model;
    let at = from;
    while (at < stop) {
      if (this.#bit(IS_MATCH + state) === 0) {
        const base = LITERAL + 0x300 * ((at > 0 ? (text[at - 1] ?? 0) : 0) >> LITERAL_SHIFT);
        text[at] = state < FIRST_MATCH_STATE ? this.#literal(base) : this.#matchedLiteral(base, text[at - model.rep0 - 1] ?? 0);
        at++;
        state = AFTER_LITERAL[state] ?? 0;
        continue;
      }
      const wasLiteral = state < FIRST_MATCH_STATE;
      let length = 1;
      if (this.#bit(IS_REP + state) === 0) {
        length = this.#length(MATCH_LENGTH);
        model.rep3 = model.rep2;
        model.rep2 = model.rep1;
        model.rep1 = model.rep0;
        model.rep0 = this.#distance(length);
        state = wasLiteral ? 7 : 10;
      } else if (this.#repeats(state)) {
        length = this.#length(REP_LENGTH);
        state = wasLiteral ? 8 : 11;
      } else {
        state = wasLiteral ? 9 : 11;
      }
      const back = model.rep0 + 1;
      if (back > at || back <= 0 || at + length > to) return -1;
      matches?.add(at, length, back);
      for (const end = at + length; at < end; at++) text[at] = text[at - back] ?? 0;
    }
    model.state = state;
    return at;
  }

  /** Brings the distance that is used again to the front. @returns whether a length follows; otherwise it is a single byte */
  #repeats(state: number): boolean {
    const model = this.#model;
    if (this.#bit(IS_REP_0 + state) === 0) return this.#bit(IS_LONG_REP_0 + state) === 1;
    let chosen = model.rep1;
    if (this.#bit(IS_REP_1 + state) === 1) {
      chosen = model.rep2;
      if (this.#bit(IS_REP_2 + state) === 1) {
        chosen = model.rep3;
        model.rep3 = model.rep2;
      }
      model.rep2 = model.rep1;
    }
    model.rep1 = model.rep0;
    model.rep0 = chosen;
    return true;
  }

  /** Without branches: what the bit is cannot be foretold, and a processor that guesses wrong loses more time than this takes. */
  #bit(place: number): number {
    const probability = this.#probs[place] ?? 0;
    const code = this.#code;
    const bound = Math.imul(this.#range >>> 11, probability);
    // -1 where code is below bound, both without sign; else 0.
    const below = ((~code & bound) | (~(code ^ bound) & (code - bound))) >> 31;
    this.#probs[place] = probability + ((31 + (2017 & below) - probability) >> 5);
    const range = (this.#range - bound + (((bound << 1) - this.#range) & below)) | 0;
    const left = (code - bound + (bound & below)) | 0;
    if (range >>> 0 < 0x1000000) {
      this.#range = range << 8;
      this.#code = (left << 8) | (this.#bytes[this.#at++] ?? 0);
    } else {
      this.#range = range;
      this.#code = left;
    }
    return 1 + below;
  }

  /** The most frequent by far: written out, so that all of it stays in registers. */
  #literal(base: number): number {
    const probs = this.#probs;
    const bytes = this.#bytes;
    let range = this.#range;
    let code = this.#code;
    let at = this.#at;
    let symbol = 1;
    do {
      const probability = probs[base + symbol] ?? 0;
      const bound = Math.imul(range >>> 11, probability);
      const below = ((~code & bound) | (~(code ^ bound) & (code - bound))) >> 31;
      probs[base + symbol] = probability + ((31 + (2017 & below) - probability) >> 5);
      range = (range - bound + (((bound << 1) - range) & below)) | 0;
      code = (code - bound + (bound & below)) | 0;
      symbol = (symbol << 1) + 1 + below;
      if (range >>> 0 < 0x1000000) {
        range <<= 8;
        code = (code << 8) | (bytes[at++] ?? 0);
      }
    } while (symbol < 0x100);
    this.#range = range;
    this.#code = code;
    this.#at = at;
    return symbol & 0xff;
  }

  /** After a match the byte that would have continued it is a good guess, as long as the bits agree. Written out for the same reason. */
  #matchedLiteral(base: number, guess: number): number {
    const probs = this.#probs;
    const bytes = this.#bytes;
    let range = this.#range;
    let code = this.#code;
    let at = this.#at;
    let symbol = 1;
    let rest = guess;
    let offset = 0x100;
    do {
      rest <<= 1;
      const guessed = rest & offset;
      const place = base + offset + guessed + symbol;
      const probability = probs[place] ?? 0;
      const bound = Math.imul(range >>> 11, probability);
      const below = ((~code & bound) | (~(code ^ bound) & (code - bound))) >> 31;
      probs[place] = probability + ((31 + (2017 & below) - probability) >> 5);
      range = (range - bound + (((bound << 1) - range) & below)) | 0;
      code = (code - bound + (bound & below)) | 0;
      symbol = (symbol << 1) + 1 + below;
      // Where the bit is the guessed one, the next is guessed, too.
      offset = (guessed & ~below) | (offset & ~guessed & below);
      if (range >>> 0 < 0x1000000) {
        range <<= 8;
        code = (code << 8) | (bytes[at++] ?? 0);
      }
    } while (symbol < 0x100);
    this.#range = range;
    this.#code = code;
    this.#at = at;
    return symbol & 0xff;
  }

  #tree(base: number, bits: number): number {
    let symbol = 1;
    for (let i = 0; i < bits; i++) symbol = (symbol << 1) | this.#bit(base + symbol);
    return symbol - (1 << bits);
  }

  #reversedTree(base: number, bits: number): number {
    let symbol = 1;
    let value = 0;
    for (let i = 0; i < bits; i++) {
      const bit = this.#bit(base + symbol);
      symbol = (symbol << 1) | bit;
      value |= bit << i;
    }
    return value;
  }

  #length(base: number): number {
    if (this.#bit(base) === 0) return MIN_MATCH + this.#tree(base + LENGTH_LOW, 3);
    if (this.#bit(base + 1) === 0) return MIN_MATCH + 8 + this.#tree(base + LENGTH_MID, 3);
    return MIN_MATCH + 16 + this.#tree(base + LENGTH_HIGH, 8);
  }

  /** Less one. */
  #distance(length: number): number {
    const slot = this.#tree(DISTANCE_SLOT + 64 * Math.min(length - MIN_MATCH, 3), 6);
    if (slot < 4) return slot;
    const bits = (slot >> 1) - 1;
    const base = (2 | (slot & 1)) << bits;
    if (slot < 14) return base + this.#reversedTree(DISTANCE_SPECIAL + base - slot, bits);
    let high = 0;
    // As likely as not: no branch could be foretold here either.
    let range = this.#range;
    let code = this.#code;
    for (let i = bits; i > 4; i--) {
      range >>>= 1;
      code = (code - range) | 0;
      const below = code >> 31;
      code = (code + (range & below)) | 0;
      high = (high << 1) + 1 + below;
      if (range < 0x1000000) {
        range <<= 8;
        code = (code << 8) | (this.#bytes[this.#at++] ?? 0);
      }
    }
    this.#range = range | 0;
    this.#code = code;
    return base + (high << 4) + this.#reversedTree(DISTANCE_ALIGN, 4);
  }
}
