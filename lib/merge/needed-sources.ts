/**
 * `sources: keep`: a source stanza that lost its contest stays while a kept binary was built from it.
 *
 * @see CONTRACT section 4, "Sources"
 */
import type { MirrorName } from "../archive/names.ts";
import { fieldText } from "../deb822/stanza-table.ts";
import { NAME, SOURCE_FIELD, VERSION } from "../kinds/index-kind.ts";
import type { Candidate, Decision, Kept } from "./candidate.ts";

/** Source name, a blank, source version -> the first binary that was built from it, and its mirror. */
export type NeededSources = Map<string, { readonly mirror: MirrorName; readonly binary: string }>;

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

/** Adds what the kept binaries of one index were built from. */
export function collectNeeded(kept: readonly Kept[], needed: NeededSources): void {
  for (const one of kept) {
    const { name, version } = sourceOf(one);
    const key = `${name} ${version}`;
    if (!needed.has(key)) needed.set(key, { mirror: one.input.mirror, binary: fieldText(one.input.table, one.stanza, NAME) ?? "" });
  }
}

/** Losers of a source's contest that a kept binary names: from the binary's mirror, else from the first that offers them. */
export function sourcesStillNeeded(decision: Decision, needed: NeededSources): readonly Candidate[] {
  const won = new Set(decision.winners.map((winner) => winner.version));
  const still = new Map<string, Candidate>();
  for (const loser of decision.losers) {
    const mirror = needed.get(`${decision.name} ${loser.version}`)?.mirror;
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

/** @param mirrorsWithSources a mirror that offers no Sources is exempt */
export function orphansOf(needed: NeededSources, sources: readonly Kept[], mirrorsWithSources: ReadonlySet<MirrorName>): readonly Orphan[] {
  const kept = new Set(
    sources.map(({ input, stanza }) => `${fieldText(input.table, stanza, NAME)} ${fieldText(input.table, stanza, VERSION)}`),
  );
  const orphans: Orphan[] = [];
  for (const [key, { mirror, binary }] of needed) {
    if (kept.has(key) || !mirrorsWithSources.has(mirror)) continue;
    const [source, version] = key.split(" ");
    orphans.push({ package: binary, source: source ?? "", version: version ?? "" });
  }
  return orphans;
}
