/** Writes tokens as the bits of an LZMA2 chunk. */
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

const LITERAL_SHIFT = 8 - LITERAL_CONTEXT_BITS;

/** Bits of a chunk that lie before its next token. */
export interface WrittenBits {
  /** In what the encoder writes to: behind the last byte that is whole. */
  readonly at: number;
  /** The 32 bits behind it, and how much more they may become. Both as signed numbers. */
  readonly low: number;
  readonly range: number;
}

export class LzmaEncoder {
  readonly #model: LzmaModel;
  readonly #probs: Uint16Array;
  readonly #text: Uint8Array;
  readonly #out: Uint8Array;
  #at = 0;
  #low = 0;
  #range = -1;

  /** @param text of the block, of which what lies before the place to be written was written @param out for the chunk */
  constructor(model: LzmaModel, text: Uint8Array, out: Uint8Array) {
    this.#model = model;
    this.#probs = model.probabilities;
    this.#text = text;
    this.#out = out;
  }

  begin(at: number): void {
    this.#out[at] = 0;
    this.goOn({ at: at + 1, low: 0, range: -1 });
  }

  /** Behind bits that were written before. */
  goOn({ at, low, range }: WrittenBits): void {
    this.#at = at;
    this.#low = low;
    this.#range = range;
  }

  /** Where the chunk ended, were it to end now. */
  get end(): number {
    return this.#at + 4;
  }

  /** @returns end of the chunk */
  finish(): number {
    for (let i = 0; i < 4; i++) this.#shift();
    return this.#at;
  }

  literal(at: number): void {
    const model = this.#model;
    const text = this.#text;
    const { state } = model;
    this.#bit(IS_MATCH + state, 0);
    const base = LITERAL + 0x300 * ((at > 0 ? (text[at - 1] ?? 0) : 0) >> LITERAL_SHIFT);
    if (state < FIRST_MATCH_STATE) this.#literal(base, text[at] ?? 0);
    else this.#matchedLiteral(base, text[at] ?? 0, text[at - model.rep0 - 1] ?? 0);
    model.state = AFTER_LITERAL[state] ?? 0;
  }

  /** A length of 1 is for the last distance only. */
  match(length: number, back: number): void {
    const model = this.#model;
    const { state } = model;
    const distance = back - 1;
    const wasLiteral = state < FIRST_MATCH_STATE;
    this.#bit(IS_MATCH + state, 1);
    if (distance === model.rep0) {
      this.#bit(IS_REP + state, 1);
      this.#bit(IS_REP_0 + state, 0);
      this.#bit(IS_LONG_REP_0 + state, length === 1 ? 0 : 1);
      if (length === 1) {
        model.state = wasLiteral ? 9 : 11;
        return;
      }
    } else if (distance === model.rep1 || distance === model.rep2 || distance === model.rep3) {
      this.#bit(IS_REP + state, 1);
      this.#bit(IS_REP_0 + state, 1);
      if (distance === model.rep1) this.#bit(IS_REP_1 + state, 0);
      else {
        this.#bit(IS_REP_1 + state, 1);
        if (distance === model.rep2) this.#bit(IS_REP_2 + state, 0);
        else {
          this.#bit(IS_REP_2 + state, 1);
          model.rep3 = model.rep2;
        }
        model.rep2 = model.rep1;
      }
      model.rep1 = model.rep0;
      model.rep0 = distance;
    } else {
      this.#bit(IS_REP + state, 0);
      this.#length(MATCH_LENGTH, length);
      this.#distance(distance, length);
      model.rep3 = model.rep2;
      model.rep2 = model.rep1;
      model.rep1 = model.rep0;
      model.rep0 = distance;
      model.state = wasLiteral ? 7 : 10;
      return;
    }
    this.#length(REP_LENGTH, length);
    model.state = wasLiteral ? 8 : 11;
  }

