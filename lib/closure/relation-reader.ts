/**
 * Reads the relations of stanzas one after the other, long before it is known which of them are kept: each distinct text is read once, and all is noted
 * as numbers, so that 80,000 stanzas take some tenths of a second and some megabytes.
 */
import type { VersionConstraint } from "../archive/version.ts";
import { type Alternative, fitsArchitecture, parseGroup } from "../deb822/relations.ts";
import { GroupNumbers } from "./group-numbers.ts";
import { GrowingLists, GrowingNumbers, type NumberLists } from "./number-lists.ts";
import { fieldPosition, type RelationField, type RelationStanza } from "./relation-fields.ts";
import { TextNumbers } from "./text-numbers.ts";
import { NO_VERSION, VersionedNames } from "./versioned-names.ts";

/** Relations that must hold for a stanza to be installed. */
export const STRONG = ["pre-depends", "depends"] as const satisfies readonly RelationField[];
export type WeakField = "recommends" | "suggests";

/** All that was read so far. Groups, alternatives, names and stanzas are numbered in the order in which they came. */
export interface ReadRelations {
  readonly stanzas: readonly RelationStanza[];
  readonly names: TextNumbers;
  readonly versions: TextNumbers;
  /** The name of each stanza. */
  nameOf(stanza: number): number;
  readonly providesOf: NumberLists;
  readonly provided: VersionedNames;
  readonly alternativesOf: NumberLists;
  readonly alternatives: VersionedNames;
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
  readonly #names = new TextNumbers();
  readonly #versions = new TextNumbers();
  readonly #nameOf = new GrowingNumbers();
  /** Groups of Provides: of each the first alternative counts. */
  readonly #offers = new GroupNumbers();
  /** Number of each of these texts in `provided`, or NOTHING. */
  readonly #offered = new GrowingNumbers();
  readonly #provided = new VersionedNames();
  readonly #providesOf = new GrowingLists();
  readonly #texts = new GroupNumbers();
  /** Number of each text as a group, or NOTHING. */
  readonly #groups = new GrowingNumbers();
  readonly #groupTexts = new GrowingNumbers();
  /** What many groups ask for is looked for once: pairs with those who provide it are counted. */
  readonly #alternatives = new VersionedNames();
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

  /**
   * @param needs whether what it needs is read, too
   * @throws MergeError INDEX_TOO_LARGE when relations collide without end
   */
  add(one: RelationStanza, needs = true): void {
    const { table, stanza } = one;
    const at = (stanza * table.fields.length + fieldPosition(table, "package")) * 2;
    this.#nameOf.push(this.#names.numberOf(table.bytes, table.spans[at] ?? 0, table.spans[at + 1] ?? 0));
    this.#providesOf.add(this.#numbersIn(one, PROVIDES, this.#offers, this.#takeOffer));
    this.#groupsOf.add(this.#numbersIn(one, needs ? STRONG : NONE, this.#texts, this.#takeGroup));
    this.#weakGroupsOf.add(this.#numbersIn(one, needs ? this.#weak : NONE, this.#texts, this.#takeGroup));
    this.#stanzas.push(one);
  }

  /** To be asked for once, when nothing is added any more. */
  done(): ReadRelations {
    return {
      stanzas: this.#stanzas,
      names: this.#names,
      versions: this.#versions,
      nameOf: (stanza) => this.#nameOf.at(stanza),
      providesOf: this.#providesOf.done(),
      provided: this.#provided,
      alternativesOf: this.#alternativesOf.done(),
      alternatives: this.#alternatives,
      groupsOf: this.#groupsOf.done(),
      weakGroupsOf: this.#weakGroupsOf.done(),
      textOf: (group) => this.#texts.textOf(this.#groupTexts.at(group)),
    };
  }

  /** @returns good until it is called again */
  #numbersIn(
    { table, stanza }: RelationStanza,
    fields: readonly RelationField[],
    texts: GroupNumbers,
    take: (text: number) => void,
  ): readonly number[] {
    this.#found = [];
    for (const field of fields) {
      const at = (stanza * table.fields.length + fieldPosition(table, field)) * 2;
      texts.each(table.bytes, table.spans[at] ?? 0, table.spans[at + 1] ?? 0, take);
    }
    return this.#found;
  }

  // Texts are numbered as they are met, and each is given on at once.
  readonly #takeGroup = (text: number): void => {
    if (text === this.#groups.count) this.#groups.push(this.#newGroup(text));
    const group = this.#groups.at(text);
    if (group !== NOTHING) this.#found.push(group);
  };

  readonly #takeOffer = (text: number): void => {
    if (text === this.#offered.count) this.#offered.push(this.#newOffer(text));
    const offer = this.#offered.at(text);
    if (offer !== NOTHING) this.#found.push(offer);
  };

  /** @param text that was not met before */
  #newGroup(text: number): number {
    const parsed = parseGroup(this.#texts.textOf(text));
    // A relation that cannot be read cannot be met: it never held, so no ban takes its stanza out.
    const numbers: number[] = [];
    const { bytes, start } = this.#texts.placeOf(text);
    let from = start;
    for (const [position, alternative] of (parsed ?? NONE).entries()) {
      if (position > 0) from = bytes.indexOf(BAR, from) + 1;
      if (fitsArchitecture(alternative, this.#architecture)) numbers.push(this.#alternativeNumber(alternative, bytes, from));
    }
    if (parsed !== undefined && numbers.length === 0) return NOTHING;
    this.#alternativesOf.add(numbers.length > 1 ? [...new Set(numbers)] : numbers);
    return this.#groupTexts.push(text);
  }

  /** @param start where in these bytes it was read */
  #alternativeNumber({ name, qualifier, constraint }: Alternative, bytes: Buffer, start: number): number {
    const place = this.#nameAt(bytes, start, name);
    const version = this.#versionIn(bytes, start, constraint);
    return this.#alternatives.add(place, qualifier === "any", constraint?.operator, version);
  }

  #newOffer(text: number): number {
    const [first] = parseGroup(this.#offers.textOf(text)) ?? [];
    if (first === undefined) return NOTHING;
    const { name, constraint } = first;
    const { bytes, start } = this.#offers.placeOf(text);
    return this.#provided.add(this.#nameAt(bytes, start, name), false, constraint?.operator, this.#versionIn(bytes, start, constraint));
  }

  #nameAt(bytes: Buffer, start: number, name: string): number {
    let at = start;
    while (bytes[at] === SPACE) at++;
    return this.#names.numberOf(bytes, at, at + name.length);
  }

  #versionIn(bytes: Buffer, start: number, constraint: VersionConstraint | undefined): number {
    if (constraint === undefined) return NO_VERSION;
    let at = bytes.indexOf(OPEN, start) + 1;
    while (isBeforeVersion(bytes[at])) at++;
    return this.#versions.numberOf(bytes, at, at + constraint.version.length);
  }
}

const NONE: readonly never[] = [];
const PROVIDES = ["provides"] as const;
const [SPACE, OPEN, LESS, GREATER, BAR] = [0x20, 0x28, 0x3c, 0x3e, 0x7c];

/** The operator and blanks. */
const isBeforeVersion = (byte = 0): boolean => byte === SPACE || (byte >= LESS && byte <= GREATER);
