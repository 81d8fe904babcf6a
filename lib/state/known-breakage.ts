/**
 * Packages of a published index that cannot be installed from it, kept so that the next run need not find them again. A cache: what is lost is
 * found anew, and it counts only for the very indices that it was made of. Sealed, because what is wrong in it would be handed on from run to run.
 */
import type { Architecture, SuiteName } from "../archive/names.ts";
import { sealed, unsealed } from "../archive/sealed.ts";
import type { Folder } from "../ports.ts";

/** To be raised also when something else is found: what one run knows the next one builds on. */
const SCHEMA = "aptmerge.breakage/2";

/** Index path to digest of the uncompressed index, of one architecture. */
export type IndexDigests = ReadonlyMap<string, string>;

/** Names of packages, in the order of the index. */
export interface KnownBreakage {
  /** No stanza of the name can be installed. */
  readonly names: readonly string[];
  /** One can, and another cannot. */
  readonly partly: readonly string[];
}

interface BreakageRecord extends KnownBreakage {
  readonly schema: typeof SCHEMA;
  readonly indices: Readonly<Record<string, string>>;
}

const pathOf = (suite: SuiteName, architecture: Architecture): string => `cache/breakage/${suite}/${architecture}.json`;

/** Undefined when they are not known for these indices. */
export async function readBreakage(
  state: Folder,
  suite: SuiteName,
  architecture: Architecture,
  indices: IndexDigests,
): Promise<KnownBreakage | undefined> {
  const bytes = unsealed(await state.read(pathOf(suite, architecture)));
  try {
    const value = JSON.parse(bytes?.toString("utf8") ?? "null") as Partial<BreakageRecord> | null;
    if (value?.schema !== SCHEMA || !areTexts(value.names) || !areTexts(value.partly) || typeof value.indices !== "object")
      return undefined;
    const of = new Map(Object.entries(value.indices));
    const same = of.size === indices.size && [...indices].every(([path, digest]) => of.get(path) === digest);
    return same ? { names: value.names, partly: value.partly } : undefined;
  } catch {
    return undefined;
  }
}

const areTexts = (value: unknown): value is readonly string[] => Array.isArray(value) && value.every((one) => typeof one === "string");

export async function writeBreakage(
  state: Folder,
  suite: SuiteName,
  architecture: Architecture,
  indices: IndexDigests,
  { names, partly }: KnownBreakage,
): Promise<void> {
  const record: BreakageRecord = { schema: SCHEMA, indices: Object.fromEntries(indices), names, partly };
  await state.writeDurably(pathOf(suite, architecture), sealed(Buffer.from(JSON.stringify(record))));
}