  /** Without branches: what the bit is cannot be foretold, and a processor that guesses wrong loses more time than this takes. */
  #bit(place: number, bit: number): void {
    const probability = this.#probs[place] ?? 0;
    const bound = Math.imul(this.#range >>> 11, probability);
    const one = -bit;
    this.#probs[place] = probability + ((2048 - (2017 & one) - probability) >> 5);
    const range = (bound + ((this.#range - (bound << 1)) & one)) | 0;
    this.#add(bound & one);
    if (range >>> 0 < 0x1000000) {
      this.#range = range << 8;
      this.#shift();
    } else this.#range = range;
  }

  #add(bound: number): void {
    const low = this.#low;
    const sum = (low + bound) | 0;
    if (sum >>> 0 < low >>> 0) this.#carry(this.#at);
    this.#low = sum;
  }

  /** Goes at once into what is written. */
  #carry(end: number): void {
    const out = this.#out;
    let at = end - 1;
    while (out[at] === 0xff) out[at--] = 0;
    out[at] = (out[at] ?? 0) + 1;
  }

  #shift(): void {
    const low = this.#low;
    this.#out[this.#at++] = low >>> 24;
    this.#low = low << 8;
  }

  /** The most frequent by far: written out, so that all of it stays in registers. */
  #literal(base: number, byte: number): void {
    const probs = this.#probs;
    const out = this.#out;
    let range = this.#range;
    let low = this.#low;
    let symbol = 0x100 | byte;
    let at = this.#at;
    let context = 1;
    do {
      symbol <<= 1;
      const bit = (symbol >>> 8) & 1;
      const place = base + context;
      const one = -bit;
      const probability = probs[place] ?? 0;
      const bound = Math.imul(range >>> 11, probability);
      probs[place] = probability + ((2048 - (2017 & one) - probability) >> 5);
      range = (bound + ((range - (bound << 1)) & one)) | 0;
      const sum = (low + (bound & one)) | 0;
      if (sum >>> 0 < low >>> 0) this.#carry(at);
      low = sum;
      if (range >>> 0 < 0x1000000) {
        range <<= 8;
        out[at++] = low >>> 24;
        low <<= 8;
      }
      context = (context << 1) | bit;
    } while (context < 0x100);
    this.#range = range;
    this.#low = low;
    this.#at = at;
  }

  #matchedLiteral(base: number, byte: number, guess: number): void {
    let symbol = 1;
    let rest = guess;
    let offset = 0x100;
    for (let i = 7; i >= 0; i--) {
      rest <<= 1;
      const guessed = rest & offset;
      const bit = (byte >> i) & 1;
      this.#bit(base + offset + guessed + symbol, bit);
      symbol = (symbol << 1) | bit;
      offset = bit === 1 ? guessed : offset & ~guessed;
    }
  }

  #tree(base: number, bits: number, value: number): void {
    let symbol = 1;
    for (let i = bits - 1; i >= 0; i--) {
      const bit = (value >> i) & 1;
      this.#bit(base + symbol, bit);
      symbol = (symbol << 1) | bit;
    }
  }

  #reversedTree(base: number, bits: number, value: number): void {
    let symbol = 1;
    for (let i = 0; i < bits; i++) {
      const bit = (value >> i) & 1;
      this.#bit(base + symbol, bit);
      symbol = (symbol << 1) | bit;
    }
  }

  #length(base: number, length: number): void {
    const rest = length - MIN_MATCH;
    if (rest < 8) {
      this.#bit(base, 0);
      this.#tree(base + LENGTH_LOW, 3, rest);
    } else if (rest < 16) {
      this.#bit(base, 1);
      this.#bit(base + 1, 0);
      this.#tree(base + LENGTH_MID, 3, rest - 8);
    } else {
      this.#bit(base, 1);
      this.#bit(base + 1, 1);
      this.#tree(base + LENGTH_HIGH, 8, rest - 16);
    }
  }

  #distance(distance: number, length: number): void {
    const tree = DISTANCE_SLOT + 64 * Math.min(length - MIN_MATCH, 3);
    if (distance < 4) {
      this.#tree(tree, 6, distance);
      return;
    }
    const bits = 30 - Math.clz32(distance);
    const slot = (bits << 1) + 2 + ((distance >>> bits) & 1);
    this.#tree(tree, 6, slot);
    const base = (2 | (slot & 1)) << bits;
    const rest = distance - base;
    if (slot < 14) {
      this.#reversedTree(DISTANCE_SPECIAL + base - slot, bits, rest);
      return;
    }
    for (let i = bits - 1; i >= 4; i--) {
      const range = this.#range >>> 1;
      this.#range = range;
      this.#add(range & -((rest >>> i) & 1));
      if (range < 0x1000000) {
        this.#range = range << 8;
        this.#shift();
      }
    }
    this.#reversedTree(DISTANCE_ALIGN, 4, rest & 15);
  }
}
