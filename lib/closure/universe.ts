/**
 * The stanzas of one architecture as a graph: what each needs, and who can give it. Relations are read once for each distinct text, and kept
 * as numbers, so that 80,000 stanzas take some tenths of a second and some megabytes.
 *
 *     stanza ──needs all of──▶ group ──any of──▶ alternative ──any of──▶ stanza
 *
 * A relation to another architecture (`libc6:i386`) is judged by this architecture's stanzas: archives carry one name in all of them, and
 * what is banned is banned in all. `name:any` wants `Multi-Arch: allowed`, as apt does.
 */
import { satisfies, type VersionConstraint } from "../archive/version.ts";
import { type Alternative, fitsArchitecture, parseGroup, splitGroups } from "../deb822/relations.ts";
import { MergeError } from "../errors.ts";
import { NumberLists } from "./number-lists.ts";
import { type RelationField, type RelationStanza, relationText } from "./relation-fields.ts";

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
  /** The text of a group, as the first stanza writes it. */
  groupText(group: number): string;
  /** `Depends: libc6 (>= 2.36)`: the field in which a stanza has a group. */
  relationOf(stanza: number, group: number): string;
}

/** Most pairs of an alternative and an offer of its name that are compared; sid has some 100,000. One name provided by all and asked for in all versions has billions. */
const MAX_PROVIDERS = 10_000_000;

function tooMany(name: string): never {
  const text = `Cannot follow relations: "${name}" is provided and asked for so often that there are more than ${MAX_PROVIDERS} pairs, at most so many are looked at`;
  throw new MergeError("INDEX_TOO_LARGE", text);
}

interface Need {
  readonly name: string;
  readonly any: boolean;
  readonly constraint: VersionConstraint | undefined;
}

interface Offer {
  readonly stanza: number;
  /** Undefined for a Provides without a version, which stands for no relation that asks for one. */
  readonly version: string | undefined;
}

export function buildUniverse(stanzas: readonly RelationStanza[], architecture: string, weak: readonly WeakField[] = []): Universe {
  const names = stanzas.map((one) => relationText(one, "package") ?? "");
  const groupTexts: string[] = [];
  const groupNumbers = new Map<string, number>();
  const needs: Need[] = [];
  const needNumbers = new Map<string, number>();
  const groupAlternatives: number[][] = [];

  const alternativeNumber = ({ name, qualifier, constraint }: Alternative): number => {
    const any = qualifier === "any";
    const key = `${name}${any ? ":any" : ""} ${constraint === undefined ? "" : `${constraint.operator}${constraint.version}`}`;
    const known = needNumbers.get(key);
    if (known !== undefined) return known;
    needNumbers.set(key, needs.length);
    needs.push({ name, any, constraint });
    return needs.length - 1;
  };
  /** Undefined for a group that asks for nothing on this architecture. */
  const groupNumber = (text: string): number | undefined => {
    const known = groupNumbers.get(text);
    if (known !== undefined) return known < 0 ? undefined : known;
    const parsed = parseGroup(text);
    const fitting = parsed?.filter((alternative) => fitsArchitecture(alternative, architecture));
    if (parsed !== undefined && fitting?.length === 0) {
      groupNumbers.set(text, -1);
      return undefined;
    }
    // A relation that cannot be read cannot be met: it never held, so no ban takes its stanza out.
    groupAlternatives.push([...new Set((fitting ?? []).map(alternativeNumber))]);
    groupNumbers.set(text, groupTexts.length);
    groupTexts.push(text);
    return groupTexts.length - 1;
  };
  const groupsIn = (one: RelationStanza, fields: readonly RelationField[]): readonly number[] => {
    const found: number[] = [];
    for (const field of fields) {
      for (const text of splitGroups(relationText(one, field) ?? "")) {
        const group = groupNumber(text);
        if (group !== undefined) found.push(group);
      }
    }
    return found;
  };

  const groupsOf = NumberLists.from(stanzas, (one) => groupsIn(one, STRONG));
  const weakGroupsOf = weak.length === 0 ? NumberLists.empty(stanzas.length) : NumberLists.from(stanzas, (one) => groupsIn(one, weak));
  const alternativesOf = NumberLists.from(groupAlternatives, (list) => list);
  const offers = offersByName(stanzas, names);
  let entries = 0;
  const providersOf = NumberLists.from(needs, (need) => {
    entries += offers.get(need.name)?.length ?? 0;
    if (entries > MAX_PROVIDERS) tooMany(need.name);
    return providersFor(need, stanzas, offers);
  });
  return {
    stanzas,
    groups: groupTexts.length,
    alternatives: needs.length,
    groupsOf,
    weakGroupsOf,
    alternativesOf,
    providersOf,
    alternativesBy: providersOf.reversed(stanzas.length),
    groupsWith: alternativesOf.reversed(needs.length),
    neededBy: groupsOf.reversed(groupTexts.length),
    nameOf: (stanza) => names[stanza] ?? "",
    groupText: (group) => groupTexts[group] ?? "",
    relationOf(stanza, group) {
      const one = stanzas[stanza];
      const text = groupTexts[group] ?? "";
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

/** By name: the stanzas that have it, then those that provide it. */
function offersByName(stanzas: readonly RelationStanza[], names: readonly string[]): ReadonlyMap<string, readonly Offer[]> {
  const offers = new Map<string, Offer[]>();
  const add = (name: string, offer: Offer): void => {
    const list = offers.get(name);
    if (list === undefined) offers.set(name, [offer]);
    else list.push(offer);
  };
  for (const [stanza, one] of stanzas.entries()) add(names[stanza] ?? "", { stanza, version: relationText(one, "version") });
  for (const [stanza, one] of stanzas.entries()) {
    const provides = relationText(one, "provides");
    if (provides === undefined) continue;
    for (const text of splitGroups(provides)) {
      const [first] = parseGroup(text) ?? [];
      if (first !== undefined)
        add(first.name, { stanza, version: first.constraint?.operator === "=" ? first.constraint.version : undefined });
    }
  }
  return offers;
}

function providersFor(
  { name, any, constraint }: Need,
  stanzas: readonly RelationStanza[],
  offers: ReadonlyMap<string, readonly Offer[]>,
): readonly number[] {
  const found: number[] = [];
  for (const { stanza, version } of offers.get(name) ?? []) {
    if (constraint !== undefined && (version === undefined || !satisfies(version, constraint))) continue;
    const one = stanzas[stanza];
    if (any && (one === undefined || relationText(one, "multi-arch")?.toLowerCase() !== "allowed")) continue;
    if (found.at(-1) !== stanza) found.push(stanza);
  }
  return found;
}
