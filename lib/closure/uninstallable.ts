/**
 * Packages that cannot be installed from an index alone: a Pre-Depends or Depends of theirs, or of all that could meet it, cannot be met.
 * Conflicts and Breaks are not looked at, so this finds too few, never too many.
 */
import { type Collapse, collapse, STANDS } from "./collapse.ts";
import type { RelationStanza } from "./relation-fields.ts";
import { buildUniverse, type Universe } from "./universe.ts";

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
  const found: Uninstallable[] = [];
  const told = new Set<string>();
  for (let stanza = 0; stanza < stanzas.length; stanza++) {
    const name = universe.nameOf(stanza);
    if (!fallen.has(name) || standing.has(name) || told.has(name)) continue;
    told.add(name);
    found.push({ stanza, name, ...because(universe, result, stanza) });
  }
  return found;
}

/** Follows causes to a relation that nobody could ever meet; every step fell before the one that it explains. */
function because(universe: Universe, { causes }: Collapse, from: number): { chain: readonly string[]; relation: string } {
  const chain = [universe.nameOf(from)];
  const seen = new Set([from]);
  let stanza = from;
  for (;;) {
    const group = causes[stanza] ?? STANDS;
    if (group === STANDS) throw new Error(`"${chain[0]}" fell without a cause`);
    let next: number | undefined;
    for (const alternative of universe.alternativesOf.of(group))
      next ??= universe.providersOf.of(alternative).find((one) => !seen.has(one));
    if (next === undefined) return { chain, relation: universe.relationOf(stanza, group) };
    seen.add(next);
    chain.push(universe.nameOf(next));
    stanza = next;
  }
}
