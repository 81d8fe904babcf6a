/**
 * `sources: keep`: a source stanza that lost its contest stays while a kept binary was built from it.
 *
 * @see CONTRACT section 4, "Sources"
 */
import type { MirrorName } from "../archive/names.ts";
import { fieldBytes, isSameIn } from "../deb822/field-bytes.ts";
import { parseGroup, splitGroups } from "../deb822/relations.ts";
import { fieldText, type StanzaTable } from "../deb822/stanza-table.ts";
import { NAME, SOURCE_FIELD, VERSION } from "../kinds/index-kind.ts";
import type { Candidate, Decision, Kept } from "./candidate.ts";

/** What kept binaries need of Sources, each by source name, a blank, source version, with the first binary that needs it. */
export interface NeededSources {
  /** By `Source`. */
  readonly built: Map<string, NeedingBinary>;
  /** By `Built-Using` and `Static-Built-Using`: parts of these sources are in the binary. */
  readonly using: Map<string, NeedingBinary & { readonly field: string }>;
}

interface NeedingBinary {
  readonly mirror: MirrorName;
  readonly binary: string;
  /** Of the index. */
  readonly architecture: string;
}

export const noNeeds = (): NeededSources => ({ built: new Map(), using: new Map() });

/**
 * Source package that a binary stanza was built from. `Source` may be missing (then it is the binary's own name and version), and may carry a
 * version in brackets, as after a binNMU.
 */
export function sourceOf(kept: Kept): { readonly name: string; readonly version: string } {
  const { table } = kept.input;
  const version = fieldText(table, kept.stanza, VERSION) ?? "";
  const source = fieldText(table, kept.stanza, SOURCE_FIELD);
  if (source === undefined || source === "") return { name: fieldText(table, kept.stanza, NAME) ?? "", version };
  const bracket = source.indexOf("(");
  if (bracket < 0) return { name: source.trim(), version };
  const close = source.indexOf(")", bracket);
  return { name: source.slice(0, bracket).trim(), version: source.slice(bracket + 1, close < 0 ? undefined : close).trim() };
}

/**
 * Adds what the kept binaries of one index need.
 *
 * @param architecture of the index
 */
export function collectNeeded(kept: readonly Kept[], architecture: string, needed: NeededSources): void {
  eachNeed(kept, {
    built(key, one) {
      if (!needed.built.has(key)) needed.built.set(key, needing(one, architecture));
    },
    using(key, one, field) {
      if (!needed.using.has(key)) needed.using.set(key, { ...needing(one, architecture), field });
    },
  });
}

/** Is told what binaries need, in their order and as often as they say it, but for neighbours that say the same. */
export interface NeedsVisitor {
  /** @param key source name, a blank, source version */
  built(key: string, one: Kept): void;
  using(key: string, one: Kept, field: string): void;
}

export function eachNeed(kept: readonly Kept[], visitor: NeedsVisitor): void {
  let last: Kept | undefined;
  for (const one of kept) {
    if (last === undefined || !isOfSameSource(one, last)) {
      const { name, version } = sourceOf(one);
      visitor.built(`${name} ${version}`, one);
    }
    last = one;
    for (const { text, field } of usedSources(one)) {
      for (const group of splitGroups(text)) {
        const [relation] = parseGroup(group) ?? [];
        // Only an exact version names a source.
        if (relation?.constraint?.operator === "=") visitor.using(`${relation.name} ${relation.constraint.version}`, one, field);
      }
    }
  }
}

/** Whether two binaries say so in the same bytes, as neighbours mostly do. */
const isOfSameSource = ({ input: { table }, stanza }: Kept, other: Kept): boolean =>
  other.input.table === table &&
  fieldBytes(table, stanza, SOURCE_FIELD) > 0 &&
  isSameIn(table, stanza, other.stanza, SOURCE_FIELD) &&
  isSameIn(table, stanza, other.stanza, VERSION);

