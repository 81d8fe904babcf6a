/** Looks into the indices of a published suite: what is compressed, whether every stanza may be used, whether each binary has its source. */
import { sha256Of } from "../archive/digests.ts";
import { compareVersions } from "../archive/version.ts";
import { fieldText, MAX_OWN_FIELDS, type StanzaTable, scanStanzas } from "../deb822/stanza-table.ts";
import { MergeError, type Problem, problem, type Where } from "../errors.ts";
import { type IndexKind, NAME, SOURCE_FIELD, VERSION } from "../kinds/index-kind.ts";
import { readIndexPath } from "../kinds/registry.ts";
import type { Compressor, Folder } from "../ports.ts";
import type { PublishedSuite } from "./published-suite.ts";

export interface IndexCount {
  readonly path: string;
  readonly stanzas: number;
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
    if (kind === undefined) continue;
    const at = { ...where, file: entry.path };
    let table: StanzaTable | undefined;
    for (const codec of ["gz", "xz"] as const) {
      const file = published.files.has(`${entry.path}.${codec}`) ? await dists.read(`${suite}/${entry.path}.${codec}`) : undefined;
      if (file === undefined) continue;
      const outcome = await compressor.decompress(file, codec, entry.bytes);
      const sound = outcome.kind === "plain" && outcome.bytes.length === entry.bytes && sha256Of(outcome.bytes) === entry.sha256;
      if (!sound) {
        const found = outcome.kind === "damaged" ? outcome.because : "it holds other bytes";
        const text = `Cannot vouch for ${dists.root}/${suite}/${entry.path}.${codec}: ${found}, it must hold the ${entry.bytes} bytes that Release lists as ${entry.path}`;
        throw new MergeError("TREE_UNSOUND", text, at);
      }
      table ??= scanStanzas(outcome.bytes, kind.fields, at, MAX_OWN_FIELDS);
    }
    if (table === undefined) continue;
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

function checkStanzas(kind: IndexKind, table: StanzaTable, where: Where): void {
  let last: { name: string; version: string } | undefined;
  for (let stanza = 0; stanza < table.count; stanza++) {
    const fault = table.faults.get(stanza) ?? kind.fault(table, stanza, true);
    const [name, version] = [fieldText(table, stanza, NAME) ?? "", fieldText(table, stanza, VERSION) ?? ""];
    if (fault !== undefined)
      throw new MergeError("TREE_UNSOUND", `Cannot vouch for the stanza of "${name}" in ${where.suite} ${where.file}: ${fault}`, where);
    const sorted = last === undefined || last.name < name || (last.name === name && compareVersions(last.version, version) <= 0);
    if (!sorted) {
      throw new MergeError(
        "TREE_UNSOUND",
        `Cannot vouch for ${where.suite} ${where.file}: "${name}" ${version} stands after "${last?.name}" ${last?.version}, stanzas must be sorted`,
        where,
      );
    }
    last = { name, version };
  }
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
