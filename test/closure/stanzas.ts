/** Stanzas of one architecture in a few words: `a (1): b | c (>= 2), d` needs, `a provides v (= 1)` offers. */
import assert from "node:assert/strict";
import { RELATION_FIELDS, type RelationStanza, WEAK_FIELDS } from "../../lib/closure/relation-fields.ts";
import { mentionsOf, type RelationBlock } from "../../lib/closure/still-uninstallable.ts";
import { scanStanzas } from "../../lib/deb822/stanza-table.ts";

export interface Written {
  readonly name: string;
  readonly version?: string;
  readonly depends?: string;
  readonly preDepends?: string;
  readonly provides?: string;
  readonly recommends?: string;
  readonly suggests?: string;
  readonly multiArch?: string;
}

export const p = (name: string, depends = "", more: Omit<Written, "name" | "depends"> = {}): Written => ({ name, depends, ...more });

export function stanzas(...written: readonly Written[]): readonly RelationStanza[] {
  const text = written.map(({ name, version = "1", ...one }) =>
    [
      `Package: ${name}`,
      `Version: ${version}`,
      ...line("Pre-Depends", one.preDepends),
      ...line("Depends", one.depends),
      ...line("Provides", one.provides),
      ...line("Recommends", one.recommends),
      ...line("Suggests", one.suggests),
      ...line("Multi-Arch", one.multiArch),
    ].join("\n"),
  );
  const table = scanStanzas(Buffer.from(`${text.join("\n\n")}\n`), ["package", "version", ...RELATION_FIELDS, ...WEAK_FIELDS], {});
  return written.map((_, stanza) => ({ table, stanza }));
}

/** As blocks of so many stanzas. */
export function blocksOf(all: readonly RelationStanza[], each: number): readonly RelationBlock[] {
  return Array.from({ length: Math.ceil(all.length / each) }, (_, position) => {
    const own = all.slice(position * each, (position + 1) * each);
    return { mentions: mentionsOf(own), stanza: (place) => own[place] ?? assert.fail(`there is no stanza ${place}`) };
  });
}

const line = (field: string, value: string | undefined): readonly string[] =>
  value === undefined || value === "" ? [] : [`${field}: ${value}`];
