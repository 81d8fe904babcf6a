/**
 * Packages of a published index that cannot be installed from it, kept so that the next run need not find them again. A cache: what is lost is
 * found anew, and it counts only for the very indices that it was made of.
 */
import type { Architecture, SuiteName } from "../archive/names.ts";
import type { Folder } from "../ports.ts";

const SCHEMA = "aptmerge.breakage/1";

/** Index path to digest of the uncompressed index, of one architecture. */
export type IndexDigests = ReadonlyMap<string, string>;

interface Breakage {
  readonly schema: typeof SCHEMA;
  readonly indices: Readonly<Record<string, string>>;
  readonly names: readonly string[];
}

const pathOf = (suite: SuiteName, architecture: Architecture): string => `cache/breakage/${suite}/${architecture}.json`;

/** Undefined when they are not known for these indices. */
export async function readBreakage(
  state: Folder,
  suite: SuiteName,
  architecture: Architecture,
  indices: IndexDigests,
): Promise<ReadonlySet<string> | undefined> {
  const bytes = await state.read(pathOf(suite, architecture));
  try {
    const value = JSON.parse(bytes?.toString("utf8") ?? "null") as Partial<Breakage> | null;
    if (value?.schema !== SCHEMA || !Array.isArray(value.names) || typeof value.indices !== "object") return undefined;
    const of = new Map(Object.entries(value.indices));
    const same = of.size === indices.size && [...indices].every(([path, digest]) => of.get(path) === digest);
    return same ? new Set(value.names.filter((name) => typeof name === "string")) : undefined;
  } catch {
    return undefined;
  }
}

export async function writeBreakage(
  state: Folder,
  suite: SuiteName,
  architecture: Architecture,
  indices: IndexDigests,
  names: readonly string[],
): Promise<void> {
  const record: Breakage = { schema: SCHEMA, indices: Object.fromEntries(indices), names };
  await state.writeDurably(pathOf(suite, architecture), Buffer.from(JSON.stringify(record)));
}
