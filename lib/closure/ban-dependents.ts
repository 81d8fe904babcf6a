/**
 * What a ban takes with it: a kept stanza goes when a Pre-Depends or Depends that held without the bans no longer holds, and so on. What
 * could not be met before stays.
 *
 * @see CONTRACT section 4, "Bans"
 */
import type { BanRule, WeakRelation } from "../settings.ts";
import { type Collapse, collapse, holds, STANDS } from "./collapse.ts";
import type { RelationStanza } from "./relation-fields.ts";
import { buildUniverse, type Universe, type WeakField } from "./universe.ts";

/** A stanza that bans took out before the contest was over. */
export interface BannedBefore extends RelationStanza {
  /** Position in the policy's list. */
  readonly ban: number;
}

/** Why a kept stanza needs what is banned. Positions are those of the kept stanzas that were given. */
export interface Dependent {
  readonly stanza: number;
  readonly ban: number;
  /** Names from the stanza to the banned one, both included. */
  readonly chain: readonly string[];
  /** The relation that no longer holds, such as `Depends: systemd-sysv`. */
  readonly relation: string;
}

export interface Dependents {
  /** In the order in which they fell. */
  readonly dropped: readonly Dependent[];
  /** They stay: of bans with `dependents: report`, and weaker relations that were asked for. */
  readonly told: readonly Dependent[];
}

/**
 * @param kept stanzas of the merged index, after overrides
 * @param banned stanzas that would be kept if there were no bans
 */
export function dependentsOfBans(
  kept: readonly RelationStanza[],
  banned: readonly BannedBefore[],
  bans: readonly BanRule[],
  architecture: string,
): Dependents {
  const weak = weakFields(bans);
  const followed = banned.some(({ ban }) => bans[ban]?.dependents !== "keep" || (bans[ban]?.reportWeak.length ?? 0) > 0);
  if (!followed) return { dropped: [], told: [] };
  const universe = buildUniverse([...kept, ...banned], architecture, weak);
  const banOf = (stanza: number): number | undefined => banned[stanza - kept.length]?.ban;
  const modeOf = (stanza: number): BanRule["dependents"] | undefined => bans[banOf(stanza) ?? -1]?.dependents;
  const everything = new Uint8Array(universe.stanzas.length).fill(1);
  const held = Uint8Array.from({ length: universe.groups }, (_, group) => Number(holds(universe, group, everything)));
  const terms = { mustHold: (group: number) => held[group] === 1, mayFall: (stanza: number) => stanza < kept.length };

  // For what is dropped, a stanza whose ban keeps its dependents counts as there.
  const dropping = collapse(universe, { ...terms, present: everything.map((_, stanza) => Number(modeOf(stanza) !== "drop")) });
  const chains = new Chains(universe, everything, dropping, banOf);
  const dropped = dropping.fallen.map((stanza) => chains.dependent(stanza, dropping.causes[stanza] ?? STANDS));
  const reporting = collapse(universe, {
    ...terms,
    present: dropping.present.map((there, stanza) => (modeOf(stanza) === "report" ? 0 : there)),
  });
  const after = new Chains(universe, everything, merged(dropping, reporting), banOf);
  const told = reporting.fallen.map((stanza) => after.dependent(stanza, reporting.causes[stanza] ?? STANDS));
  if (weak.length > 0) told.push(...weakDependents(universe, kept.length, dropping, everything, bans, banOf));
  return { dropped, told };
}

const merged = (first: Collapse, second: Collapse): Collapse => ({
  ...second,
  causes: second.causes.map((cause, stanza) => (cause === STANDS ? (first.causes[stanza] ?? STANDS) : cause)),
});

const WEAK_FIELDS: Readonly<Record<WeakRelation, WeakField>> = { Recommends: "recommends", Suggests: "suggests" };

const weakFields = (bans: readonly BanRule[]): readonly WeakField[] => {
  const wanted = new Set(bans.flatMap(({ reportWeak }) => reportWeak));
  return (["Recommends", "Suggests"] as const).filter((relation) => wanted.has(relation)).map((relation) => WEAK_FIELDS[relation]);
};

/** Stanzas that stay and recommend or suggest what went, for the bans that ask for it. */
function weakDependents(
  universe: Universe,
  keptCount: number,
  dropping: Collapse,
  everything: Uint8Array,
  bans: readonly BanRule[],
  banOf: (stanza: number) => number | undefined,
): readonly Dependent[] {
  // Here every banned stanza is gone, whatever becomes of its dependents.
  const present = dropping.present.map((there, stanza) => (stanza < keptCount ? there : 0));
  const chains = new Chains(universe, everything, { ...dropping, present }, banOf);
  const found: Dependent[] = [];
  for (let stanza = 0; stanza < keptCount; stanza++) {
    if (present[stanza] !== 1) continue;
    for (const group of universe.weakGroupsOf.of(stanza)) {
      if (!holds(universe, group, everything) || holds(universe, group, present)) continue;
      const dependent = chains.dependent(stanza, group);
      const asked = bans[dependent.ban]?.reportWeak ?? [];
      if (asked.some((relation) => dependent.relation.startsWith(`${relation}: `))) found.push(dependent);
    }
  }
  return found;
}

/** Follows causes from a stanza to the ban behind them. */
class Chains {
  readonly #universe: Universe;
  readonly #before: Uint8Array;
  readonly #collapse: Collapse;
  readonly #banOf: (stanza: number) => number | undefined;
  readonly #rank: Int32Array;

  constructor(universe: Universe, before: Uint8Array, result: Collapse, banOf: (stanza: number) => number | undefined) {
    this.#universe = universe;
    this.#before = before;
    this.#collapse = result;
    this.#banOf = banOf;
    // Of several that are gone the one that went first: chains are short, and end.
    this.#rank = new Int32Array(universe.stanzas.length);
    for (const [position, stanza] of result.fallen.entries()) this.#rank[stanza] = position + 1;
  }

  dependent(stanza: number, cause: number): Dependent {
    const names = [this.#universe.nameOf(stanza)];
    const relation = this.#universe.relationOf(stanza, cause);
    const seen = new Set([stanza]);
    let group = cause;
    while (group !== STANDS) {
      const next = this.#gone(group, seen);
      if (next === undefined) break;
      seen.add(next);
      names.push(this.#universe.nameOf(next));
      const ban = this.#banOf(next);
      if (ban !== undefined) return { stanza, ban, chain: names, relation };
      group = this.#collapse.causes[next] ?? STANDS;
    }
    throw new Error(`"${names[0]}" fell and no ban is behind it`);
  }

  /** The one of a group's givers that is gone: a banned one if there is any, else the one that fell first. */
  #gone(group: number, seen: ReadonlySet<number>): number | undefined {
    let best: number | undefined;
    for (const alternative of this.#universe.alternativesOf.of(group)) {
      for (const stanza of this.#universe.providersOf.of(alternative)) {
        if (this.#before[stanza] !== 1 || this.#collapse.present[stanza] === 1 || seen.has(stanza)) continue;
        if (this.#banOf(stanza) !== undefined) return stanza;
        if (best === undefined || (this.#rank[stanza] ?? 0) < (this.#rank[best] ?? 0)) best = stanza;
      }
    }
    return best;
  }
}
