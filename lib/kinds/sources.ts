/** Sources: one stanza per source package, in `COMPONENT/source/`. The names in Files and Checksums-* are bare, below Directory. */
import { pathFault } from "../archive/paths.ts";
import { fieldText, type StanzaTable } from "../deb822/stanza-table.ts";
import { identityFault } from "./binary-stanza.ts";
import { DIGEST, type IndexKind, NAME, PATH, VERSION } from "./index-kind.ts";

const OWN_FIELDS = ["extra-source-only", "files", "checksums-sha1", "checksums-sha512"];
const EXTRA_SOURCE_ONLY = 6;
/** Clients join the lists: a file may stand in any one of them. */
const FILE_LISTS = [DIGEST, 7, 8, 9];

/** What nearly every line is; anything else is taken apart, to say what is wrong with it. */
const PLAIN_LINE = /^ *[0-9a-f]{32,128} [0-9]{1,15} [A-Za-z0-9][\w.+~-]{0,254}$/;

function sourceFault(table: StanzaTable, stanza: number): string | undefined {
  const identity = identityFault(fieldText(table, stanza, NAME), fieldText(table, stanza, VERSION));
  if (identity !== undefined) return identity;
  const directory = fieldText(table, stanza, PATH);
  if (directory !== undefined && directory !== "." && directory !== "./") {
    const fault = pathFault(directory);
    if (fault !== undefined) return `its Directory is ${JSON.stringify(directory)}: ${fault}`;
  }
  // Very old sources have Files alone, which is weak but real.
  const lists = FILE_LISTS.map((field) => fieldText(table, stanza, field));
  if (lists[0] === undefined && lists[1] === undefined) return "it has neither Checksums-Sha256 nor Files";
  for (const list of lists) {
    for (const line of (list ?? "").split("\n")) {
      if (line === "" || PLAIN_LINE.test(line)) continue;
      const parts = line.trim().split(/[ \t]+/);
      const name = parts[2];
      if (line.trim() === "") continue;
      if (parts.length !== 3 || name === undefined)
        return `it lists a file as ${JSON.stringify(line.trim())}, it must be digest, size and name`;
      if (name.includes("/") || pathFault(name) !== undefined) return `it lists the file ${JSON.stringify(name)}, it must be a bare name`;
    }
  }
  return undefined;
}

export const sources: IndexKind = {
  name: "sources",
  type: "source",
  fields: ["package", "version", "architecture", "source", "checksums-sha256", "directory", ...OWN_FIELDS],
  pathField: "Directory",
  perArchitecture: false,
  fileName: "Sources",
  folder: (component) => `${component}/source`,
  hasRelease: true,
  fault: sourceFault,
  aside: (table, stanza) => fieldText(table, stanza, EXTRA_SOURCE_ONLY)?.toLowerCase() === "yes",
};
