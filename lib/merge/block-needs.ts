/**
 * What kept binaries need of Sources, as text, block by block of their index. It follows from the stanzas of a block, so that of one that stayed need not
 * be collected again.
 */
import type { MirrorName } from "../archive/names.ts";
import { fieldText } from "../deb822/stanza-table.ts";
import { NAME } from "../kinds/index-kind.ts";
import type { Kept } from "./candidate.ts";
import { eachNeed, type NeededSources, noNeeds, usedSources } from "./needed-sources.ts";

/** What is built from sources, and what has parts of some: key, mirror, binary, and of the latter the field, one behind the other. */
type EncodedNeeds = readonly [built: readonly string[], using: readonly string[]];

/** One line. Equal stanzas of the same mirrors are equal bytes. */
export function needsOfBlock(kept: readonly Kept[]): Buffer {
  const [built, using] = [once(), once()];
  eachNeed(kept, {
    built: (key, one) => built.add(key, one),
    using: (key, one, field) => using.add(key, one, field),
  });
  const needs: EncodedNeeds = [built.all, using.all];
  return Buffer.from(`${JSON.stringify(needs)}\n`);
}

/** The first that needs a source stands for it. */
function once(): { readonly all: readonly string[]; add(key: string, one: Kept, ...more: readonly string[]): void } {
  const keys = new Set<string>();
  const all: string[] = [];
  return {
    all,
    add(key, { input, stanza }, ...more) {
      if (keys.has(key)) return;
      keys.add(key);
      all.push(key, input.mirror, nameIn(input, stanza), ...more);
    },
  };
}

const nameIn = ({ table }: Kept["input"], stanza: number): string => fieldText(table, stanza, NAME) ?? "";

/**
 * What needs of a block follow from beside its text: the mirrors of its stanzas, and what they said of sources where the text may say something else.
 *
 * @param edited stanzas of which the text has anything else than their mirror gave
 */
export function beyondText(kept: readonly Kept[], edited: ReadonlySet<Kept>): string {
  const found: string[] = [];
  let [mirror, count]: [MirrorName | undefined, number] = [undefined, 0];
  for (const [position, one] of kept.entries()) {
    if (one.input.mirror !== mirror) {
      if (mirror !== undefined) found.push(`${mirror}*${count}`);
      [mirror, count] = [one.input.mirror, 0];
    }
    count++;
    // Also when it said nothing: what an override put into the text is no need.
    if (edited.size > 0 && edited.has(one)) found.push(JSON.stringify([position, usedSources(one)]));
  }
  return [...found, `${mirror}*${count}`].join(" ");
}

/** @param bytes lines of `needsOfBlock` @param architecture of the index */
export function decodeNeeds(bytes: Buffer, architecture: string): NeededSources {
  const needed = noNeeds();
  for (const line of bytes.toString("utf8").split("\n")) {
    if (line === "") continue;
    const [built, using] = JSON.parse(line) as EncodedNeeds;
    for (let at = 0; at < built.length; at += 3) {
      const [key, mirror, binary] = built.slice(at, at + 3) as [string, MirrorName, string];
      if (!needed.built.has(key)) needed.built.set(key, { mirror, binary, architecture });
    }
    for (let at = 0; at < using.length; at += 4) {
      const [key, mirror, binary, field] = using.slice(at, at + 4) as [string, MirrorName, string, string];
      if (!needed.using.has(key)) needed.using.set(key, { mirror, binary, architecture, field });
    }
  }
  return needed;
}
