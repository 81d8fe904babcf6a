/** Collects the usable stanzas of all inputs by name, and says which were refused. Hot path: of a stanza there is no more than what is kept of it. */
import { ALL, type Architecture, type MirrorName } from "../archive/names.ts";
import { isText } from "../deb822/field-bytes.ts";
import { fieldText } from "../deb822/stanza-table.ts";
import { ARCHITECTURE, DIGEST, type IndexKind, NAME, VERSION } from "../kinds/index-kind.ts";
import type { Candidate, IndexInput, Kept, Left } from "./candidate.ts";
import { type ContestRules, NONE } from "./contest-rules.ts";
import { PathRepeats } from "./path-repeats.ts";

/** A stanza that may not be used. */
export interface RefusedStanza {
  readonly input: IndexInput;
  readonly stanza: number;
  /** Undefined when even the name cannot be read. */
  readonly name: string | undefined;
  readonly because: string;
  /** Whether its name stays its mirror's: not when it is banned, or of a limited mirror where a full one has the name. */
  readonly claims: boolean;
  /** Position of the pin that speaks for it, or -1. */
  readonly pin: number;
}

/** A sound stanza that takes no part in the contest of its name. */
export interface LeftEntry {
  readonly entry: number;
  readonly left: Left;
}

export interface Gathered {
  /** Names in byte order. */
  readonly names: readonly string[];
  /** Entries of a name in order of the inputs. */
  entriesOf(name: string): readonly number[];
  /** The entry of a name that has no other, when no pin speaks for it; else -1. */
  onlyOf(name: string): number;
  /** Entries kept beside the winners, in order of the inputs. */
  readonly aside: readonly number[];
  readonly refused: readonly RefusedStanza[];
  readonly left: readonly LeftEntry[];
  /** Names that full mirrors offer, in lower case as dpkg takes them, with the first of them; empty when all mirrors are full. */
  readonly owned: ReadonlyMap<string, MirrorName>;
  /** Which paths more than one entry has; of sources nobody asks. */
  readonly paths: PathRepeats;
  /** Position of the pin that speaks for an entry, or -1. */
  pinOf(entry: number): number;
  inputOf(entry: number): IndexInput;
  stanzaOf(entry: number): number;
  /** As it is kept when it wins. */
  keptOf(entry: number): Kept;
  nameOf(entry: number): string;
  candidate(entry: number): Candidate;
}

const ALL_TEXT = Buffer.from(ALL);

/** @param inputs in order of rank, then component */
export function gather(kind: IndexKind, architecture: Architecture, inputs: readonly IndexInput[], rules: ContestRules): Gathered {
  const gathering = new Gathering(kind, architecture, inputs, rules);
  for (const [place, { table }] of inputs.entries()) gathering.take(place, table.count);
  return gathering.finish();
}

/** Whether stanzas can be gathered before all of them are there: not where it counts which names full mirrors have. */
export const isOfFullMirrors = (inputs: readonly Pick<IndexInput, "limited" | "watched">[]): boolean =>
  !inputs.some((input) => input.limited || input.watched === true);

/** Room for so many stanzas at first, where it is not known how many there will be. */
const FIRST_ROOM = 4096;

/** Takes stanzas in order of the inputs, which may still be read. */
export class Gathering {
  readonly #kind: IndexKind;
  readonly #architecture: Architecture;
  readonly #ownText: Buffer;
  readonly #inputs: readonly IndexInput[];
  readonly #rules: ContestRules;
  readonly #owned: ReadonlyMap<string, MirrorName>;
  /** For each input its first stanza that was not taken. */
  readonly #next: number[];
  readonly #pins = new Map<number, number>();
  readonly #left: LeftEntry[] = [];
  readonly #refused: RefusedStanza[] = [];
  readonly #aside: number[] = [];
  readonly #paths = new PathRepeats();
  /** By entry. */
  readonly #kept: Kept[] = [];
  readonly #firstEntry = new Map<string, number>();
  /** Whether a name has a capital letter, which hardly any has. */
  #hasCapitals = false;
  /** The next entry of the same name. */
  #nextEntry: Int32Array<ArrayBuffer>;
  /** Of a first entry the last one of its name. */
  #lastEntry: Int32Array<ArrayBuffer>;

  /** @param inputs in order of rank, then component; they may have no table yet when all are of full mirrors */
  constructor(kind: IndexKind, architecture: Architecture, inputs: readonly IndexInput[], rules: ContestRules) {
    this.#kind = kind;
    this.#architecture = architecture;
    this.#ownText = Buffer.from(architecture);
    this.#inputs = inputs;
    this.#rules = rules;
    this.#owned = namesOfFullMirrors(kind, architecture, inputs, rules);
    this.#next = inputs.map(() => 0);
    this.#nextEntry = new Int32Array(FIRST_ROOM).fill(NONE);
    this.#lastEntry = new Int32Array(FIRST_ROOM);
  }

