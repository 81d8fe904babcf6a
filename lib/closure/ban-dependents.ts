/**
 * What a ban takes with it: a kept stanza goes when a Pre-Depends or Depends that held without the bans no longer holds, and so on. What
 * could not be met before stays.
 *
 * @see CONTRACT section 4, "Bans"
 */
import type { BanRule, WeakRelation } from "../settings.ts";
import { type Collapse, collapse, holds, STANDS } from "./collapse.ts";
import { FallPaths } from "./fall-paths.ts";
import type { RelationStanza } from "./relation-fields.ts";
import type { WeakField } from "./relation-reader.ts";
import { buildUniverse, type Universe } from "./universe.ts";

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

/** Names a dependent's chain: from its cause down to the ban behind it. */
class Chains {
  readonly #universe: Universe;
  readonly #paths: FallPaths;
  readonly #banOf: (stanza: number) => number | undefined;

  constructor(universe: Universe, before: Uint8Array, result: Collapse, banOf: (stanza: number) => number | undefined) {
    this.#universe = universe;
    this.#banOf = banOf;
    const gone = (stanza: number): boolean => before[stanza] === 1 && result.present[stanza] !== 1;
    this.#paths = new FallPaths(universe, result, gone, (stanza) => banOf(stanza) !== undefined);
  }

  dependent(stanza: number, cause: number): Dependent {
    const { chain, end } = this.#paths.follow(stanza, cause);
    const ban = this.#banOf(end);
    if (ban === undefined) throw new Error(`"${chain[0]}" fell and no ban is behind it`);
    return { stanza, ban, chain, relation: this.#universe.relationOf(stanza, cause) };
  }
}
