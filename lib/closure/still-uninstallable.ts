/**
 * What cannot be installed from an index, found out from what could not before and what changed since.
 *
 * A stanza that did not change, and whose relations name nothing that changed, can be installed if it could before: what met its relations is there as it
 * was. So only the relations of the others are read, where all those of a large archive take a second.
 */
import { FairTurns } from "../archive/fair-turns.ts";
import { collapse } from "./collapse.ts";
import { hashOfName, MentionedNames, namesIn } from "./mentioned-names.ts";
import type { RelationStanza } from "./relation-fields.ts";
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

/** Most stanzas whose relations are read: more are sooner looked through with all others, in a thread of their own. */
const MOST_ASKED = 20_000;

/** Most names that moved, what was provided included. */
const MOST_MOVED = 100_000;

/** Stanzas between two looks at the clock. */
const STRIDE = 512;

const PROVIDES = ["provides"] as const;
const OFFERS = ["package", "provides"] as const;
const NAMED = ["package", ...STRONG] as const;

/**
 * @param stanzas of the whole index as it is
 * @returns undefined when something is newly broken, or too much is in question
 * @throws MergeError INDEX_TOO_LARGE
 */
export async function stillUninstallable(
  stanzas: readonly RelationStanza[],
  architecture: string,
  before: Breakage,
  { changed, provided }: Since,
): Promise<Breakage | undefined> {
  if (changed.size + provided.size > MOST_MOVED) return undefined;
  const turns = new FairTurns();
  const each = async (see: (one: RelationStanza) => void): Promise<void> => {
    for (const [position, one] of stanzas.entries()) {
      see(one);
      if (position % STRIDE === 0 && turns.due) await turns.pass();
    }
  };
  // Whoever names what is partly broken may need the stanza that is, or the one that is not.
  const moved = new MentionedNames([...changed, ...before.partly]);
  const isBroken = new MentionedNames(before.names);
  const [own, broken]: [RelationStanza[], RelationStanza[]] = [[], []];
  await each((one) => {
    const hash = hashOfName(one);
    if (moved.has(one, hash)) own.push(one);
    if (isBroken.has(one, hash)) broken.push(one);
  });
  const touched = new MentionedNames([...changed, ...before.partly, ...provided, ...own.flatMap((one) => namesIn(one, PROVIDES))]);
  const asked = new Set(own);
  await each((one) => {
    if (touched.areIn(one, STRONG)) asked.add(one);
  });
  if (asked.size > MOST_ASKED) return undefined;
  // What was broken is mended by what changed, or by something mended: whoever names one that may be is asked, too.
  const rising = broken.filter((one) => asked.has(one));
  const naming = rising.length === 0 ? undefined : await byNames(broken, turns);
  for (const one of rising) {
    for (const name of namesIn(one, OFFERS)) {
      for (const other of naming?.get(name) ?? []) {
        if (asked.has(other)) continue;
        asked.add(other);
        rising.push(other);
      }
      // Once is enough, also for those that offer it, too.
      naming?.delete(name);
    }
    if (asked.size > MOST_ASKED) return undefined;
    if (turns.due) await turns.pass();
  }
  const wanted = new MentionedNames(new Set([...asked].flatMap((one) => namesIn(one, STRONG))));
  const around: RelationStanza[] = [];
  await each((one) => {
    if (wanted.has(one) || wanted.areIn(one, PROVIDES) || asked.has(one)) around.push(one);
  });

  const reader = new RelationReader(architecture);
  // What the others need is met, or is not met as before: they are looked at for what they offer.
  for (const one of around) reader.add(one, asked.has(one));
  const universe = universeOf(
    reader.done(),
    Uint32Array.from(around, (_, position) => position),
  );
  const there = Uint8Array.from(around, (one) => (asked.has(one) || !isBroken.has(one) ? 1 : 0));
  const { present } = collapse(universe, { present: there, mustHold: () => true, mayFall: () => true });
  const [standing, fallen] = [new Set<string>(), new Set<string>()];
  for (const [stanza, one] of around.entries()) {
    if (asked.has(one)) (present[stanza] === 1 ? standing : fallen).add(universe.nameOf(stanza));
  }
  const known = new Set(before.names);
  const wasPartly = new Set(before.partly);
  const isExpected = (name: string): boolean => known.has(name) || (standing.has(name) && (wasPartly.has(name) || changed.has(name)));
  if (![...fallen].every(isExpected)) return undefined;
  const stays = (name: string): boolean => !changed.has(name) && !standing.has(name) && !fallen.has(name);
  return {
    names: [...before.names.filter(stays), ...[...fallen].filter((name) => !standing.has(name))],
    partly: [...fallen].filter((name) => standing.has(name)),
  };
}

/** Of stanzas that cannot be installed: those that have a name or need it, as far as others of them offer it. */
async function byNames(stanzas: readonly RelationStanza[], turns: FairTurns): Promise<Map<string, RelationStanza[]>> {
  const naming = new Map<string, RelationStanza[]>();
  for (const one of stanzas) for (const name of namesIn(one, OFFERS)) naming.set(name, []);
  for (const [position, one] of stanzas.entries()) {
    for (const name of namesIn(one, NAMED)) naming.get(name)?.push(one);
    if (position % STRIDE === 0 && turns.due) await turns.pass();
  }
  return naming;
}
