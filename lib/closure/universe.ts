/**
 * The stanzas of one architecture as a graph: what each needs, and who can give it. Relations are read once for each distinct text, and kept
 * as numbers, so that 80,000 stanzas take some tenths of a second and some megabytes.
 *
 *     stanza ──needs all of──▶ group ──any of──▶ alternative ──any of──▶ stanza
 *
 * A relation to another architecture (`libc6:i386`) is judged by this architecture's stanzas: archives carry one name in all of them, and
 * what is banned is banned in all. `name:any` wants `Multi-Arch: allowed`, as apt does.
 */
import { satisfies } from "../archive/version.ts";
import { type Alternative, fitsArchitecture, parseGroup, splitGroups } from "../deb822/relations.ts";
import { MergeError } from "../errors.ts";
import { GroupNumbers } from "./group-numbers.ts";
import { GrowingLists, NumberLists } from "./number-lists.ts";
import { fieldPosition, type RelationField, type RelationStanza, relationText } from "./relation-fields.ts";

/** Relations that must hold for a stanza to be installed. */
export const STRONG = ["pre-depends", "depends"] as const satisfies readonly RelationField[];
export type WeakField = "recommends" | "suggests";

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

/** Who offers which name: stanzas that have it, then those that provide it. */
interface Offers {
  /** By name, in that order. */
  of(name: string): Uint32Array;
  stanzaOf(offer: number): number;
  /** Undefined for a Provides without a version, which stands for no relation that asks for one. */
  versionOf(offer: number): string | undefined;
}

export function buildUniverse(stanzas: readonly RelationStanza[], architecture: string, weak: readonly WeakField[] = []): Universe {
  const names = stanzas.map((one) => relationText(one, "package") ?? "");
  const offers = offersByName(stanzas, names);
  const texts = new GroupNumbers();
  /** Number of each text as a group; NOTHING for one that asks for nothing on this architecture. */
  const groups: number[] = [];
  const groupTexts: number[] = [];
  const groupAlternatives = new GrowingLists();
  const alternatives = new Map<string, number>();
  const providers = new GrowingLists();
  let pairs = 0;

  const alternativeNumber = (alternative: Alternative): number => {
    const { name, qualifier, constraint } = alternative;
    const key = `${name}${qualifier === "any" ? ":any" : ""} ${constraint === undefined ? "" : `${constraint.operator}${constraint.version}`}`;
    const known = alternatives.get(key);
    if (known !== undefined) return known;
    pairs += offers.of(name).length;
    if (pairs > MAX_PROVIDERS) tooMany(name);
    alternatives.set(key, providers.count);
    return providers.add(providersFor(alternative, stanzas, offers));
  };
  /** @param text that was not met before */
  const newGroup = (text: number): number => {
    const parsed = parseGroup(texts.textOf(text));
    const fitting = parsed?.filter((alternative) => fitsArchitecture(alternative, architecture));
    if (parsed !== undefined && fitting?.length === 0) return NOTHING;
    // A relation that cannot be read cannot be met: it never held, so no ban takes its stanza out.
    groupAlternatives.add([...new Set((fitting ?? []).map(alternativeNumber))]);
    return groupTexts.push(text) - 1;
  };
  const groupsIn = (one: RelationStanza, fields: readonly RelationField[]): readonly number[] => {
    const found: number[] = [];
    for (const field of fields) {
      eachGroup(texts, one, field, (text) => {
        const group = groups[text] ?? newGroup(text);
        groups[text] = group;
        if (group !== NOTHING) found.push(group);
      });
    }
    return found;
  };

  const groupsOf = NumberLists.from(stanzas, (one) => groupsIn(one, STRONG));
  const weakGroupsOf = weak.length === 0 ? NumberLists.empty(stanzas.length) : NumberLists.from(stanzas, (one) => groupsIn(one, weak));
  const alternativesOf = groupAlternatives.done();
  const providersOf = providers.done();
  return {
    stanzas,
    groups: groupTexts.length,
    alternatives: providers.count,
    groupsOf,
    weakGroupsOf,
    alternativesOf,
    providersOf,
    alternativesBy: providersOf.reversed(stanzas.length),
    groupsWith: alternativesOf.reversed(providers.count),
    neededBy: groupsOf.reversed(groupTexts.length),
    nameOf: (stanza) => names[stanza] ?? "",
    relationOf(stanza, group) {
      const one = stanzas[stanza];
      const text = texts.textOf(groupTexts[group] ?? NOTHING);
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

const NOTHING = -1;
const NOBODY = new Uint32Array(0);

function eachGroup(texts: GroupNumbers, { table, stanza }: RelationStanza, field: RelationField, take: (text: number) => void): void {
  const at = (stanza * table.fields.length + fieldPosition(table, field)) * 2;
  texts.each(table.bytes, table.spans[at] ?? 0, table.spans[at + 1] ?? 0, take);
}

function offersByName(stanzas: readonly RelationStanza[], names: readonly string[]): Offers {
  const numbers = new Map<string, number>();
  const nameNumbers: number[] = [];
  const offer = (name: string): void => {
    const number = numbers.get(name) ?? numbers.size;
    numbers.set(name, number);
    nameNumbers.push(number);
  };
  const providing: number[] = [];
  const versions: (string | undefined)[] = [];
  for (const name of names) offer(name);
  for (const [stanza, one] of stanzas.entries()) {
    const provides = relationText(one, "provides");
    if (provides === undefined) continue;
    for (const text of splitGroups(provides)) {
      const [first] = parseGroup(text) ?? [];
      if (first === undefined) continue;
      offer(first.name);
      providing.push(stanza);
      versions.push(first.constraint?.operator === "=" ? first.constraint.version : undefined);
    }
  }
  const byName = NumberLists.single(nameNumbers).reversed(numbers.size);
  const own = stanzas.length;
  return {
    of(name) {
      const number = numbers.get(name);
      return number === undefined ? NOBODY : byName.of(number);
    },
    stanzaOf: (offer) => (offer < own ? offer : (providing[offer - own] ?? 0)),
    versionOf(offer) {
      const stanza = stanzas[offer];
      return stanza === undefined ? versions[offer - own] : relationText(stanza, "version");
    },
  };
}

function providersFor({ name, qualifier, constraint }: Alternative, stanzas: readonly RelationStanza[], offers: Offers): readonly number[] {
  const found: number[] = [];
  for (const offer of offers.of(name)) {
    const stanza = offers.stanzaOf(offer);
    if (found.at(-1) === stanza) continue;
    if (constraint !== undefined) {
      const version = offers.versionOf(offer);
      if (version === undefined || !satisfies(version, constraint)) continue;
    }
    const one = stanzas[stanza];
    if (qualifier === "any" && (one === undefined || relationText(one, "multi-arch")?.toLowerCase() !== "allowed")) continue;
    found.push(stanza);
  }
  return found;
}
