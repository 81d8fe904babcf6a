/**
 * A Release file: fields and the list of index files with their digests. Pure parsing; whether it may be believed is decided in lib/verify.
 *
 * The order of the digest sections is free, SHA512 may follow SHA256, a path may be missing from one of them. Entries are joined by path and
 * only SHA256 counts; with weak digests allowed, entries may carry none (see `weak`).
 */
import { MergeError, type Where } from "../errors.ts";
import { type IndexPath, parseIndexPath, parseSha256, type Sha256 } from "./names.ts";

/** One file that a Release lists. */
export interface FileEntry {
  readonly path: IndexPath;
  readonly bytes: number;
  /** Undefined only when the Release lists the file with weak digests alone. */
  readonly sha256: Sha256 | undefined;
  /** SHA1 or MD5 digest, lower-case hexadecimal, kept for archives with `allow-weak`. */
  readonly weak: string | undefined;
}

export interface Release {
  /** Field name in lower case to value; continuation lines joined by newline. Digest sections are not among them. */
  readonly fields: ReadonlyMap<string, string>;
  readonly entries: ReadonlyMap<IndexPath, FileEntry>;
}

/** A map: field names are upstream's, and an object would have one named `constructor`. */
const DIGEST_LENGTHS: ReadonlyMap<string, number> = new Map(Object.entries({ md5sum: 32, sha1: 40, sha256: 64, sha512: 128 }));

/** Most lines a Release may have; sid has about 4,000. */
const MAX_RELEASE_LINES = 1_000_000;

/** Largest size that a listed file may claim, in bytes. */
const MAX_LISTED_BYTES = 2 ** 45;

/**
 * Parses the text of a Release. Hostile until its signature was verified: called on signed text only, but it does not rely on that.
 *
 * @throws MergeError RELEASE_MALFORMED when it is no single stanza, or lists one file with two digests
 */
export function parseRelease(text: Uint8Array, where: Where): Release {
  const malformed: (found: string, wanted: string) => never = (found, wanted) => {
    throw new MergeError("RELEASE_MALFORMED", `Cannot read Release of ${where.mirror}/${where.suite}: ${found}, ${wanted}`, where);
  };
  const lines = Buffer.from(text.buffer, text.byteOffset, text.byteLength).toString("utf8").split("\n");
  if (lines.length > MAX_RELEASE_LINES) malformed(`it has ${lines.length} lines`, `at most ${MAX_RELEASE_LINES} are read`);

  const fields = new Map<string, string>();
  const found = new Map<string, { bytes: number; md5sum?: string; sha1?: string; sha256?: string }>();
  let field: string | undefined;
  let ended = false;
  for (const [position, raw] of lines.entries()) {
    const line = raw.endsWith("\r") ? raw.slice(0, -1) : raw;
    if (line.trim() === "") {
      ended = fields.size > 0;
      continue;
    }
    if (ended) malformed(`line ${position + 1} starts a second stanza`, "it must be one stanza");
    if (line.startsWith(" ") || line.startsWith("\t")) {
      if (field === undefined) malformed(`line ${position + 1} continues no field`, "a field must come first");
      const section = DIGEST_LENGTHS.get(field);
      if (section === undefined) fields.set(field, `${fields.get(field)}\n${line.slice(1)}`);
      else readEntry(field, section, line, position);
      continue;
    }
    const colon = line.indexOf(":");
    if (colon <= 0) malformed(`line ${position + 1} has no field name`, 'it must be "Name: value"');
    field = line.slice(0, colon).toLowerCase();
    if (fields.has(field)) malformed(`field "${line.slice(0, colon)}" stands there twice`, "each may stand once");
    fields.set(field, line.slice(colon + 1).trim());
  }
  for (const section of DIGEST_LENGTHS.keys()) fields.delete(section);

  const entries = new Map<IndexPath, FileEntry>();
  for (const [name, entry] of found) {
    // A name that is no plain relative path is never asked for, so it cannot harm: it is left out.
    const path = parseIndexPath(name);
    if (path === undefined) continue;
    const sha256 = entry.sha256 === undefined ? undefined : parseSha256(entry.sha256);
    entries.set(path, { path, bytes: entry.bytes, sha256, weak: entry.sha1 ?? entry.md5sum });
  }
  return { fields, entries };

  function readEntry(section: string, digits: number, line: string, position: number): void {
    const [digest, size, name, ...rest] = line.trim().split(/[ \t]+/);
    if (digest === undefined || size === undefined || name === undefined || rest.length > 0) {
      malformed(`line ${position + 1} is "${line.trim()}"`, 'it must be "digest size path"');
    }
    if (!/^[0-9]{1,15}$/.test(size) || Number(size) > MAX_LISTED_BYTES) {
      malformed(`line ${position + 1} gives "${name}" the size "${size}"`, `it must be digits up to ${MAX_LISTED_BYTES}`);
    }
    if (digest.length !== digits || !/^[0-9a-fA-F]+$/.test(digest)) {
      malformed(`line ${position + 1} gives "${name}" the digest "${digest}"`, `it must be ${digits} hexadecimal digits`);
    }
    const bytes = Number(size);
    const known = found.get(name);
    const lower = digest.toLowerCase();
    if (known === undefined) {
      found.set(name, { bytes, [section]: lower });
      return;
    }
    const before = known[section as "sha256"];
    if (known.bytes !== bytes || (before !== undefined && before !== lower)) {
      malformed(`"${name}" is listed twice, with other sizes or digests`, "one file must have one digest");
    }
    known[section as "sha256"] = lower;
  }
}

/** Words of a field such as Architectures or Components. */
export function words(release: Release, field: string): readonly string[] {
  return (release.fields.get(field.toLowerCase()) ?? "").split(/\s+/).filter((word) => word !== "");
}
