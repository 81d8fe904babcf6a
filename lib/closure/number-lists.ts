/** Many short lists of whole numbers in two arrays: half a million relations as objects would cost tens of megabytes. */
export class NumberLists {
  /** Where each list begins in `values`; one more than there are lists. */
  readonly starts: Uint32Array;
  readonly values: Uint32Array;

  private constructor(starts: Uint32Array, values: Uint32Array) {
    this.starts = starts;
    this.values = values;
  }

  static from<Item>(items: readonly Item[], listOf: (item: Item) => readonly number[]): NumberLists {
    const starts = new Uint32Array(items.length + 1);
    let values = new Uint32Array(Math.max(16, items.length * 4));
    let used = 0;
    for (const [position, item] of items.entries()) {
      const list = listOf(item);
      if (used + list.length > values.length) {
        const larger = new Uint32Array(Math.max(values.length * 2, used + list.length));
        larger.set(values);
        values = larger;
      }
      values.set(list, used);
      used += list.length;
      starts[position + 1] = used;
    }
    return new NumberLists(starts, values.slice(0, used));
  }

  static empty(lists: number): NumberLists {
    return new NumberLists(new Uint32Array(lists + 1), new Uint32Array(0));
  }

  get count(): number {
    return this.starts.length - 1;
  }

  /** A view, not a copy. */
  of(list: number): Uint32Array {
    return this.values.subarray(this.starts[list], this.starts[list + 1]);
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
