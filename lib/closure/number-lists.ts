import { giveBack } from "../archive/give-back.ts";

/** Many short lists of whole numbers in two arrays: half a million relations as objects would cost tens of megabytes. */
export class NumberLists {
  /** Where each list begins in `values`; one more than there are lists. */
  readonly starts: Uint32Array;
  readonly values: Uint32Array;

  constructor(starts: Uint32Array, values: Uint32Array) {
    this.starts = starts;
    this.values = values;
  }

  /** A list of one for each number. */
  static single(numbers: Uint32Array): NumberLists {
    const starts = new Uint32Array(numbers.length + 1);
    for (let list = 0; list < starts.length; list++) starts[list] = list;
    return new NumberLists(starts, numbers);
  }

  get count(): number {
    return this.starts.length - 1;
  }

  /** A view, not a copy. */
  of(list: number): Uint32Array {
    return this.values.subarray(this.starts[list], this.starts[list + 1]);
  }

  lengthOf(list: number): number {
    return (this.starts[list + 1] ?? 0) - (this.starts[list] ?? 0);
  }

  /** These lists in this order, of other numbers. */
  some(lists: Uint32Array, numberOf: (value: number) => number): NumberLists {
    const starts = new Uint32Array(lists.length + 1);
    for (let at = 0; at < lists.length; at++) starts[at + 1] = (starts[at] ?? 0) + this.lengthOf(lists[at] ?? 0);
    const values = new Uint32Array(starts[lists.length] ?? 0);
    let used = 0;
    for (const list of lists) {
      for (let at = this.starts[list] ?? 0; at < (this.starts[list + 1] ?? 0); at++) values[used++] = numberOf(this.values[at] ?? 0);
    }
    return new NumberLists(starts, values);
  }

  /** For each number below `lists` the lists that hold it, in their order. */
  reversed(lists: number): NumberLists {
    const starts = new Uint32Array(lists + 1);
    for (const value of this.values) starts[value + 1] = (starts[value + 1] ?? 0) + 1;
    for (let list = 0; list < lists; list++) starts[list + 1] = (starts[list + 1] ?? 0) + (starts[list] ?? 0);
    const next = starts.slice();
    const values = new Uint32Array(this.values.length);
    for (let list = 0; list < this.count; list++) {
      for (let at = this.starts[list] ?? 0; at < (this.starts[list + 1] ?? 0); at++) {
        const value = this.values[at] ?? 0;
        const place = next[value] ?? 0;
        values[place] = list;
        next[value] = place + 1;
      }
    }
    return new NumberLists(starts, values);
  }
}

/** Lists that are added one after the other. */
export class GrowingLists {
  #starts: Uint32Array = new Uint32Array(1024);
  #values: Uint32Array = new Uint32Array(4096);
  #count = 0;

  get count(): number {
    return this.#count;
  }

  /** @returns the number of the list */
  add(list: readonly number[]): number {
    const used = this.#starts[this.#count] ?? 0;
    if (used + list.length > this.#values.length) this.#values = grown(this.#values, used + list.length);
    if (this.#count + 1 === this.#starts.length) this.#starts = grown(this.#starts, 0);
    this.#values.set(list, used);
    this.#starts[++this.#count] = used + list.length;
    return this.#count - 1;
  }

  done(): NumberLists {
    return new NumberLists(this.#starts.slice(0, this.#count + 1), this.#values.slice(0, this.#starts[this.#count]));
  }
}

/** Numbers that are added one after the other. In an array of JavaScript they take twice the room, and leave as much behind when it grows. */
export class GrowingNumbers {
  #numbers: Int32Array = new Int32Array(1024);
  #count = 0;

  get count(): number {
    return this.#count;
  }

  /** @returns its place */
  push(number: number): number {
    if (this.#count === this.#numbers.length) this.#numbers = grown(this.#numbers, 0);
    this.#numbers[this.#count] = number;
    return this.#count++;
  }

  /** @param place of one that was added */
  at(place: number): number {
    return this.#numbers[place] ?? 0;
  }
}

function grown<A extends Uint32Array | Int32Array>(array: A, least: number): A {
  const room = Math.max(array.length * 2, least);
  const larger = (array instanceof Uint32Array ? new Uint32Array(room) : new Int32Array(room)) as A;
  larger.set(array);
  giveBack(array);
  return larger;
}
