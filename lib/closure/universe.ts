/**
 * The stanzas of one architecture as a graph: what each needs, and who can give it.
 *
 *     stanza ──needs all of──▶ group ──any of──▶ alternative ──any of──▶ stanza
 *
 * A relation to another architecture (`libc6:i386`) is judged by this architecture's stanzas: archives carry one name in all of them, and
 * what is banned is banned in all. `name:any` wants `Multi-Arch: allowed`, as apt does.
 */
import { satisfies } from "../archive/version.ts";
import { splitGroups } from "../deb822/relations.ts";
import { MergeError } from "../errors.ts";
import { GrowingLists, NumberLists } from "./number-lists.ts";
import { type RelationStanza, relationText } from "./relation-fields.ts";
import { type ReadRelations, RelationReader, type WeakField } from "./relation-reader.ts";

export interface Universe {
  readonly stanzas: readonly RelationStanza[];
  readonly groups: number;
  readonly alternatives: number;
  /** Groups that a stanza needs; one that it writes twice stands there twice. */
  readonly groupsOf: NumberLists;
  /** Groups that a stanza would like, when they were asked for. */
  readonly weakGroupsOf: NumberLists;
  readonly alternativesOf: NumberLists;
  /** Stanzas that can stand for an alternative. */
  readonly providersOf: NumberLists;
  /** The same the other way round. */
  readonly alternativesBy: NumberLists;
  readonly groupsWith: NumberLists;
  readonly neededBy: NumberLists;
  nameOf(stanza: number): string;
  /** `Depends: libc6 (>= 2.36)`: the field in which a stanza has a group. */
  relationOf(stanza: number, group: number): string;
}

/** Most pairs of an alternative and an offer of its name that are compared; sid has some 100,000. One name provided by all and asked for in all versions has billions. */
const MAX_PROVIDERS = 10_000_000;

function tooMany(name: string): never {
  const text = `Cannot follow relations: "${name}" is provided and asked for so often that there are more than ${MAX_PROVIDERS} pairs, at most so many are looked at`;
  throw new MergeError("INDEX_TOO_LARGE", text);
}

/** The graph of these stanzas, in this order. */
export function buildUniverse(stanzas: readonly RelationStanza[], architecture: string, weak: readonly WeakField[] = []): Universe {
  const reader = new RelationReader(architecture, weak);
  for (const one of stanzas) reader.add(one);
  return universeOf(
    reader.done(),
    Uint32Array.from(stanzas, (_, position) => position),
  );
}

/**
 * The graph of some of the stanzas that were read, which knows nothing of the others.
 *
 * @param chosen their numbers; where each stands in it is its number in the graph
 * @throws MergeError INDEX_TOO_LARGE
 */
export function universeOf(read: ReadRelations, chosen: Uint32Array): Universe {
  const stanzas = Array.from(chosen, (number) => stanzaOf(read, number));
  const offers = offersByName(read, chosen, stanzas);
  // Numbered by where they are met among those that are chosen: what comes out depends on nothing else.
  const groupNumbers = new Int32Array(read.alternativesOf.count).fill(UNMET);
  const groupsMet: number[] = [];
  const alternativeNumbers = new Int32Array(read.alternatives.count).fill(UNMET);
  const groupAlternatives = new GrowingLists();
  const providers = new GrowingLists();
  let pairs = 0;

  const alternativeNumber = (number: number): number => {
    const known = alternativeNumbers[number] ?? UNMET;
    if (known !== UNMET) return known;
    const name = read.alternatives.nameOf(number);
    const offered = offers.byName.of(name);
    pairs += offered.length;
    if (pairs > MAX_PROVIDERS) tooMany(read.names.textOf(name));
    const own = providers.add(providersFor(read, number, offered, stanzas, offers));
    alternativeNumbers[number] = own;
    return own;
  };
  const groupNumber = (number: number): number => {
    const known = groupNumbers[number] ?? UNMET;
    if (known !== UNMET) return known;
    const own = groupAlternatives.add(Array.from(read.alternativesOf.of(number), alternativeNumber));
    groupsMet.push(number);
    groupNumbers[number] = own;
    return own;
  };
  const groupsOf = read.groupsOf.some(chosen, groupNumber);
  const weakGroupsOf = read.weakGroupsOf.some(chosen, groupNumber);
  const alternativesOf = groupAlternatives.done();
  const providersOf = providers.done();
  // One text of each: chains hold many.
  const names: string[] = [];
  const nameOf = (stanza: number): string => {
    names[stanza] ??= read.names.textOf(read.nameOf(chosen[stanza] ?? UNMET));
    return names[stanza];
  };
  return {
    stanzas,
    groups: groupsMet.length,
    alternatives: providers.count,
    groupsOf,
    weakGroupsOf,
    alternativesOf,
    providersOf,
    alternativesBy: providersOf.reversed(stanzas.length),
    groupsWith: alternativesOf.reversed(providers.count),
    neededBy: groupsOf.reversed(groupsMet.length),
    nameOf,
    relationOf(stanza, group) {
      const one = stanzas[stanza];
      const text = read.textOf(groupsMet[group] ?? UNMET);
      if (one === undefined) throw new Error(`There is no stanza ${stanza}`);
      for (const [field, title] of TITLES) if (splitGroups(relationText(one, field) ?? "").includes(text)) return `${title}: ${text}`;
      return text;
    },
  };
}

