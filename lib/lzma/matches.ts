/** Matches of a block in order: whatever lies between two of them are literals. As arrays of numbers, since there are a hundred thousand of them. */
export interface MatchList {
  readonly count: number;
  readonly at: Int32Array;
  readonly length: Int32Array;
  readonly distance: Int32Array;
}

/** The first match from `place` on that ends behind a place of the text. */
export function endingBehind({ count, at, length }: MatchList, text: number, place: number): number {
  let found = place;
  while (found < count && (at[found] ?? 0) + (length[found] ?? 0) <= text) found++;
  return found;
}

/** While they are found. */
export class Matches implements MatchList {
  count = 0;
  at = new Int32Array(1 << 16);
  length = new Int32Array(1 << 16);
  distance = new Int32Array(1 << 16);

  add(at: number, length: number, distance: number): void {
    if (this.count === this.at.length) this.#grow();
    this.at[this.count] = at;
    this.length[this.count] = length;
    this.distance[this.count++] = distance;
  }

  #grow(): void {
    const grown = (old: Int32Array): Int32Array<ArrayBuffer> => {
      const array = new Int32Array(old.length * 2);
      array.set(old);
      return array;
    };
    this.at = grown(this.at);
    this.length = grown(this.length);
    this.distance = grown(this.distance);
  }
}
