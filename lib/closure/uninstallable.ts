/**
 * Packages that cannot be installed from an index alone: a Pre-Depends or Depends of theirs, or of all that could meet it, cannot be met.
 * Conflicts and Breaks are not looked at, so this finds too few, never too many.
 */
import type { AsideTask } from "../ports.ts";
import { collapse, STANDS } from "./collapse.ts";
import { FallPaths } from "./fall-paths.ts";
import { type PackedRelations, unpackRelations } from "./packed-relations.ts";
import type { RelationStanza } from "./relation-fields.ts";
import { buildUniverse } from "./universe.ts";

export interface Uninstallable {
  /** Position among the stanzas that were given. */
  readonly stanza: number;
  readonly name: string;
  /** From the package to the one whose relation cannot be met. */
  readonly chain: readonly string[];
  /** That relation, such as `Depends: libfoo1 (>= 2)`. */
  readonly relation: string;
}

/** @returns a name is among them when none of its stanzas can be installed; the first of them speaks for it */
export function findUninstallable(stanzas: readonly RelationStanza[], architecture: string): readonly Uninstallable[] {
  const universe = buildUniverse(stanzas, architecture);
  const result = collapse(universe, {
    present: new Uint8Array(stanzas.length).fill(1),
    mustHold: () => true,
    mayFall: () => true,
  });
  const standing = new Set<string>();
  const fallen = new Set<string>();
  for (let stanza = 0; stanza < stanzas.length; stanza++) (result.present[stanza] === 1 ? standing : fallen).add(universe.nameOf(stanza));
  const paths = new FallPaths(
    universe,
    result,
    (stanza) => result.present[stanza] !== 1,
    () => false,
  );
  const found: Uninstallable[] = [];
  const told = new Set<string>();
  for (let stanza = 0; stanza < stanzas.length; stanza++) {
    const name = universe.nameOf(stanza);
    if (!fallen.has(name) || standing.has(name) || told.has(name)) continue;
    told.add(name);
    const { chain, end } = paths.follow(stanza, result.causes[stanza] ?? STANDS);
    found.push({ stanza, name, chain, relation: universe.relationOf(end, result.causes[end] ?? STANDS) });
  }
  return found;
}

interface PackedQuestion {
  readonly packed: PackedRelations;
  readonly architecture: string;
}

/** For another thread. */
export const uninstallablePacked = ({ packed, architecture }: PackedQuestion): readonly Uninstallable[] =>
  findUninstallable(unpackRelations(packed), architecture);

export const FIND_UNINSTALLABLE: AsideTask<PackedQuestion, readonly Uninstallable[]> = {
  module: import.meta.url,
  name: uninstallablePacked.name,
};
