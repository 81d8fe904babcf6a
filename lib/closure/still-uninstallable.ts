/**
 * What cannot be installed from an index, found out from what could not before and what changed since.
 *
 * A stanza that did not change, and whose relations name nothing that changed, can be installed if it could before: what met its relations is there as it
 * was. So only the relations of the others are read, where all those of a large archive take a second. Which stanzas these may be is told by hashes of the
 * names that each speaks of, which are known of blocks that stayed.
 */
import { FairTurns } from "../archive/fair-turns.ts";
import { lazily } from "../archive/lazily.ts";
import { collapse } from "./collapse.ts";
import { hashesIn, hashesOf, MentionedNames, namesIn, speaksFor } from "./mentioned-names.ts";
import { type RelationStanza, relationText } from "./relation-fields.ts";
import { RelationReader, STRONG } from "./relation-reader.ts";
import type { FoundUninstallable } from "./uninstallable.ts";
import { universeOf } from "./universe.ts";

/** As `FoundUninstallable`, without reasons and in any order. */
export interface Breakage extends Pick<FoundUninstallable, "partly"> {
  readonly names: readonly string[];
}

/** What happened to the index since that was known. */
export interface Since {
  /** Names of stanzas that were there otherwise, are new, or are gone. */
  readonly changed: ReadonlySet<string>;
  /** What those of them that were there provided. */
  readonly provided: ReadonlySet<string>;
}

/** Which names the stanzas of a block speak of, as short hashes: of nearly all stanzas these tell that a name is not among them. */
export interface BlockMentions {
  /** Of the stanzas themselves. */
  readonly names: Uint16Array;
  /** In what must hold for them to be installed. */
  readonly needs: Uint16Array;
  readonly provides: Uint16Array;
}

export interface RelationBlock {
  readonly mentions: BlockMentions;
  /** @param place among its stanzas @returns the same one whenever it is asked for */
  stanza(place: number): RelationStanza;
}

export const mentionsOf = (stanzas: readonly RelationStanza[]): BlockMentions => ({
  names: hashesOf(stanzas),
  needs: hashesIn(stanzas, STRONG),
  provides: hashesIn(stanzas, PROVIDES),
});

/** Whether each list speaks for so many stanzas: what was kept may be damaged. */
export const speakForAll = ({ names, needs, provides }: BlockMentions, stanzas: number): boolean =>
  [names, needs, provides].every((hashes) => speaksFor(hashes) === stanzas);

/** Most stanzas whose relations are read: more are sooner looked through with all others, in a thread of their own. */
const MOST_ASKED = 20_000;

/** Most names that moved, what was provided included. */
const MOST_MOVED = 100_000;

/** Most steps from what changed to what is mended by it: as many take no longer than to look through all. */
const MOST_STEPS = 100;

const PROVIDES = ["provides"] as const;
const OFFERS = ["package", "provides"] as const;

/**
 * @param blocks of the whole index as it is
 * @returns undefined when something is newly broken, or too much is in question
 * @throws MergeError INDEX_TOO_LARGE
 */
export async function stillUninstallable(
  blocks: readonly RelationBlock[],
  architecture: string,
  before: Breakage,
  { changed, provided }: Since,
): Promise<Breakage | undefined> {
  if (changed.size + provided.size > MOST_MOVED) return undefined;
  const turns = new FairTurns();
  /** @param among names of the stanzas that may be meant */
  const look = async (
    names: MentionedNames,
    list: keyof BlockMentions,
    see: (one: RelationStanza) => void,
    among?: MentionedNames,
  ): Promise<void> => {
    for (const { mentions, stanza } of blocks) {
      for (const place of names.placesIn(mentions[list])) {
        if (among?.mayBeNameOf(place, mentions.names) ?? true) see(stanza(place));
      }
      if (turns.due) await turns.pass();
    }
  };
  // Whoever names what is partly broken may need the stanza that is, or the one that is not.
  const moved = new MentionedNames([...changed, ...before.partly]);
  const own: RelationStanza[] = [];
  await look(moved, "names", (one) => {
    if (moved.has(one)) own.push(one);
  });
  const touched = new MentionedNames([...changed, ...before.partly, ...provided, ...own.flatMap((one) => namesIn(one, PROVIDES))]);
  const asked = new Set(own);
  await look(touched, "needs", (one) => {
    if (touched.areIn(one, STRONG)) asked.add(one);
  });
  const wasBroken = new Set(before.names);
  const isBroken = (one: RelationStanza): boolean => wasBroken.has(relationText(one, "package") ?? "");
  // What was broken is mended by what changed, or by something mended: whoever names one that may be is asked, too.
  const followed = new Set<string>();
  const broken = lazily(() => new MentionedNames(before.names));
  let rising = [...asked].filter(isBroken);
  for (let step = 0; rising.length > 0; step++) {
    if (asked.size > MOST_ASKED || step === MOST_STEPS) return undefined;
    const offered = new Set(rising.flatMap((one) => namesIn(one, OFFERS)).filter((name) => !followed.has(name)));
    for (const name of offered) followed.add(name);
    const offers = new MentionedNames(offered);
    rising = [];
    const rise = (one: RelationStanza): void => {
      if (asked.has(one) || !isBroken(one) || !(offers.has(one) || offers.areIn(one, STRONG))) return;
      asked.add(one);
      rising.push(one);
    };
    await look(offers, "names", rise, broken());
    await look(offers, "needs", rise, broken());
  }
  if (asked.size > MOST_ASKED) return undefined;
  const wanted = new MentionedNames(new Set([...asked].flatMap((one) => namesIn(one, STRONG))));
  const around = new Set(asked);
  await look(wanted, "names", (one) => {
    if (wanted.has(one)) around.add(one);
  });
  await look(wanted, "provides", (one) => {
    if (wanted.areIn(one, PROVIDES)) around.add(one);
  });

  const reader = new RelationReader(architecture);
  // What the others need is met, or is not met as before: they are looked at for what they offer.
  for (const one of around) reader.add(one, asked.has(one));
  const universe = universeOf(
    reader.done(),
    Uint32Array.from({ length: around.size }, (_, position) => position),
  );
  const there = Uint8Array.from([...around], (one) => (asked.has(one) || !isBroken(one) ? 1 : 0));
  const { present } = collapse(universe, { present: there, mustHold: () => true, mayFall: () => true });
  const [standing, fallen] = [new Set<string>(), new Set<string>()];
  // First of all around are those that are asked.
  for (let stanza = 0; stanza < asked.size; stanza++) (present[stanza] === 1 ? standing : fallen).add(universe.nameOf(stanza));
  const wasPartly = new Set(before.partly);
  const isExpected = (name: string): boolean => wasBroken.has(name) || (standing.has(name) && (wasPartly.has(name) || changed.has(name)));
  if (![...fallen].every(isExpected)) return undefined;
  const stays = (name: string): boolean => !changed.has(name) && !standing.has(name) && !fallen.has(name);
  return {
    names: [...before.names.filter(stays), ...[...fallen].filter((name) => !standing.has(name))],
    partly: [...fallen].filter((name) => standing.has(name)),
  };
}
