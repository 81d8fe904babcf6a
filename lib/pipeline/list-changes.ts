/** Lists what changes in one merged index, stanza by stanza: of the text around what changed, or of all of it where that is not known. */
import type { Block } from "../archive/block.ts";
import type { ChangeListener } from "../archive/block-changes.ts";
import { namesIn } from "../closure/mentioned-names.ts";
import type { StanzaObserver } from "../compose/stanzas.ts";
import { fieldText, OWN_LIMITS, type StanzaTable, scanStanzas } from "../deb822/stanza-table.ts";
import { type NewStanza, type StanzaChange, walkDelta } from "../delta/stanza-delta.ts";
import { MergeError } from "../errors.ts";
import { DIGEST, type IndexKind, NAME, VERSION } from "../kinds/index-kind.ts";
import type { Kept } from "../merge/candidate.ts";
import { sourceOf } from "../merge/needed-sources.ts";
import type { MovedNames } from "./movements.ts";

export interface ChangeList extends ChangeListener {
  /** Takes note of where the stanzas of each block stand among the kept ones. */
  counted(blocks: Iterable<Block>): Iterable<Block>;
  /** Stanzas of a block. */
  keptIn(position: number): readonly Kept[];
  /** All stanzas, as those of an index that there was not before. */
  allAdded(): readonly StanzaChange[];
  /** Of binaries, once all was told that changed; undefined when it cannot be said. */
  moved(): MovedNames | undefined;
  /**
   * All changes, in order of names.
   *
   * @param told whether all was told that changed
   * @param old the last generation's index, undefined when it had none: asked for when it was not
   */
  finish(told: boolean, old: () => Promise<StanzaTable | undefined>): Promise<readonly StanzaChange[]>;
}

/**
 * @param kept stanzas of the index, in order
 * @param mirrorOf the mirror that a path of the last generation belongs to
 * @param compose the text of the kept stanzas once more
 */
export function listChanges(
  kind: IndexKind,
  kept: readonly Kept[],
  mirrorOf: (path: string) => string,
  compose: (observe: StanzaObserver<Kept>) => Iterable<Block>,
): ChangeList {
  const starts: number[] = [0];
  const found: StanzaChange[] = [];
  const provided = new Set<string>();
  /** Whether the composed text could not be read again as the stanzas that it was made of. */
  let odd = false;
  const allAdded = (): readonly StanzaChange[] => {
    const walk = walkDelta(undefined, mirrorOf);
    for (const one of kept) walk.see(nameOf(one), nothing, () => factsOf(one));
    return walk.finish();
  };
  return {
    *counted(blocks) {
      for (const block of blocks) {
        starts.push((starts.at(-1) ?? 0) + block.stanzas);
        yield block;
      }
    },
    keptIn: (position) => kept.slice(starts[position], starts[position + 1]),
    same: () => {},
    // Indices are sorted by name and a block never ends inside of one, so what lies between two blocks that stayed holds all of its names.
    changed(before, after, from, until) {
      const [old, fresh] = [scanOwn(kind, before), scanOwn(kind, after)];
      const own = kept.slice(starts[from], starts[until]);
      if (old === undefined || fresh?.count !== own.length) {
        odd = true;
        return;
      }
      const walk = walkDelta(old, mirrorOf);
      for (const [stanza, one] of own.entries()) {
        const text = (): Buffer => after.subarray(fresh.starts[stanza], fresh.ends[stanza]);
        walk.see(nameOf(one), text, () => factsOf(one));
      }
      const all = walk.finish();
      // One by one: all at once could be more arguments than there may be.
      for (const one of all) found.push(one);
      if (kind.type === "deb") noteProvided(old, new Set(all.map(({ name }) => name)), provided);
    },
    allAdded,
    moved: () => (odd ? undefined : { changed: found.map(({ name }) => name), provided }),
    async finish(told, old) {
      if (told && !odd) return found;
      const table = await old();
      if (table === undefined) return allAdded();
      const walk = walkDelta(table, mirrorOf);
      for (const block of compose((one, name, bytes) => walk.see(name, bytes, () => factsOf(one)))) block.release();
      return walk.finish();
    },
  };
}

/** Undefined for what a version wrote that allowed more: what changed in it cannot be told so, which must not stop a run. */
function scanOwn(kind: IndexKind, text: Buffer): StanzaTable | undefined {
  try {
    return scanStanzas(text, [...kind.fields, ...PROVIDES], { mirror: "our own tree", file: kind.fileName }, OWN_LIMITS);
  } catch (error) {
    if (!(error instanceof MergeError)) throw error;
    return undefined;
  }
}

const PROVIDES = ["provides"] as const;

/** Adds what the stanzas with these names provide. */
function noteProvided(table: StanzaTable, names: ReadonlySet<string>, provided: Set<string>): void {
  if (names.size === 0) return;
  for (let stanza = 0; stanza < table.count; stanza++) {
    if (!names.has(fieldText(table, stanza, NAME) ?? "")) continue;
    for (const name of namesIn({ table, stanza }, PROVIDES)) provided.add(name);
  }
}

const nothing = (): Buffer => Buffer.alloc(0);

const nameOf = ({ input, stanza }: Kept): string => fieldText(input.table, stanza, NAME) ?? "";

function factsOf(one: Kept): NewStanza {
  const text = (field: number): string => fieldText(one.input.table, one.stanza, field) ?? "";
  return { version: text(VERSION), digest: text(DIGEST), mirror: one.input.mirror, source: sourceOf(one).name };
}
