/** Matches of a block in order: whatever lies between two of them are literals. As arrays of numbers, since there are a hundred thousand of them. */
export class Matches {
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

  /** The first one from `place` on that ends behind a place of the text. */
  endingBehind(at: number, place: number): number {
    let found = place;
    while (found < this.count && (this.at[found] ?? 0) + (this.length[found] ?? 0) <= at) found++;
    return found;
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