  /**
   * Takes what was not taken yet of an input. All of those before it must have been taken.
   *
   * @param place of the input
   * @param until position behind the last stanza to be taken
   */
  take(place: number, until: number): void {
    const [kind, architecture, ownText, rules, owned] = [this.#kind, this.#architecture, this.#ownText, this.#rules, this.#owned];
    const [firstEntry, refused, pins, paths] = [this.#firstEntry, this.#refused, this.#pins, this.#paths];
    const input = this.#inputs[place];
    const from = this.#next[place] ?? 0;
    if (input === undefined || until <= from) return;
    this.#next[place] = until;
    this.#makeRoom(until - from);
    const [nextEntry, lastEntry] = [this.#nextEntry, this.#lastEntry];
    const { table } = input;
    for (let stanza = from; stanza < until; stanza++) {
      if (input.mixed && kind.perArchitecture) {
        // A flat archive holds all architectures in one file: what is not for this one, sound or not, is none of its business.
        if (!isFor(fieldText(table, stanza, ARCHITECTURE), architecture)) continue;
      }
      const because = table.faults.get(stanza) ?? (table.judged ? undefined : kind.fault(table, stanza, input.weakAllowed));
      const name = fieldText(table, stanza, NAME);
      if (!this.#hasCapitals && name !== undefined && CAPITAL.test(name)) this.#hasCapitals = true;
      if (because !== undefined || name === undefined) {
        refused.push({ input, stanza, name, because: because ?? "it has no name", ...claimOf(rules, owned, input, stanza, name) });
        continue;
      }
      if (kind.perArchitecture && !isText(table, stanza, ARCHITECTURE, ownText) && !isText(table, stanza, ARCHITECTURE, ALL_TEXT)) {
        const own = fieldText(table, stanza, ARCHITECTURE);
        const because = `its Architecture is "${own}", in this index it must be "${architecture}" or "all"`;
        refused.push({ input, stanza, name, because, ...claimOf(rules, owned, input, stanza, name) });
        continue;
      }
      const one: Kept = { input, stanza, name };
      const entry = this.#kept.push(one) - 1;
      // Sources share folders.
      if (kind.type !== "source") paths.note(one);
      rules.look(input, stanza, name);
      if (rules.pin !== NONE) pins.set(entry, rules.pin);
      const out = whyLeft(rules, owned, input, stanza, name);
      if (out !== undefined) {
        this.#left.push({ entry, left: out });
        continue;
      }
      if (kind.aside(table, stanza)) {
        this.#aside.push(entry);
        continue;
      }
      const first = firstEntry.get(name);
      if (first === undefined) {
        firstEntry.set(name, entry);
        lastEntry[entry] = entry;
      } else {
        nextEntry[lastEntry[first] ?? first] = entry;
        lastEntry[first] = entry;
      }
    }
  }

  finish(): Gathered {
    const [kind, inputs, firstEntry, refused, pins] = [this.#kind, this.#inputs, this.#firstEntry, this.#refused, this.#pins];
    const [nextEntry, kept] = [this.#nextEntry, this.#kept];
    const keptOf = (entry: number): Kept => {
      const one = kept[entry];
      if (one === undefined) throw new Error(`There is no entry ${entry}`);
      return one;
    };
    const inputOf = (entry: number): IndexInput => keptOf(entry).input;
    const stanzaOf = (entry: number): number => keptOf(entry).stanza;
    // dpkg and apt take names in small letters: of several spellings, the one of the first mirror is the name.
    for (const [name, owner] of kind.perArchitecture && this.#hasCapitals
      ? otherSpellings(firstEntry, refused, (entry) => inputs.indexOf(inputOf(entry)), inputs)
      : []) {
      for (let entry = firstEntry.get(name) ?? NONE; entry >= 0; entry = nextEntry[entry] ?? NONE) {
        const because = `clients take its name for "${owner.name}", which mirror ${owner.mirror} has`;
        refused.push({ input: inputOf(entry), stanza: stanzaOf(entry), name, because, claims: false, pin: NONE });
      }
      firstEntry.delete(name);
    }
    return {
      // UTF-16 order of latin1 text is byte order.
      names: [...firstEntry.keys()].sort(),
      entriesOf(name) {
        const found: number[] = [];
        for (let entry = firstEntry.get(name) ?? -1; entry >= 0; entry = nextEntry[entry] ?? -1) found.push(entry);
        return found;
      },
      onlyOf(name) {
        const entry = firstEntry.get(name) ?? NONE;
        return entry === NONE || nextEntry[entry] !== NONE || (pins.size > 0 && pins.has(entry)) ? NONE : entry;
      },
      aside: this.#aside,
      refused,
      left: this.#left,
      owned: this.#owned,
      paths: this.#paths,
      pinOf: (entry) => pins.get(entry) ?? NONE,
      inputOf,
      stanzaOf,
      keptOf,
      nameOf: (entry) => fieldText(inputOf(entry).table, stanzaOf(entry), NAME) ?? "",
      candidate(entry) {
        const input = inputOf(entry);
        const stanza = stanzaOf(entry);
        const architecture = fieldText(input.table, stanza, ARCHITECTURE) ?? "";
        return {
          input,
          stanza,
          version: fieldText(input.table, stanza, VERSION) ?? "",
          architecture,
          order: entry,
          slot: kind.perArchitecture ? architecture : "",
          digest: (fieldText(input.table, stanza, DIGEST) ?? "").replace(/\s+/g, " ").toLowerCase(),
        };
      },
    };
  }

  /** @param more stanzas that may become entries */
  #makeRoom(more: number): void {
    const wanted = this.#kept.length + more;
    const { length } = this.#nextEntry;
    if (wanted <= length) return;
    const room = Math.max(wanted, 2 * length);
    const [nextEntry, lastEntry] = [this.#nextEntry, this.#lastEntry];
    this.#nextEntry = new Int32Array(room).fill(NONE, length);
    this.#nextEntry.set(nextEntry);
    this.#lastEntry = new Int32Array(room);
    this.#lastEntry.set(lastEntry);
  }
}

interface Spelling {
  readonly name: string;
  /** Position of the input that has it first. */
  readonly place: number;
}

/** Names that differ from that of an earlier input in capitals alone, each with that one; a stanza that may not be used still has its name. */
function otherSpellings(
  firstEntry: ReadonlyMap<string, number>,
  refused: readonly RefusedStanza[],
  placeOf: (entry: number) => number,
  inputs: readonly IndexInput[],
): ReadonlyMap<string, { readonly name: string; readonly mirror: MirrorName }> {
  const others = new Map<string, { readonly name: string; readonly mirror: MirrorName }>();
  const claimed = refused.filter((one) => one.claims);
  const firsts = new Map<string, Spelling>();
  const offer = (name: string, place: number): void => {
    const first = firsts.get(name.toLowerCase());
    if (first === undefined || place < first.place) firsts.set(name.toLowerCase(), { name, place });
  };
  for (const [name, entry] of firstEntry) offer(name, placeOf(entry));
  for (const { name, input } of claimed) if (name !== undefined) offer(name, inputs.indexOf(input));
  for (const name of firstEntry.keys()) {
    const first = firsts.get(name.toLowerCase());
    const mirror = first === undefined ? undefined : inputs[first.place]?.mirror;
    if (first !== undefined && mirror !== undefined && first.name !== name) others.set(name, { name: first.name, mirror });
  }
  return others;
}

const CAPITAL = /[A-Z]/;

/** What a stanza that may not be used still says about its name; what cannot be read fits no rule that asks for it. */
function claimOf(
  rules: ContestRules,
  owned: ReadonlyMap<string, MirrorName>,
  input: IndexInput,
  stanza: number,
  name: string | undefined,
): { claims: boolean; pin: number } {
  if (name === undefined) return { claims: false, pin: NONE };
  rules.look(input, stanza, name);
  const { ban, pin, granted } = rules;
  return { claims: ban === NONE && !(input.limited && !granted && owned.has(name.toLowerCase())), pin };
}

/** After `look`: what the rules say of the stanza is in them. */
function whyLeft(
  rules: ContestRules,
  owned: ReadonlyMap<string, MirrorName>,
  input: IndexInput,
  stanza: number,
  name: string,
): Left | undefined {
  if (rules.ban !== NONE) return { kind: "banned", ban: rules.ban };
  // A pin of the name to the limited mirror says that it may have it.
  const owner = input.limited && !rules.granted ? owned.get(name.toLowerCase()) : undefined;
  if (owner !== undefined) return { kind: "limited", owner };
  const winner = rules.sourceLostTo(input, stanza);
  return winner === undefined ? undefined : { kind: "source-lost", to: winner };
}

/** Names that full mirrors offer, also by stanzas that may not be used; only looked for when a mirror takes part that is not full. */
function namesOfFullMirrors(
  kind: IndexKind,
  architecture: Architecture,
  inputs: readonly IndexInput[],
  rules: ContestRules,
): ReadonlyMap<string, MirrorName> {
  const owned = new Map(rules.owned);
  if (isOfFullMirrors(inputs)) return owned;
  for (const input of inputs) {
    if (input.limited) continue;
    const { table } = input;
    for (let stanza = 0; stanza < table.count; stanza++) {
      const name = fieldText(table, stanza, NAME);
      if (name === undefined || owned.has(name.toLowerCase()) || kind.aside(table, stanza)) continue;
      if (input.mixed && kind.perArchitecture && !isFor(fieldText(table, stanza, ARCHITECTURE), architecture)) continue;
      rules.look(input, stanza, name);
      if (rules.ban === NONE) owned.set(name.toLowerCase(), input.mirror);
    }
  }
  return owned;
}

const isFor = (own: string | undefined, architecture: Architecture): boolean => own === undefined || own === architecture || own === ALL;
