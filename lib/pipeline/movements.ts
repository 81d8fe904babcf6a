/** What moved in the components of an index since the last generation: each tells it once it is composed. */
import type { ComponentName } from "../archive/names.ts";

/** By what relations of other stanzas can have been met before and no longer are, or the other way round. */
export interface MovedNames {
  /** Names of stanzas that are there otherwise, are new, or are gone. */
  readonly changed: readonly string[];
  /** Provides of those of them that were there. */
  readonly provided: ReadonlySet<string>;
}

export class Movements {
  readonly #count: number;
  readonly #told = new Map<ComponentName, MovedNames>();
  readonly #all = Promise.withResolvers<ReadonlyMap<ComponentName, MovedNames> | undefined>();

  /** @param count of components that will tell it */
  constructor(count: number) {
    this.#count = count;
    // Nobody may ask.
    this.#all.promise.catch(() => undefined);
  }

  /** @param moving undefined: it is not known */
  tell(component: ComponentName, moving: Promise<MovedNames | undefined>): void {
    moving.then((moved) => {
      if (moved !== undefined) this.#told.set(component, moved);
      // One is enough to know that not all will be known. To wait for the others could be to wait for oneself.
      if (moved === undefined) this.#all.resolve(undefined);
      else if (this.#told.size === this.#count) this.#all.resolve(this.#told);
    }, this.#all.reject);
  }

  /** No more will be told: who still waits waits in vain. */
  end(): void {
    this.#all.reject(new Error("Not all components were composed"));
  }

  /** Undefined as soon as it is not known of one. @throws what composing throws */
  all(): Promise<ReadonlyMap<ComponentName, MovedNames> | undefined> {
    return this.#all.promise;
  }
}
