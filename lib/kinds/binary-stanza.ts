/** What Packages of debs and of udebs have in common. */
import { pathFault } from "../archive/paths.ts";
import { isVersion } from "../archive/version.ts";
import { fieldText, type StanzaTable } from "../deb822/stanza-table.ts";
import { ARCHITECTURE, DIGEST, NAME, PATH, VERSION } from "./index-kind.ts";

export const BINARY_FIELDS = ["package", "version", "architecture", "source", "sha256", "filename", "size", "sha512"] as const;
const SIZE = 6;
const SHA512 = 7;

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
    return weakAllowed || fieldText(table, stanza, SHA512) !== undefined ? undefined : "it has neither SHA256 nor SHA512";
  }
  return /^[0-9a-fA-F]{64}$/.test(sha256) ? undefined : `its SHA256 is ${JSON.stringify(sha256)}, it must be 64 hexadecimal digits`;
}
