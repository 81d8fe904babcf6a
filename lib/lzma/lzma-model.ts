/**
 * What both sides of LZMA keep in step: how likely each bit is by what came before, the last four distances, and what kind of token came last. A
 * stream is no more than these tokens, written with few bits where the model guessed well.
 *
 * Source: the .xz file format 1.2.1 and the LZMA specification of its author, both in the public domain.
 */

/** Bits of a literal's context that the byte before it gives. Text has no alignment: no bits of the position count (lp = pb = 0). */
export const LITERAL_CONTEXT_BITS = 4;
/** (pb * 5 + lp) * 9 + lc */
export const PROPERTIES = (0 * 5 + 0) * 9 + LITERAL_CONTEXT_BITS;

export const MIN_MATCH = 2;
export const MAX_MATCH = 273;

/** A bit that nothing is known of: half of 2048. */
const EVEN = 1024;
const STATES = 12;
/** From this state on the last token was no literal. */
export const FIRST_MATCH_STATE = 7;

/** Where each group of probabilities begins in one array: a fixed place is faster than an object of arrays. */
const groups = { next: 0 };
const group = (size: number): number => {
  const at = groups.next;
  groups.next += size;
  return at;
};
export const IS_MATCH = group(STATES);
export const IS_REP = group(STATES);
export const IS_REP_0 = group(STATES);
export const IS_REP_1 = group(STATES);
export const IS_REP_2 = group(STATES);
export const IS_LONG_REP_0 = group(STATES);
/** A tree of 6 bits for each of the shortest four lengths. */
export const DISTANCE_SLOT = group(4 * 64);
/** Reversed trees for the slots from 4 to 13: the one of a slot begins at its base distance less its number. */
export const DISTANCE_SPECIAL = group(128);
export const DISTANCE_ALIGN = group(16);
/** Two choices, then trees of 3, 3 and 8 bits. */
const LENGTH = 2 + 8 + 8 + 256;
export const MATCH_LENGTH = group(LENGTH);
export const REP_LENGTH = group(LENGTH);
export const LENGTH_LOW = 2;
export const LENGTH_MID = 10;
export const LENGTH_HIGH = 18;
/** 256 bits without a byte to compare with, 512 with one, for each context. */
export const LITERAL = group(0x300 << LITERAL_CONTEXT_BITS);

/** What a model knows, as it may cross threads. */
export interface ModelState {
  readonly probabilities: Uint16Array;
  readonly state: number;
  readonly rep0: number;
  readonly rep1: number;
  readonly rep2: number;
  readonly rep3: number;
}

export class LzmaModel implements ModelState {
  readonly probabilities: Uint16Array;
  state = 0;
  /** Distances less one, the last used first. */
  rep0 = 0;
  rep1 = 0;
  rep2 = 0;
  rep3 = 0;

  /** As it is before the first byte. */
  constructor() {
    this.probabilities = new Uint16Array(groups.next).fill(EVEN);
  }

  copyFrom(other: ModelState): void {
    this.probabilities.set(other.probabilities);
    this.state = other.state;
    this.rep0 = other.rep0;
    this.rep1 = other.rep1;
    this.rep2 = other.rep2;
    this.rep3 = other.rep3;
  }
}

/** The state after a literal, by the one before. */
export const AFTER_LITERAL = Uint8Array.of(0, 0, 0, 0, 1, 2, 3, 4, 5, 6, 4, 5);
