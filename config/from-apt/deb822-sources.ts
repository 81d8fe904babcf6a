/**
 * The deb822 form of apt sources: stanzas with Types, URIs, Suites, Components and options.
 *
 * @see sources.list(5), "DEB822-STYLE FORMAT"
 */
import { MergeError, type Problem } from "../../lib/errors.ts";
import { type AptDefaults, type AptEntry, type Place, type ReadSources, skipped } from "./entry.ts";
import { makeEntries } from "./make-entries.ts";
import { truth } from "./options.ts";
import { readStanza } from "./stanza.ts";

export function readDeb822(text: string, file: string, defaults: AptDefaults): ReadSources {
  const entries: AptEntry[] = [];
  const problems: Problem[] = [];
  for (const { lines, line } of splitStanzas(text)) {
    const place: Place = { file, line };
    try {
      const read = readOne(readStanza(lines), place, defaults);
      entries.push(...read.entries);
      problems.push(...read.problems);
    } catch (error) {
      if (!(error instanceof MergeError)) throw error;
      problems.push(skipped(place, error.message, "it must give Types, URIs, Suites and Components"));
    }
  }
  return { entries, problems };
}

/** Comments go, also between the lines of one field: they end neither field nor stanza. */
function splitStanzas(text: string): { lines: string[]; line: number }[] {
  const stanzas: { lines: string[]; line: number }[] = [];
  let open = false;
  for (const [position, raw] of text.split("\n").entries()) {
    const line = raw.trimEnd();
    if (line.startsWith("#")) continue;
    if (line === "") open = false;
    else if (open) stanzas.at(-1)?.lines.push(line);
    else {
      stanzas.push({ lines: [line], line: position + 1 });
      open = true;
    }
  }
  return stanzas;
}

const words = (text: string | undefined): string[] => (text ?? "").split(/\s+/).filter((word) => word !== "");

function readOne(fields: ReadonlyMap<string, string>, place: Place, defaults: AptDefaults): ReadSources {
  if (!truth(fields.get("enabled"), true)) return { entries: [], problems: [] };
  const [types, uris, suites] = [words(fields.get("types")), words(fields.get("uris")), words(fields.get("suites"))];
  for (const [name, list] of [
    ["Types", types],
    ["URIs", uris],
    ["Suites", suites],
  ] as const) {
    if (list.length === 0) throw new MergeError("CONFIG_INVALID", `it has no ${name}`);
  }
  return makeEntries({ types, uris, suites, components: words(fields.get("components")), options: fields, place }, defaults);
}
