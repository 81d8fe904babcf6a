/** Work on the items of a list that still grows, done ahead of its end wherever there is time for it. */
import { FairTurns } from "./fair-turns.ts";

export class CatchUp<Item> {
  readonly #items: readonly Item[];
  readonly #work: (item: Item, position: number) => void | Promise<void>;
  #next = 0;
  #last: Promise<void> = Promise.resolve();

  /** @param work is given each item once, in order, one after the other; after a failure nothing more is done */
  constructor(items: readonly Item[], work: (item: Item, position: number) => void | Promise<void>) {
    this.#items = items;
    this.#work = work;
  }

  /** Begins with what there is so far, in small steps. What fails is heard of at the end. */
  ahead(): void {
    this.done().catch(() => undefined);
  }

  /** To be waited for when no item comes any more. @throws what the work threw first */
  done(): Promise<void> {
    this.#last = this.#last.then(() => this.#goOn());
    return this.#last;
  }

  async #goOn(): Promise<void> {
    const turns = new FairTurns();
    for (let item = this.#items[this.#next]; item !== undefined; item = this.#items[this.#next]) {
      await this.#work(item, this.#next);
      this.#next++;
      if (turns.due) await turns.pass();
    }
  }
}
