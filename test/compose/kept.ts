/** Kept stanzas to compose, and indices large enough to have several blocks. */
import type { ComposedStanza } from "../../lib/compose/stanzas.ts";
import type { InputChanges } from "../merge/inputs.ts";
import { input } from "../merge/inputs.ts";

/** All stanzas of one input, in its order. */
export function keptOf(stanzas: readonly (Buffer | string)[], changes: InputChanges = {}): readonly ComposedStanza[] {
  const one = input("m", 0, stanzas, changes);
  return Array.from({ length: one.table.count }, (_, stanza) => ({ input: one, stanza }));
}

/** Names that sort, with stanzas that compress neither well nor badly. About 5 blocks in 5,000 names. */
export const manyStanzas = (count: number, marked = ""): readonly string[] =>
  Array.from({ length: count }, (_, i) => {
    const name = `package-${String(i).padStart(6, "0")}`;
    return `Package: ${name}${marked === name ? "\nX-Marked: yes" : ""}\nFilename: pool/main/p/${name}.deb\nSize: ${Math.imul(i, 0x9e3779b1) >>> 0}\n`;
  });

export const NO_EDITS = (): undefined => undefined;
