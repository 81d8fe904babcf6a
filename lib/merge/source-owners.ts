/** Who won which source package, for `sources: strict`: a binary goes when another mirror has won the source that its own mirror offers. */
import type { MirrorName } from "../archive/names.ts";
import type { Gathered } from "./gather.ts";
import type { MergedIndex } from "./merge-index.ts";

export interface SourceOwners {
  /** The mirror that has won the source, when this one offers it and has not won it. A mirror without Sources offers none. */
  lostTo(source: string, mirror: MirrorName): MirrorName | undefined;
}

/** A source package that several mirrors offer: its name, who offers it, who has won it. Plain values, the same from the same inputs. */
export type OwnedSource = readonly [name: string, offering: readonly MirrorName[], winning: readonly MirrorName[]];

/** From the contest of all source packages of a suite. Extra-Source-Only stanzas never compete, so they own nothing. */
export function ownedSources(gathered: Gathered, merged: MergedIndex): readonly OwnedSource[] {
  // Only contested names matter: the winner of the rest is their only mirror.
  const contested = new Map<string, { readonly offering: ReadonlySet<MirrorName>; readonly winning: readonly MirrorName[] }>();
  for (const { name, winners, losers } of merged.decisions) {
    const winning = [...new Set(winners.map(({ input }) => input.mirror))];
    if (winning.length === 0) continue;
    contested.set(name, { offering: new Set([...winners, ...losers].map(({ input }) => input.mirror)), winning });
  }
  for (const { entry, left } of gathered.left) {
    // A limited mirror's source was not allowed to compete, which is to lose.
    if (left.kind !== "limited") continue;
    const name = gathered.nameOf(entry);
    const { mirror } = gathered.inputOf(entry);
    const known = contested.get(name);
    const competing = [...new Set(gathered.entriesOf(name).map((other) => gathered.inputOf(other).mirror))];
    // A full mirror has its name also by a stanza that may not be used.
    const winning = known?.winning ?? (competing.length > 0 ? competing : [left.owner]);
    contested.set(name, { offering: new Set([...(known?.offering ?? []), mirror]), winning });
  }
  return [...contested].map(([name, { offering, winning }]) => [name, [...offering], winning]);
}

export function sourceOwners(sources: readonly OwnedSource[]): SourceOwners {
  const contested = new Map(sources.map(([name, offering, winning]) => [name, { offering, winning }]));
  return {
    lostTo(source, mirror) {
      const contest = contested.get(source);
      if (contest === undefined || !contest.offering.includes(mirror) || contest.winning.includes(mirror)) return undefined;
      return contest.winning[0];
    },
  };
}