const TITLES = [
  ["pre-depends", "Pre-Depends"],
  ["depends", "Depends"],
  ["recommends", "Recommends"],
  ["suggests", "Suggests"],
] as const;

const UNMET = -1;

function stanzaOf({ stanzas }: ReadRelations, number: number): RelationStanza {
  const one = stanzas[number];
  if (one === undefined) throw new Error(`There is no stanza ${number}`);
  return one;
}

/** Who offers which name: stanzas that have it, then those that provide it. */
interface Offers {
  /** By number of the name, in that order. */
  readonly byName: NumberLists;
  stanzaOf(offer: number): number;
  /** Undefined for a Provides without a version, which stands for no relation that asks for one. */
  versionOf(offer: number): string | undefined;
}

function offersByName(read: ReadRelations, chosen: Uint32Array, stanzas: readonly RelationStanza[]): Offers {
  const own = chosen.length;
  const provided = read.providesOf.some(chosen, (number) => number);
  const names = new Uint32Array(own + provided.values.length);
  const providing = new Uint32Array(provided.values.length);
  for (let stanza = 0; stanza < own; stanza++) {
    names[stanza] = read.nameOf(chosen[stanza] ?? UNMET);
    for (let at = provided.starts[stanza] ?? 0; at < (provided.starts[stanza + 1] ?? 0); at++) {
      names[own + at] = read.provided.nameOf(provided.values[at] ?? UNMET);
      providing[at] = stanza;
    }
  }
  return {
    byName: NumberLists.single(names).reversed(read.names.count),
    stanzaOf: (offer) => (offer < own ? offer : (providing[offer - own] ?? 0)),
    versionOf(offer) {
      const stanza = stanzas[offer];
      if (stanza !== undefined) return relationText(stanza, "version");
      const number = provided.values[offer - own] ?? UNMET;
      return read.provided.operatorOf(number) === "=" ? read.versions.textOf(read.provided.versionOf(number)) : undefined;
    },
  };
}

function providersFor(
  { alternatives, versions }: ReadRelations,
  number: number,
  offered: Uint32Array,
  stanzas: readonly RelationStanza[],
  offers: Offers,
): readonly number[] {
  const found: number[] = [];
  if (offered.length === 0) return found;
  const operator = alternatives.operatorOf(number);
  const constraint = operator && { operator, version: versions.textOf(alternatives.versionOf(number)) };
  const any = alternatives.isAny(number);
  for (const offer of offered) {
    const stanza = offers.stanzaOf(offer);
    if (found.at(-1) === stanza) continue;
    if (constraint !== undefined) {
      const version = offers.versionOf(offer);
      if (version === undefined || !satisfies(version, constraint)) continue;
    }
    const one = stanzas[stanza];
    if (any && (one === undefined || relationText(one, "multi-arch")?.toLowerCase() !== "allowed")) continue;
    found.push(stanza);
  }
  return found;
}
