/** Finds the stanzas of an index, and what is wrong with them, while its bytes still come. */
import { SeenBytes } from "../archive/seen-bytes.ts";
import type { Where } from "../errors.ts";
import { type ScanOrder, type StanzaLimits, StanzaScan, type StanzaTable } from "./stanza-table.ts";

/** Why a stanza may not be used although it is well-formed; undefined when it may. */
export type StanzaJudge = (table: StanzaTable, stanza: number) => string | undefined;

const NEWLINE = 0x0a;

/** To say of more of them each time what is wrong would take long. */
const MANY_FAULTS = 1000;

/**
 * Does what `scanStanzas` does, while the bytes still come into their buffer. They are not proven then, so what is wrong with them is told by
 * `finish` only: it is called when they are.
 */
export class StanzaScanner {
  readonly #order: ScanOrder;
  readonly #judge: StanzaJudge;
  readonly #seen = new SeenBytes();
  #scan: StanzaScan | undefined;
  #failure: { readonly error: unknown } | undefined;
  #judged = 0;
  #unfit = new Map<number, string>();
  #lines: Buffer | undefined;
  #isRestarted = false;

  /**
   * @param fields lower-case names of the fields whose spans are wanted
   * @param judge is asked of each stanza once it is whole
   */
  constructor(fields: readonly string[], where: Where, limits: StanzaLimits, judge: StanzaJudge) {
    this.#order = { fields, where, limits };
    this.#judge = judge;
  }

  /**
   * Scans the lines that came since the last call. Never throws.
   *
   * @param filled of `whole`, in bytes; what lies behind them is not looked at
   */
  read(whole: Buffer, filled: number): void {
    const { start, bytes } = this.#seen.next(whole, filled);
    // Looked for in what is new alone: a line that never ends would be gone through with each call.
    const newline = bytes.lastIndexOf(NEWLINE);
    if (newline < 0 || this.#failure !== undefined) return;
    try {
      this.#scan ??= new StanzaScan(this.#order, whole.length);
      const lines = whole.subarray(0, start + newline + 1);
      this.#scan.advance(lines);
      this.#judgeAll(this.#scan.soFar(lines));
      this.#lines = lines;
    } catch (error) {
      this.#failure = { error };
    }
  }

  /** The stanzas that are whole, judged. Good until more is read. Undefined when there are none, the rest cannot be read, or much is wrong with them. */
  soFar(): StanzaTable | undefined {
    if (this.#scan === undefined || this.#lines === undefined || this.#failure !== undefined) return undefined;
    const table = this.#scan.soFar(this.#lines);
    const faults = this.#scan.allFaults();
    if (faults.size + this.#unfit.size > MANY_FAULTS) return undefined;
    return { ...table, faults: new Map([...this.#unfit, ...faults]), judged: true };
  }

  /** Whether the bytes that were finished with are others than those that were read. */
  get isRestarted(): boolean {
    return this.#isRestarted;
  }

  /**
   * @param bytes all of them; when they are not those that were read, they are scanned from the start
   * @throws MergeError INDEX_MALFORMED, INDEX_TOO_LARGE
   */
  finish(bytes: Buffer): StanzaTable {
    if (this.#scan === undefined || this.#seen.of(bytes) === 0) {
      this.#scan = new StanzaScan(this.#order, bytes.length);
      [this.#judged, this.#unfit, this.#isRestarted] = [0, new Map(), true];
    } else if (this.#failure !== undefined) throw this.#failure.error;
    const table = this.#scan.finish(bytes);
    this.#judgeAll(table);
    return { ...table, faults: new Map([...this.#unfit, ...table.faults]), judged: true };
  }

  #judgeAll(table: StanzaTable): void {
    for (; this.#judged < table.count; this.#judged++) {
      const because = this.#judge(table, this.#judged);
      if (because !== undefined) this.#unfit.set(this.#judged, because);
    }
  }
}
