/** Looks into the indices of a published suite: what is compressed, whether every stanza may be used, whether each binary has its source. */
import { createHash } from "node:crypto";
import type { FileEntry } from "../archive/release.ts";
import { compareVersions } from "../archive/version.ts";
import { fieldText, OWN_LIMITS, type StanzaTable, scanStanzas } from "../deb822/stanza-table.ts";
import { MergeError, type Problem, problem, type Where } from "../errors.ts";
import { ARCHITECTURE, type IndexKind, NAME, SOURCE_FIELD, VERSION } from "../kinds/index-kind.ts";
import { readIndexPath } from "../kinds/registry.ts";
import type { Codec, Compressor, Folder } from "../ports.ts";
import type { PublishedSuite } from "./published-suite.ts";

export interface IndexCount {
  readonly path: string;
  /** Undefined for a file that follows the packages. */
  readonly stanzas: number | undefined;
}

/** @throws MergeError TREE_UNSOUND, INDEX_MALFORMED */
export async function verifyPublishedIndices(
  dists: Folder,
  suite: string,
  published: PublishedSuite,
  compressor: Compressor,
): Promise<{ readonly indices: readonly IndexCount[]; readonly problems: readonly Problem[] }> {
  const where: Where = { mirror: "published tree", suite };
  const indices: IndexCount[] = [];
  const sources = new Set<string>();
  const needed = new Map<string, string>();
  for (const entry of published.release.entries.values()) {
    const kind = readIndexPath(entry.path)?.kind;
    const at = { ...where, file: entry.path };
    let table: StanzaTable | undefined;
    let seen = false;
    for (const codec of ["gz", "xz"] as const) {
      const file = published.files.has(`${entry.path}.${codec}`) ? await dists.read(`${suite}/${entry.path}.${codec}`) : undefined;
      if (file === undefined) continue;
      const text = await provenText(dists, file, codec, entry, kind !== undefined && table === undefined, suite, compressor);
      seen = true;
      if (kind !== undefined && text !== undefined) table = scanStanzas(text, kind.fields, at, OWN_LIMITS);
    }
    if (seen && kind === undefined) indices.push({ path: entry.path, stanzas: undefined });
    if (table === undefined || kind === undefined) continue;
    checkStanzas(kind, table, at);
    indices.push({ path: entry.path, stanzas: table.count });
    for (let stanza = 0; stanza < table.count; stanza++) {
      const [name, version] = [fieldText(table, stanza, NAME) ?? "", fieldText(table, stanza, VERSION) ?? ""];
      if (kind.type === "source") sources.add(`${name} ${version}`);
      else needed.set(sourceKey(fieldText(table, stanza, SOURCE_FIELD), name, version), name);
    }
  }
  return { indices, problems: sources.size === 0 ? [] : withoutSource(needed, sources, where) };
}

/**
 * Proves that a compressed file holds what the Release lists for the index.
 *
 * @param kept whether the text is wanted: a Contents is too large to be held for nothing
 * @throws MergeError TREE_UNSOUND
 */
async function provenText(
  dists: Folder,
  file: Buffer,
  codec: Codec,
  entry: FileEntry,
  kept: boolean,
  suite: string,
  compressor: Compressor,
): Promise<Buffer | undefined> {
  const digest = createHash("sha256");
  const pieces: Buffer[] = [];
  let bytes = 0;
  let found = "it holds other bytes";
  const stream = compressor.decompressing(file, codec, entry.bytes);
  for (;;) {
    const next = await stream.next();
    if (next.done === true) {
      if (next.value.kind === "damaged") found = next.value.because;
      else if (next.value.kind === "ended" && bytes === entry.bytes && digest.digest("hex") === entry.sha256)
        return kept ? Buffer.concat(pieces, bytes) : undefined;
      break;
    }
    bytes += next.value.length;
    if (bytes > entry.bytes) break;
    digest.update(next.value);
    if (kept) pieces.push(next.value);
  }
  await stream.return({ kind: "ended" });
  const text = `Cannot vouch for ${dists.root}/${suite}/${entry.path}.${codec}: ${found}, it must hold the ${entry.bytes} bytes that Release lists as ${entry.path}`;
  throw new MergeError("TREE_UNSOUND", text, { mirror: "published tree", suite, file: entry.path });
}

function checkStanzas(kind: IndexKind, table: StanzaTable, where: Where): void {
  const unsound = (what: string, found: string): MergeError =>
    new MergeError("TREE_UNSOUND", `Cannot vouch for ${what} in ${where.suite} ${where.file}: ${found}`, where);
  let last: Identity | undefined;
  for (let stanza = 0; stanza < table.count; stanza++) {
    const fault = table.faults.get(stanza) ?? kind.fault(table, stanza, true);
    const [name, version] = [fieldText(table, stanza, NAME) ?? "", fieldText(table, stanza, VERSION) ?? ""];
    if (fault !== undefined) throw unsound(`the stanza of "${name}"`, fault);
    // What a source can be built for is no part of its identity.
    const architecture = kind.type === "source" ? "" : (fieldText(table, stanza, ARCHITECTURE) ?? "");
    const order = last === undefined ? -1 : compareIdentities(last, { name, version, architecture });
    const own = `"${name}" ${version}${architecture === "" ? "" : ` ${architecture}`}`;
    if (order > 0) throw unsound(own, `it stands after "${last?.name}" ${last?.version} ${last?.architecture}, stanzas must be sorted`);
    if (order === 0) throw unsound(own, "it is there twice, one name, version and architecture must mean one stanza");
    last = { name, version, architecture };
  }
}

interface Identity {
  readonly name: string;
  readonly version: string;
  readonly architecture: string;
}

/** The order of stanzas in an index. Versions that are written otherwise and equal by Debian's rule have no order among themselves. */
function compareIdentities(left: Identity, right: Identity): number {
  if (left.name !== right.name) return left.name < right.name ? -1 : 1;
  const versions = compareVersions(left.version, right.version);
  if (versions !== 0) return versions;
  if (left.version !== right.version) return -1;
  return left.architecture === right.architecture ? 0 : left.architecture < right.architecture ? -1 : 1;
}

/** Most missing sources that are named one by one. */
const MOST_NAMED = 10;

function withoutSource(needed: ReadonlyMap<string, string>, sources: ReadonlySet<string>, where: Where): readonly Problem[] {
  const missing = [...needed].filter(([key]) => !sources.has(key));
  if (missing.length === 0) return [];
  const named = missing.slice(0, MOST_NAMED).map(([key, binary]) => `${binary} (source ${key})`);
  const more = missing.length > MOST_NAMED ? ` and ${missing.length - MOST_NAMED} more` : "";
  return [
    problem(
      "warning",
      "BINARY_WITHOUT_SOURCE",
      `Suite "${where.suite}" has ${missing.length} binaries without their source: ${named.join(", ")}${more}`,
      where,
    ),
  ];
}

function sourceKey(source: string | undefined, name: string, version: string): string {
  const match = /^(\S+)(?:\s*\(([^)]*)\))?/.exec(source ?? "");
  return match === null ? `${name} ${version}` : `${match[1]} ${match[2]?.trim() ?? version}`;
}
