/** What Packages of debs and of udebs have in common. */
import { pathFault } from "../archive/paths.ts";
import { isRelation, MAX_KEPT_BYTES, PARSED_RELATIONS } from "../archive/relation-syntax.ts";
import { isVersion } from "../archive/version.ts";
import { fieldText, type StanzaTable } from "../deb822/stanza-table.ts";
import { ARCHITECTURE, DIGEST, NAME, PATH, SOURCE_FIELD, VERSION } from "./index-kind.ts";

const OWN_FIELDS = [
  "package",
  "version",
  "architecture",
  "source",
  "sha256",
  "filename",
  "size",
  "sha512",
  "description-md5",
  "section",
] as const;
const SIZE = 6;
const SHA512 = 7;
const DESCRIPTION_DIGEST = 8;
/** Texts that apt keeps for each package. */
const KEPT_TEXTS = [NAME, VERSION, ARCHITECTURE, SOURCE_FIELD, OWN_FIELDS.indexOf("section")];
/** apt 2.6 reads a stanza in a buffer that grows to 1 MiB; of an index with a longer one it sees no package at all. */
const MAX_STANZA_BYTES = 1_000_000;
export const BINARY_FIELDS = [...OWN_FIELDS, ...PARSED_RELATIONS] as const;

/** ASCII, as dpkg reads names; what looks like a letter but is none is refused. */
const PACKAGE_NAME = /^[A-Za-z0-9][A-Za-z0-9+._-]*$/;

/** Faults that every kind shares: the name and the version. */
export function identityFault(name: string | undefined, version: string | undefined): string | undefined {
  if (name === undefined) return "it has no Package field";
  if (!PACKAGE_NAME.test(name)) return `its Package is ${JSON.stringify(name)}, it must be letters, digits and + . _ -`;
  if (version === undefined) return "it has no Version field";
  if (!isVersion(version)) return `its Version is ${JSON.stringify(version)}, it must be a Debian version`;
  return undefined;
}

export function binaryFault(table: StanzaTable, stanza: number, weakAllowed: boolean): string | undefined {
  const identity = identityFault(fieldText(table, stanza, NAME), fieldText(table, stanza, VERSION));
  if (identity !== undefined) return identity;
  if (fieldText(table, stanza, ARCHITECTURE) === undefined) return "it has no Architecture field";
  const path = fieldText(table, stanza, PATH);
  if (path === undefined) return "it has no Filename field";
  const fault = pathFault(path);
  if (fault !== undefined) return `its Filename is ${JSON.stringify(path)}: ${fault}`;
  const size = fieldText(table, stanza, SIZE);
  if (size === undefined || !/^[0-9]{1,15}$/.test(size)) return `its Size is ${JSON.stringify(size ?? "")}, it must be digits`;
  const sha256 = fieldText(table, stanza, DIGEST);
  if (sha256 === undefined) {
    if (!weakAllowed && fieldText(table, stanza, SHA512) === undefined) return "it has neither SHA256 nor SHA512";
  } else if (!/^[0-9a-fA-F]{64}$/.test(sha256)) {
    return `its SHA256 is ${JSON.stringify(sha256)}, it must be 64 hexadecimal digits`;
  }
  return unreadableFault(table, stanza);
}

/** One stanza with what apt cannot read costs its clients all their indices: it says so and stops. */
function unreadableFault(table: StanzaTable, stanza: number): string | undefined {
  const bytes = (table.ends[stanza] ?? 0) - (table.starts[stanza] ?? 0);
  if (bytes > MAX_STANZA_BYTES) return `it has ${bytes} bytes, apt reads at most ${MAX_STANZA_BYTES}`;
  for (const field of KEPT_TEXTS) {
    const at = (stanza * table.fields.length + field) * 2;
    const length = (table.spans[at + 1] ?? 0) - (table.spans[at] ?? 0);
    if (length > MAX_KEPT_BYTES) return `its ${OWN_FIELDS[field]} has ${length} bytes, which apt cannot read`;
  }
  const description = fieldText(table, stanza, DESCRIPTION_DIGEST);
  if (description !== undefined && !/^(?:[0-9a-fA-F]{32})?$/.test(description)) {
    return `its Description-md5 is ${JSON.stringify(description)}, it must be 32 hexadecimal digits`;
  }
  for (const [position, name] of PARSED_RELATIONS.entries()) {
    const field = OWN_FIELDS.length + position;
    const at = (stanza * table.fields.length + field) * 2;
    const [start = 0, end = 0] = [table.spans[at], table.spans[at + 1]];
    if (end === 0) continue;
    const sound = start === end ? name !== "provides" : isRelation(table.bytes, start, end);
    if (!sound) return `its ${name} is ${JSON.stringify(fieldText(table, stanza, field)?.slice(0, 200))}, which apt cannot read`;
  }
  return undefined;
}
