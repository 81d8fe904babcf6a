/**
 * Commands: which package a command that is not found is in, for command-not-found. `COMPONENT/cnf/Commands-ARCH`: a head stanza that names suite,
 * component and architecture, then one stanza per package.
 */
import { blocksOf, type NamedText } from "../archive/block.ts";
import { fieldText, scanStanzas } from "../deb822/stanza-table.ts";
import { problem } from "../errors.ts";
import type { FollowerFile, FollowerKind, FollowerOrder } from "./follower-kind.ts";
import { stanzaText } from "./stanza-text.ts";

const FIELDS = ["name", "version", "suite"] as const;
const [NAME, VERSION, SUITE] = [0, 1, 2];
/** A stanza has about 80 bytes. */
const NAMES_PER_BLOCK = 1024;

export const cnf: FollowerKind = {
  name: "cnf",
  acrossComponents: false,
  codecs: () => undefined,
  unit: undefined,
  files(component, { architectures, listed }) {
    return architectures.flatMap((architecture): readonly FollowerFile[] => {
      const name = `cnf/Commands-${architecture}`;
      const path = `${component}/${name}`;
      return listed.has(path) ? [{ path, merged: { name, type: "deb", architecture } }] : [];
    });
  },
  async *merge(order) {
    const { suite, component, merged } = order;
    const head = `suite: ${suite}\ncomponent: ${component}\narch: ${merged.architecture}\n\n`;
    yield* blocksOf([{ name: "", bytes: Buffer.from(head) }, ...(await entriesOf(order))], NAMES_PER_BLOCK);
  },
};

async function entriesOf({ inputs, winners, component, merged, tell }: FollowerOrder): Promise<readonly NamedText[]> {
  const entries = new Map<string, NamedText>();
  for (const { whole, where, rank } of inputs) {
    const table = scanStanzas(await whole(), FIELDS, where);
    let unreadable = 0;
    for (let stanza = 0; stanza < table.count; stanza++) {
      const name = fieldText(table, stanza, NAME);
      // The head: ours comes in its place.
      if (name === undefined && fieldText(table, stanza, SUITE) !== undefined) continue;
      if (name === undefined || table.faults.has(stanza)) {
        unreadable++;
        continue;
      }
      if (!winners.has("deb", merged.architecture, component, name, rank)) continue;
      // A mirror that has a name several times has several versions of it.
      const key = `${name} ${fieldText(table, stanza, VERSION) ?? ""}`;
      if (!entries.has(key)) entries.set(key, { name, bytes: stanzaText(table, stanza) });
    }
    if (unreadable > 0) {
      const text = `Left ${unreadable} ${unreadable === 1 ? "entry" : "entries"} of ${where.file} of ${where.mirror}/${where.suite} out: they lack name, or cannot be read`;
      tell(problem("warning", "ENTRIES_UNREADABLE", text, where));
    }
  }
  return [...entries].sort(([left], [right]) => (left < right ? -1 : 1)).map(([, entry]) => entry);
}
