/** What becomes of the lists of locations of one input. Each is worked out once: there are a hundred times fewer than lines. */
import { KnownLists } from "./known-lists.ts";

/** A list of locations after each was placed. */
export interface Placed {
  /** False when no location is left. */
  readonly kept: boolean;
  /** The list that is to be written, latin1; undefined when it is the one that was read. */
  readonly list: Buffer | undefined;
  /** Locations that were taken out. */
  readonly out: number;
  /** Locations that are written otherwise than they were read. */
  readonly rewritten: number;
}

export const AS_READ: Placed = { kept: true, list: undefined, out: 0, rewritten: 0 };

/** For lines that are only looked at or sorted. */
export const UNPLACED: Pick<Locations, "placeList"> = { placeList: () => AS_READ };

/** What is known of single locations may weigh so much, then it is forgotten. */
const MAX_WEIGHT = 4 * 1024 * 1024;
const WEIGHT_BESIDE_TEXT = 64;

/** No location may break a line or a list apart, and each has to fit into one byte a letter. */
const UNWRITABLE = /[\t\n\r ,]|[^\0-\xff]/;

export class Locations {
  readonly #place: (location: string) => string | undefined;
  readonly #lists = new KnownLists<Placed>();
  /** Single locations, of lists that have several. */
  readonly #known = new Map<string, Placed>();
  #weight = 0;

  constructor(place: (location: string) => string | undefined) {
    this.#place = place;
  }

  /** @param room holds the list from `start` to `end` */
  placeList(room: Buffer, view: DataView, start: number, end: number): Placed {
    const known = this.#lists.find(view, start, end);
    if (known !== undefined) return known;
    const list = room.toString("latin1", start, end);
    const placed = list.includes(",") ? this.#placeEach(list) : this.#placeOne(list);
    this.#lists.add(room, view, start, end, placed);
    return placed;
  }

  #placeKnown(location: string): Placed {
    const known = this.#known.get(location);
    if (known !== undefined) return known;
    const placed = this.#placeOne(location);
    const weight = location.length + (placed.list?.length ?? 0) + WEIGHT_BESIDE_TEXT;
    if (this.#weight + weight > MAX_WEIGHT) {
      this.#known.clear();
      this.#weight = 0;
    }
    this.#weight += weight;
    // V8 keeps the whole list alive for a part of it.
    this.#known.set(Buffer.from(location, "latin1").toString("latin1"), placed);
    return placed;
  }

  #placeOne(location: string): Placed {
    const becomes = this.#place(location);
    if (becomes === undefined || becomes === "") return { kept: false, list: undefined, out: 1, rewritten: 0 };
    if (becomes === location) return AS_READ;
    if (UNWRITABLE.test(becomes)) throw new Error(`Location "${location}" was placed as "${becomes}", which cannot be written`);
    return { kept: true, list: Buffer.from(becomes, "latin1"), out: 0, rewritten: 1 };
  }

  /** No location is written twice; empty ones, as in `a,,b`, are not written. */
  #placeEach(list: string): Placed {
    const left = new Set<string>();
    let [out, rewritten] = [0, 0];
    for (const location of list.split(",")) {
      if (location === "") continue;
      const placed = this.#placeKnown(location);
      out += placed.out;
      rewritten += placed.rewritten;
      if (placed.kept) left.add(placed.list?.toString("latin1") ?? location);
    }
    if (left.size === 0) return { kept: false, list: undefined, out, rewritten: 0 };
    const becomes = [...left].join(",");
    return becomes === list ? AS_READ : { kept: true, list: Buffer.from(becomes, "latin1"), out, rewritten };
  }
}
