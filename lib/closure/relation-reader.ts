/**
 * Reads the relations of stanzas one after the other, long before it is known which of them are kept: each distinct text is read once, and all is noted
 * as numbers, so that 80,000 stanzas take some tenths of a second and some megabytes.
 */
import { type Alternative, fitsArchitecture, parseGroup, splitGroups } from "../deb822/relations.ts";
import { GroupNumbers } from "./group-numbers.ts";
import { GrowingLists, type NumberLists } from "./number-lists.ts";
import { fieldPosition, type RelationField, type RelationStanza, relationText } from "./relation-fields.ts";

/** Relations that must hold for a stanza to be installed. */
export const STRONG = ["pre-depends", "depends"] as const satisfies readonly RelationField[];
export type WeakField = "recommends" | "suggests";

/** What a stanza provides. */
export interface Provided {
  readonly name: number;
  /** Undefined for a Provides without a version, which stands for no relation that asks for one. */
  readonly version: string | undefined;
}

/** All that was read so far. Groups, alternatives, names and stanzas are numbered in the order in which they came. */
export interface ReadRelations {
  readonly stanzas: readonly RelationStanza[];
  readonly names: readonly string[];
  /** The name of each stanza. */
  readonly nameOf: readonly number[];
  readonly provides: readonly Provided[];
  readonly providesOf: NumberLists;
  /** Of all groups: what two of them ask for is there twice. */
  readonly alternatives: readonly Alternative[];
  /** The name of each. */
  readonly alternativeNames: readonly number[];
  readonly alternativesOf: NumberLists;
  /** Groups that a stanza needs; one that it writes twice stands there twice. */
  readonly groupsOf: NumberLists;
  /** Groups that a stanza would like, when they were asked for. */
  readonly weakGroupsOf: NumberLists;
  textOf(group: number): string;
}

/** Of a text that asks for nothing on this architecture. */
const NOTHING = -1;

export class RelationReader {
  readonly #architecture: string;
  readonly #weak: readonly WeakField[];
  readonly #stanzas: RelationStanza[] = [];
  readonly #nameNumbers = new Map<string, number>();
  readonly #names: string[] = [];
  readonly #nameOf: number[] = [];
  readonly #provides: Provided[] = [];
  readonly #providesOf = new GrowingLists();
  readonly #texts = new GroupNumbers();
  /** Number of each text as a group, or NOTHING. */
  readonly #groups: number[] = [];
  readonly #groupTexts: number[] = [];
  readonly #alternatives: Alternative[] = [];
  readonly #alternativeNames: number[] = [];
  readonly #alternativesOf = new GrowingLists();
  readonly #groupsOf = new GrowingLists();
  readonly #weakGroupsOf = new GrowingLists();
  #found: number[] = [];

  /** @param weak fields that are read beside those that must hold */
  constructor(architecture: string, weak: readonly WeakField[] = []) {
    this.#architecture = architecture;
    this.#weak = weak;
  }

  get count(): number {
    return this.#stanzas.length;
  }

  /** @throws MergeError INDEX_TOO_LARGE when relations collide without end */
  add(one: RelationStanza): void {
    this.#nameOf.push(this.#nameNumber(relationText(one, "package") ?? ""));
    this.#providesOf.add(this.#providesIn(one));
    this.#groupsOf.add(this.#groupsIn(one, STRONG));
    this.#weakGroupsOf.add(this.#weak.length === 0 ? NONE : this.#groupsIn(one, this.#weak));
    this.#stanzas.push(one);
  }

  /** To be asked for once, when nothing is added any more. */
  done(): ReadRelations {
    return {
      stanzas: this.#stanzas,
      names: this.#names,
      nameOf: this.#nameOf,
      provides: this.#provides,
      providesOf: this.#providesOf.done(),
      alternatives: this.#alternatives,
      alternativeNames: this.#alternativeNames,
      alternativesOf: this.#alternativesOf.done(),
      groupsOf: this.#groupsOf.done(),
      weakGroupsOf: this.#weakGroupsOf.done(),
      textOf: (group) => this.#texts.textOf(this.#groupTexts[group] ?? NOTHING),
    };
  }

  #nameNumber(name: string): number {
    const known = this.#nameNumbers.get(name);
    if (known !== undefined) return known;
    this.#nameNumbers.set(name, this.#names.length);
    return this.#names.push(name) - 1;
  }

  #providesIn(one: RelationStanza): readonly number[] {
    const provides = relationText(one, "provides");
    if (provides === undefined) return NONE;
    return splitGroups(provides).flatMap((text) => {
      const [first] = parseGroup(text) ?? [];
      if (first === undefined) return [];
      const { name, constraint } = first;
      const version = constraint?.operator === "=" ? constraint.version : undefined;
      return this.#provides.push({ name: this.#nameNumber(name), version }) - 1;
    });
  }

  /** @returns good until it is called again */
  #groupsIn({ table, stanza }: RelationStanza, fields: readonly RelationField[]): readonly number[] {
    this.#found = [];
    for (const field of fields) {
      const at = (stanza * table.fields.length + fieldPosition(table, field)) * 2;
      this.#texts.each(table.bytes, table.spans[at] ?? 0, table.spans[at + 1] ?? 0, this.#take);
    }
    return this.#found;
  }

  readonly #take = (text: number): void => {
    const group = this.#groups[text] ?? this.#newGroup(text);
    this.#groups[text] = group;
    if (group !== NOTHING) this.#found.push(group);
  };

  /** @param text that was not met before */
  #newGroup(text: number): number {
    const parsed = parseGroup(this.#texts.textOf(text));
    // A relation that cannot be read cannot be met: it never held, so no ban takes its stanza out.
    const numbers: number[] = [];
    for (const alternative of parsed ?? NONE) {
      if (!fitsArchitecture(alternative, this.#architecture)) continue;
      numbers.push(this.#alternatives.length);
      this.#alternatives.push(alternative);
      this.#alternativeNames.push(this.#nameNumber(alternative.name));
    }
    if (parsed !== undefined && numbers.length === 0) return NOTHING;
    this.#alternativesOf.add(numbers);
    return this.#groupTexts.push(text) - 1;
  }
}

const NONE: readonly never[] = [];
