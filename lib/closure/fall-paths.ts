/**
 * Why a stanza fell, as the names from it down to what fell first. A hostile index may hang eighty thousand packages on each other in one line:
 * the way down is looked up once for each group, and long chains are told by both their ends.
 */
import { type Collapse, STANDS } from "./collapse.ts";
import type { Universe } from "./universe.ts";

/** Names of a chain; real ones have ten at most. In a longer one `…` stands for what is left out before the last. */
const MOST_NAMES = 50;

const UNKNOWN = -2;
const NOBODY = -1;

export class FallPaths {
  readonly #universe: Universe;
  readonly #causes: Int32Array;
  readonly #gone: (stanza: number) => boolean;
  readonly #ends: (stanza: number) => boolean;
  /** Place of each stanza among those that fell; 0 for what was gone before. */
  readonly #ranks: Int32Array;
  /** For each group its giver that went first, and for each stanza the end of its way down. */
  readonly #givers: Int32Array;
  readonly #lasts: Int32Array;

  /** @param ends where a way down ends although something may be below */
  constructor(universe: Universe, { causes, fallen }: Collapse, gone: (stanza: number) => boolean, ends: (stanza: number) => boolean) {
    this.#universe = universe;
    this.#causes = causes;
    this.#gone = gone;
    this.#ends = ends;
    this.#ranks = new Int32Array(universe.stanzas.length);
    for (const [position, stanza] of fallen.entries()) this.#ranks[stanza] = position + 1;
    this.#givers = new Int32Array(universe.groups).fill(UNKNOWN);
    this.#lasts = new Int32Array(universe.stanzas.length).fill(UNKNOWN);
  }

  /** @returns names from the stanza on, and the stanza at the end of the way: the one that nothing explains further */
  follow(stanza: number, cause: number): { readonly chain: readonly string[]; readonly end: number } {
    const chain = [this.#universe.nameOf(stanza)];
    let last = stanza;
    for (let next = this.#giverOf(cause); next !== NOBODY; next = this.#next(next)) {
      last = next;
      if (chain.length < MOST_NAMES - 1) {
        chain.push(this.#universe.nameOf(next));
        continue;
      }
      last = this.#lastOf(next);
      if (last !== next) chain.push("…");
      chain.push(this.#universe.nameOf(last));
      break;
    }
    return { chain, end: last };
  }

  #next(stanza: number): number {
    return this.#ends(stanza) ? NOBODY : this.#giverOf(this.#causes[stanza] ?? STANDS);
  }

  /** Everything below a stanza fell before it, so the way down ends. */
  #lastOf(from: number): number {
    const way: number[] = [];
    let last = from;
    for (;;) {
      const known = this.#lasts[last] ?? UNKNOWN;
      if (known !== UNKNOWN) {
        last = known;
        break;
      }
      way.push(last);
      const next = this.#next(last);
      if (next === NOBODY) break;
      last = next;
    }
    for (const stanza of way) this.#lasts[stanza] = last;
    return last;
  }

  /** What is gone of those that could meet a group: what must end a chain if there is any, else what fell first. */
  #giverOf(group: number): number {
    if (group === STANDS) return NOBODY;
    const known = this.#givers[group] ?? UNKNOWN;
    if (known !== UNKNOWN) return known;
    let best = NOBODY;
    for (const alternative of this.#universe.alternativesOf.of(group)) {
      for (const stanza of this.#universe.providersOf.of(alternative)) {
        if (!this.#gone(stanza)) continue;
        if (best === NOBODY || this.#comesBefore(stanza, best)) best = stanza;
      }
    }
    this.#givers[group] = best;
    return best;
  }

  #comesBefore(left: number, right: number): boolean {
    const [leftEnds, rightEnds] = [this.#ends(left), this.#ends(right)];
    if (leftEnds !== rightEnds) return leftEnds;
    return !leftEnds && (this.#ranks[left] ?? 0) < (this.#ranks[right] ?? 0);
  }
}
