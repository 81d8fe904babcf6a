/** What Packages of debs and of udebs have in common. */
import { pathFault } from "../archive/paths.ts";
import { isRelation, MAX_KEPT_BYTES, PARSED_RELATIONS } from "../archive/relation-syntax.ts";
import { isVersion } from "../archive/version.ts";
import { byteClass, fieldBytes, firstByte, isAllOf } from "../deb822/field-bytes.ts";
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
const PROVIDES = BINARY_FIELDS.indexOf("provides");

const [SHA256_DIGITS, MD5_DIGITS, MAX_SIZE_DIGITS, MAX_PLAIN_PATH] = [64, 32, 15, 255];
const [HYPHEN, DOT] = [0x2d, 0x2e];

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
  return (isPlain(table, stanza) ? undefined : identifyingFault(table, stanza, weakAllowed)) ?? unreadableFault(table, stanza);
}

const LETTERS = byteClass("azAZ");
const ALNUM = byteClass("azAZ09");
const DIGITS = byteClass("09");
const HEX = byteClass("09afAF");
const NAME_BYTES = byteClass("azAZ09++..__--");
const VERSION_BYTES = byteClass("azAZ09..++~~");
const PATH_BYTES = byteClass("azAZ09++__--~~//..");

/** What nearly every stanza is; any other is taken apart, to say what is wrong with it. */
function isPlain(table: StanzaTable, stanza: number): boolean {
  return (
    isAllOf(table, stanza, NAME, NAME_BYTES) &&
    ALNUM[firstByte(table, stanza, NAME)] === 1 &&
    isPlainVersion(table, stanza) &&
    isAllOf(table, stanza, ARCHITECTURE, ALNUM) &&
    isPlainPath(table, stanza) &&
    isAllOf(table, stanza, SIZE, DIGITS) &&
    fieldBytes(table, stanza, SIZE) <= MAX_SIZE_DIGITS &&
    isAllOf(table, stanza, DIGEST, HEX) &&
    fieldBytes(table, stanza, DIGEST) === SHA256_DIGITS
  );
}

/** Without an epoch, and with at most one hyphen, which is neither first nor last. */
function isPlainVersion({ bytes, fields, spans }: StanzaTable, stanza: number): boolean {
  const at = (stanza * fields.length + VERSION) * 2;
  const [start, end] = [spans[at] ?? 0, spans[at + 1] ?? 0];
  let hyphens = 0;
  for (let i = start; i < end; i++) {
    if (VERSION_BYTES[bytes[i] ?? 0] === 1) continue;
    if (bytes[i] !== HYPHEN || i === start || i === end - 1 || ++hyphens > 1) return false;
  }
  return end > start;
}

/** Begins with a letter and climbs nowhere. */
function isPlainPath(table: StanzaTable, stanza: number): boolean {
  if (!isAllOf(table, stanza, PATH, PATH_BYTES) || fieldBytes(table, stanza, PATH) > MAX_PLAIN_PATH) return false;
  if (LETTERS[firstByte(table, stanza, PATH)] !== 1) return false;
  const { bytes, fields, spans } = table;
  const at = (stanza * fields.length + PATH) * 2;
  for (let i = (spans[at] ?? 0) + 1, end = spans[at + 1] ?? 0; i < end; i++) if (bytes[i] === DOT && bytes[i - 1] === DOT) return false;
  return true;
}

function identifyingFault(table: StanzaTable, stanza: number, weakAllowed: boolean): string | undefined {
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
  return undefined;
}

/** One stanza with what apt cannot read costs its clients all their indices: it says so and stops. */
function unreadableFault(table: StanzaTable, stanza: number): string | undefined {
  const bytes = (table.ends[stanza] ?? 0) - (table.starts[stanza] ?? 0);
  if (bytes > MAX_STANZA_BYTES) return `it has ${bytes} bytes, apt reads at most ${MAX_STANZA_BYTES}`;
  for (const field of KEPT_TEXTS) {
    const length = fieldBytes(table, stanza, field);
    if (length > MAX_KEPT_BYTES) return `its ${OWN_FIELDS[field]} has ${length} bytes, which apt cannot read`;
  }
  const digits = fieldBytes(table, stanza, DESCRIPTION_DIGEST);
  if (digits !== 0 && (digits !== MD5_DIGITS || !isAllOf(table, stanza, DESCRIPTION_DIGEST, HEX))) {
    const description = fieldText(table, stanza, DESCRIPTION_DIGEST);
    return `its Description-md5 is ${JSON.stringify(description)}, it must be 32 hexadecimal digits`;
  }
  for (let field = OWN_FIELDS.length; field < BINARY_FIELDS.length; field++) {
    const at = (stanza * table.fields.length + field) * 2;
    const start = table.spans[at] ?? 0;
    const end = table.spans[at + 1] ?? 0;
    if (end === 0) continue;
    const sound = start === end ? field !== PROVIDES : isRelation(table.bytes, start, end);
    if (!sound) {
      return `its ${BINARY_FIELDS[field]} is ${JSON.stringify(fieldText(table, stanza, field)?.slice(0, 200))}, which apt cannot read`;
    }
  }
  return undefined;
}
