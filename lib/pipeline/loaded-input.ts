/** An index in memory, which can be given back before all that was made of it is written. */
import { giveBack } from "../archive/give-back.ts";
import type { StanzaTable } from "../deb822/stanza-table.ts";
import type { IndexInput } from "../merge/candidate.ts";

type InputFacts = Omit<IndexInput, "table">;

export class LoadedInput implements IndexInput {
  readonly mirror: IndexInput["mirror"];
  readonly suite: IndexInput["suite"];
  readonly rank: number;
  readonly componentOrder: number;
  readonly component: IndexInput["component"];
  readonly pool: string | undefined;
  readonly weakAllowed: boolean;
  readonly mixed: boolean;
  readonly limited: boolean;
  readonly watched: boolean;
  readonly #isShared: boolean;
  #table: StanzaTable | undefined;
  #isWhole = false;
  #isGivenBack = false;

  /** @param isShared whether others read its bytes too, so that they are not to be given back */
  constructor(facts: Required<InputFacts>, isShared = false) {
    this.#isShared = isShared;
    this.mirror = facts.mirror;
    this.suite = facts.suite;
    this.rank = facts.rank;
    this.componentOrder = facts.componentOrder;
    this.component = facts.component;
    this.pool = facts.pool;
    this.weakAllowed = facts.weakAllowed;
    this.mixed = facts.mixed;
    this.limited = facts.limited;
    this.watched = facts.watched;
  }

  /** @param isWhole whether that is all, and proven */
  show(table: StanzaTable, isWhole: boolean): void {
    this.#table = table;
    this.#isWhole = isWhole;
  }

  /** Whether there is a table. */
  get isBegun(): boolean {
    return this.#table !== undefined;
  }

  get isWhole(): boolean {
    return this.#isWhole;
  }

  /** @throws Error before it is there and when it was given back: a slip */
  get table(): StanzaTable {
    if (this.#table !== undefined) return this.#table;
    const when = this.#isGivenBack ? "after it was given back" : "before it is there";
    throw new Error(`An index of ${this.mirror}/${this.suite} is read ${when}`);
  }

  giveBack(): void {
    if (this.#table === undefined) return;
    const { bytes, spans } = this.#table;
    this.#table = undefined;
    this.#isGivenBack = true;
    if (!this.#isShared) giveBack(bytes);
    giveBack(spans);
  }
}
