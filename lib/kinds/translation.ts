/**
 * Translation-LANG: the long descriptions of packages, in `COMPONENT/i18n/`. An entry belongs to a package and to the digest of its English
 * description, so it fits whichever mirror's stanza names that digest: the first mirror that has it gives it.
 */
import { blocksOf, type NamedText } from "../archive/block.ts";
import { ALL, isLanguage } from "../archive/names.ts";
import { fieldText, scanStanzas } from "../deb822/stanza-table.ts";
import { problem } from "../errors.ts";
import type { FollowerFile, FollowerKind, FollowerOrder } from "./follower-kind.ts";
import { stanzaText } from "./stanza-text.ts";

const FIELDS = ["package", "description-md5"] as const;
const [NAME, MD5] = [0, 1];
/** About 45 kB. */
const NAMES_PER_BLOCK = 64;

export const translation: FollowerKind = {
  name: "translation",
  acrossComponents: true,
  codecs: () => undefined,
  unit: "stanza",
  files(component, { languages, listed }) {
    const prefix = `${component}/i18n/Translation-`;
    const offered = [...listed].filter((path) => path.startsWith(prefix)).map((path) => path.slice(prefix.length));
    return offered
      .filter((language) => isLanguage(language) && (languages === "all" || languages.includes(language)))
      .map((language): FollowerFile => {
        return { path: `${prefix}${language}`, merged: { name: `i18n/Translation-${language}`, type: "deb", architecture: ALL } };
      });
  },
  async *merge(order) {
    yield* blocksOf(await entriesOf(order), NAMES_PER_BLOCK);
  },
};

async function entriesOf({ inputs, winners, component, tell }: FollowerOrder): Promise<readonly NamedText[]> {
  const entries = new Map<string, NamedText>();
  for (const { whole, where } of inputs) {
    const table = scanStanzas(await whole(), FIELDS, where);
    let unreadable = 0;
    for (let stanza = 0; stanza < table.count; stanza++) {
      const [name, md5] = [fieldText(table, stanza, NAME), fieldText(table, stanza, MD5)];
      if (name === undefined || md5 === undefined || table.faults.has(stanza)) {
        unreadable++;
        continue;
      }
      const key = `${name} ${md5}`;
      if (winners.describes(component, name, md5) && !entries.has(key)) entries.set(key, { name, bytes: stanzaText(table, stanza) });
    }
    if (unreadable > 0) {
      const text = `Left ${unreadable} ${unreadable === 1 ? "entry" : "entries"} of ${where.file} of ${where.mirror}/${where.suite} out: they lack Package or Description-md5, or cannot be read`;
      tell(problem("warning", "ENTRIES_UNREADABLE", text, where));
    }
  }
  return [...entries].sort(([left], [right]) => (left < right ? -1 : 1)).map(([, entry]) => entry);
}
