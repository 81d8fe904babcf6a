/**
 * Packages that cannot be installed from an index alone: a Pre-Depends or Depends of theirs, or of all that could meet it, cannot be met.
 * Conflicts and Breaks are not looked at, so this finds too few, never too many.
 */
import type { AsideTask, OpenedTask } from "../ports.ts";
import { collapse, STANDS } from "./collapse.ts";
import { FallPaths } from "./fall-paths.ts";
import { GrowingNumbers } from "./number-lists.ts";
import type { RelationStanza } from "./relation-fields.ts";
import { type PackedRelations, unpackRelations } from "./relation-packer.ts";
import { RelationReader } from "./relation-reader.ts";
import { buildUniverse, type Universe, universeOf } from "./universe.ts";

export interface Uninstallable {
  /** Position among the stanzas that were given. */
  readonly stanza: number;
  readonly name: string;
  /** From the package to the one whose relation cannot be met. */
  readonly chain: readonly string[];
  /** That relation, such as `Depends: libfoo1 (>= 2)`. */
  readonly relation: string;
}

/** What cannot be installed from an index. */
export interface FoundUninstallable {
  /** Names of which no stanza can be installed; the first of them speaks for it. */
  readonly broken: readonly Uninstallable[];
  /** Names of which one can, and another cannot. */
  readonly partly: readonly string[];
}

export const findUninstallable = (stanzas: readonly RelationStanza[], architecture: string): FoundUninstallable =>
  uninstallableIn(buildUniverse(stanzas, architecture));

function uninstallableIn(universe: Universe): FoundUninstallable {
  const { length } = universe.stanzas;
  const result = collapse(universe, { present: new Uint8Array(length).fill(1), mustHold: () => true, mayFall: () => true });
  const standing = new Set<string>();
  const fallen = new Set<string>();
  for (let stanza = 0; stanza < length; stanza++) (result.present[stanza] === 1 ? standing : fallen).add(universe.nameOf(stanza));
  const paths = new FallPaths(
    universe,
    result,
    (stanza) => result.present[stanza] !== 1,
    () => false,
  );
  const found: Uninstallable[] = [];
  const told = new Set<string>();
  for (let stanza = 0; stanza < length; stanza++) {
    const name = universe.nameOf(stanza);
    if (!fallen.has(name) || standing.has(name) || told.has(name)) continue;
    told.add(name);
    const { chain, end } = paths.follow(stanza, result.causes[stanza] ?? STANDS);
    found.push({ stanza, name, chain, relation: universe.relationOf(end, result.causes[end] ?? STANDS) });
  }
  return { broken: found, partly: [...fallen].filter((name) => standing.has(name)) };
}

/** Stanzas of one table, which come in their order. */
export interface RelationPart {
  readonly table: number;
  readonly packed: PackedRelations;
}

/** Two numbers for each stanza that is asked about: its table, and its position there. */
export type ChosenStanzas = Uint32Array<ArrayBuffer>;

/** For another thread: reads what it is given while the indices still come. */
export function openRelations(architecture: string): OpenedTask<RelationPart, ChosenStanzas, FoundUninstallable> {
  const reader = new RelationReader(architecture);
  /** For each table the numbers of its stanzas in the reader. */
  const numbers: GrowingNumbers[] = [];
  return {
    take({ table: number, packed }) {
      const table = unpackRelations(packed);
      numbers[number] ??= new GrowingNumbers();
      for (let stanza = 0; stanza < table.count; stanza++) {
        numbers[number].push(reader.count);
        reader.add({ table, stanza });
      }
    },
    answer(chosen) {
      const own = new Uint32Array(chosen.length / 2);
      for (let at = 0; at < own.length; at++) {
        const [table, stanza] = [chosen[2 * at] ?? 0, chosen[2 * at + 1] ?? 0];
        const given = numbers[table];
        if (given === undefined || stanza >= given.count) throw new Error(`Stanza ${stanza} of table ${table} was not given`);
        own[at] = given.at(stanza);
      }
      return uninstallableIn(universeOf(reader.done(), own));
    },
  };
}

export const RELATIONS: AsideTask<string, ReturnType<typeof openRelations>> = { module: import.meta.url, name: openRelations.name };