/** What a binary says of sources that it has parts of, as its mirror gave it; nearly all say nothing. */
export function usedSources({ input: { table }, stanza }: Kept): readonly { readonly text: string; readonly field: string }[] {
  const found = [];
  for (const { place, field } of usingFields(table)) {
    if (fieldBytes(table, stanza, place) > 0) found.push({ text: fieldText(table, stanza, place) ?? "", field });
  }
  return found.length === 0 ? NONE : found;
}

const NONE = [] as const;

interface UsingField {
  readonly place: number;
  readonly field: string;
}

/** By table: all of its stanzas have them in the same place. */
const usingPlaces = new WeakMap<StanzaTable, readonly UsingField[]>();

function usingFields(table: StanzaTable): readonly UsingField[] {
  const known = usingPlaces.get(table);
  if (known !== undefined) return known;
  const found = USING_FIELDS.map(([name, field]) => ({ place: table.fields.indexOf(name), field })).filter(({ place }) => place >= 0);
  usingPlaces.set(table, found);
  return found;
}

const needing = ({ input: { table, mirror }, stanza }: Kept, architecture: string): NeedingBinary => ({
  mirror,
  binary: fieldText(table, stanza, NAME) ?? "",
  architecture,
});

/** Adds what another index needs: what was there first stays. */
export function addNeeds(needed: NeededSources, more: NeededSources): void {
  for (const [key, one] of more.built) if (!needed.built.has(key)) needed.built.set(key, one);
  for (const [key, one] of more.using) if (!needed.using.has(key)) needed.using.set(key, one);
}

const USING_FIELDS = [
  ["built-using", "Built-Using"],
  ["static-built-using", "Static-Built-Using"],
] as const;

/** Who needs a source of this name and version. */
export function neededBy({ built, using }: NeededSources, name: string, version: string): NeedingBinary | undefined {
  const key = `${name} ${version}`;
  return built.get(key) ?? using.get(key);
}

/** Losers of a source's contest that a kept binary names: from the binary's mirror, else from the first that offers them. */
export function sourcesStillNeeded(decision: Decision, needed: NeededSources): readonly Candidate[] {
  const won = new Set(decision.winners.map((winner) => winner.version));
  const still = new Map<string, Candidate>();
  for (const loser of decision.losers) {
    const mirror = neededBy(needed, decision.name, loser.version)?.mirror;
    if (mirror === undefined || won.has(loser.version)) continue;
    const held = still.get(loser.version);
    if (held === undefined || (held.input.mirror !== mirror && loser.input.mirror === mirror)) still.set(loser.version, loser);
  }
  return [...still.values()];
}

/** A kept binary whose source is in the merged Sources under no such name and version. */
export interface Orphan {
  readonly package: string;
  readonly source: string;
  readonly version: string;
}

/** A kept binary whose Built-Using names a source that the merged Sources do not have. */
export interface UsedSource extends Orphan {
  readonly architecture: string;
  readonly field: string;
}

/** @param mirrorsWithSources a mirror that offers no Sources is exempt */
export function missingSources(
  needed: NeededSources,
  sources: readonly Kept[],
  mirrorsWithSources: ReadonlySet<MirrorName>,
): { readonly orphans: readonly Orphan[]; readonly using: readonly UsedSource[] } {
  const kept = new Set(
    sources.map(({ input, stanza }) => `${fieldText(input.table, stanza, NAME)} ${fieldText(input.table, stanza, VERSION)}`),
  );
  const missing = <Need extends NeedingBinary>(needs: ReadonlyMap<string, Need>): readonly (readonly [Orphan, Need])[] =>
    [...needs]
      .flatMap(([key, need]) => {
        if (kept.has(key) || !mirrorsWithSources.has(need.mirror)) return [];
        const [source = "", version = ""] = key.split(" ");
        return [[{ package: need.binary, source, version }, need] as const];
      })
      // They were collected component by component.
      .sort(([left], [right]) => (left.package < right.package ? -1 : left.package > right.package ? 1 : 0));
  return {
    orphans: missing(needed.built).map(([orphan]) => orphan),
    using: missing(needed.using).map(([orphan, { architecture, field }]) => ({ ...orphan, architecture, field })),
  };
}
