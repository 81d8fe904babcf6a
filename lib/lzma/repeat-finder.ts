/** Finds where bytes of a text stood before in it: for the little that no older block knows about. */

const HASHED = 4;
const HASH_BITS = 16;
/** Places with the same hash that are looked at. */
const MAX_TRIES = 32;
/** Nothing longer is looked for: texts can be made in which every place repeats many others for long. */
const LONG_ENOUGH = 64;
/** What lies farther back is not looked through: it would take longer than all else, and new text is most like its neighbours. */
const WINDOW = 128 * 1024;

/** For one text after the other: its arrays take several times the room of a text, and are used again. */
export class RepeatFinder {
  #text: Uint8Array = new Uint8Array(0);
  /** The last place of each hash, plus one. */
  readonly #last = new Int32Array(1 << HASH_BITS);
  /** Of each place that was looked at: the one before it with the same hash, plus one. */
  #before = new Int32Array(0);
  #known = 0;
  /** Of what was found last. */
  length = 0;
  back = 0;

  begin(text: Uint8Array): void {
    this.#text = text;
    this.#known = 0;
    this.#last.fill(0);
    if (this.#before.length < text.length) this.#before = new Int32Array(text.length);
  }

  /** Sets `length` and `back`: the longest repeat of what stands at a place that was found, and of those the nearest; a length of 0 says there is none. */
  find(at: number, most: number): void {
    this.length = 0;
    if (most < HASHED) return;
    this.#learn(at);
    const text = this.#text;
    let tries = MAX_TRIES;
    for (let place = this.#last[this.#hash(at)] ?? 0; place > 0 && tries > 0; place = this.#before[place - 1] ?? 0, tries--) {
      const from = place - 1;
      if (text[from + this.length] !== text[at + this.length]) continue;
      const length = repeatLength(text, at, at - from, most);
      if (length <= this.length) continue;
      this.length = length;
      this.back = at - from;
      if (length >= Math.min(most, LONG_ENOUGH)) return;
    }
  }

  /** The places before one, but for those far away. */
  #learn(until: number): void {
    const stop = Math.min(until, this.#text.length - HASHED + 1);
    const begin = Math.max(this.#known, until - WINDOW);
    this.#known = Math.max(this.#known, stop);
    for (let at = begin; at < stop; at++) {
      const hash = this.#hash(at);
      this.#before[at] = this.#last[hash] ?? 0;
      this.#last[hash] = at + 1;
    }
  }

  #hash(at: number): number {
    const text = this.#text;
    const word = (text[at] ?? 0) | ((text[at + 1] ?? 0) << 8) | ((text[at + 2] ?? 0) << 16) | ((text[at + 3] ?? 0) << 24);
    return Math.imul(word, 0x9e3779b1) >>> (32 - HASH_BITS);
  }
}

/** How many bytes at a place are those that stand `back` before them. */
export function repeatLength(text: Uint8Array, at: number, back: number, most: number): number {
  let length = 0;
  while (length < most && text[at + length] === text[at + length - back]) length++;
  return length;
}
