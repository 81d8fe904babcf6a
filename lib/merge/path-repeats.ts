/** Whether two stanzas may have one path. Hot path: a number per stanza, no text. */
import type { StanzaTable } from "../deb822/stanza-table.ts";
import { PATH } from "../kinds/index-kind.ts";
import type { IndexInput, Kept } from "./candidate.ts";

const [DOT, SLASH] = [0x2e, 0x2f];

export class PathRepeats {
  readonly #numbers = new PathNumbers();
  /** By number of a path the first that has it. */
  readonly #first = new Map<number, Kept>();
  /** Stanzas whose number another one has too. */
  readonly #suspects = new Map<IndexInput, Set<number>>();

  note(one: Kept): void {
    const number = this.#numbers.of(one.input, one.stanza);
    const first = this.#first.get(number);
    if (first === undefined) this.#first.set(number, one);
    else for (const suspect of [first, one]) this.#suspect(suspect);
  }

  #suspect({ input, stanza }: Kept): void {
    const stanzas = this.#suspects.get(input) ?? new Set();
    this.#suspects.set(input, stanzas.add(stanza));
  }

  /** Whether no two that were noted have one path. */
  get none(): boolean {
    return this.#suspects.size === 0;
  }

  /** False when no other that was noted has the path of this one. */
  mayRepeat(input: IndexInput, stanza: number): boolean {
    return this.#suspects.get(input)?.has(stanza) === true;
  }
}

/** Of the end of a path: what tells the files of a mirror apart is the name, version and architecture there. */
const NUMBERED_BYTES = 32;

/** A number for each path: the same one for the same path, and nearly always another one for another. */
class PathNumbers {
  #table: StanzaTable | undefined;
  #view: DataView = new DataView(new ArrayBuffer(0));
  #pool = 0;

  of({ table, pool }: IndexInput, stanza: number): number {
    // Stanzas of one input mostly come one after the other.
    if (table !== this.#table) {
      const { buffer, byteOffset, length } = table.bytes;
      [this.#table, this.#view, this.#pool] = [table, new DataView(buffer, byteOffset, length), numberOfText(pool ?? "")];
    }
    const view = this.#view;
    const at = (stanza * table.fields.length + PATH) * 2;
    const end = table.spans[at + 1] ?? 0;
    let start = table.spans[at] ?? 0;
    while (start + 1 < end && view.getUint8(start) === DOT && view.getUint8(start + 1) === SLASH) {
      start++;
      while (start < end && view.getUint8(start) === SLASH) start++;
    }
    let number = this.#pool ^ (end - start);
    let place = Math.max(start, end - NUMBERED_BYTES);
    for (; place + 4 <= end; place += 4) number = mixed(number, view.getInt32(place, true));
    for (; place < end; place++) number = mixed(number, view.getUint8(place));
    return number;
  }
}

/** The second half comes down too: what a multiplication mixes only goes up. */
function mixed(number: number, next: number): number {
  const product = Math.imul(number ^ next, 0x01000193);
  return product ^ (product >>> 15);
}

function numberOfText(text: string): number {
  let number = 0x811c9dc5 | 0;
  for (let i = 0; i < text.length; i++) number = mixed(number, text.charCodeAt(i));
  return number;
}
