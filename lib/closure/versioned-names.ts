/** `name:any (operator version)`, many of them, as numbers: as objects of text they would take ten times the room. */
import type { VersionOperator } from "../archive/version.ts";
import { GrowingNumbers } from "./number-lists.ts";

const OPERATORS: readonly (VersionOperator | undefined)[] = [undefined, "<<", "<=", "=", ">=", ">>"];

/** Of one without an operator. */
export const NO_VERSION = -1;

export class VersionedNames {
  readonly #names = new GrowingNumbers();
  readonly #versions = new GrowingNumbers();
  /** Twice the place of the operator, and one more with `any`. */
  readonly #ways = new GrowingNumbers();
  readonly #known = new Map<number, number>();

  get count(): number {
    return this.#names.count;
  }

  nameOf(number: number): number {
    return this.#names.at(number);
  }

  isAny(number: number): boolean {
    return this.#ways.at(number) % 2 === 1;
  }

  operatorOf(number: number): VersionOperator | undefined {
    return OPERATORS[this.#ways.at(number) >> 1];
  }

  /** NO_VERSION where there is no operator. */
  versionOf(number: number): number {
    return this.#versions.at(number);
  }

  /** @returns its number, nearly always the same one for the same */
  add(name: number, any: boolean, operator: VersionOperator | undefined, version: number): number {
    const way = 2 * OPERATORS.indexOf(operator) + Number(any);
    // Whole as far as there are 2 ** 24 names and versions: beyond that what is found may be another.
    const key = (name * 2 ** 24 + version + 1) * 16 + way;
    const known = this.#known.get(key);
    if (known !== undefined && this.#is(known, name, way, version)) return known;
    const number = this.#names.push(name);
    this.#ways.push(way);
    this.#versions.push(version);
    this.#known.set(key, number);
    return number;
  }

  #is(number: number, name: number, way: number, version: number): boolean {
    return this.#names.at(number) === name && this.#ways.at(number) === way && this.#versions.at(number) === version;
  }
}
