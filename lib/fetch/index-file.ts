/** Brings one index file into the store: from there if it is there, else from the mirror. */
import type { Sha256 } from "../archive/names.ts";
import type { FileEntry } from "../archive/release.ts";
import type { TrustedRelease } from "../archive/trusted.ts";
import { MergeError } from "../errors.ts";
import type { Downloader } from "../ports.ts";
import type { MirrorSettings } from "../settings.ts";
import { type IndexChoice, pathsOf, type WantedFile } from "./wanted.ts";

/** Compressed bytes, checked against the Release's entry. */
export interface ObtainedIndex {
  readonly choice: IndexChoice;
  readonly bytes: Buffer;
  /** False when they came from the store. */
  readonly fetched: boolean;
  /** Whether they are ours: made by patches and compressed anew, so that only what is in them can be compared with the Release. */
  readonly patched: boolean;
}

export interface IndexWorld {
  readonly downloader: Downloader;
  /** Stored bytes with this digest, checked again; undefined when there are none. */
  stored(digest: Sha256): Promise<Buffer | undefined>;
  /** The same in pieces. */
  storedPieces(digest: Sha256): Promise<AsyncIterable<Buffer> | undefined>;
  /** An index with this uncompressed digest that was made by patches, as gzip. Not checked. */
  patched(digest: Sha256): Promise<Buffer | undefined>;
  /** @throws MergeError INDEX_MISMATCH */
  check(bytes: Buffer, entry: FileEntry): void;
  /** Stored bytes only. */
  readonly offline: boolean;
}

/**
 * @param base URL that delivered the Release: its files most likely fit, so it is asked first
 * @throws MergeError INDEX_ABSENT when no form can be had, INDEX_MISMATCH after one retry past caches, STORE_LACKS when offline
 */
export async function obtainIndex(
  wanted: WantedFile,
  release: TrustedRelease,
  mirror: MirrorSettings,
  base: string | undefined,
  world: IndexWorld,
): Promise<ObtainedIndex> {
  const stored = await storedIndex(wanted, world);
  if (stored !== undefined) return stored;
  const where = { mirror: release.mirror, suite: release.suite, file: wanted.path };
  if (world.offline) {
    throw new MergeError(
      "STORE_LACKS",
      `Cannot read ${wanted.path} of ${release.mirror}/${release.suite}: it is not in the store, offline runs and on-failure: cached use stored bytes only`,
      where,
    );
  }
  const bases = base === undefined ? mirror.urls : [base, ...mirror.urls.filter((url) => url !== base)];
  for (const choice of wanted.choices) {
    const bytes = await downloadEntry(choice.entry, release, mirror, bases, world);
    if (bytes !== undefined) return { choice, bytes, fetched: true, patched: false };
  }
  const forms = wanted.choices.map((choice) => choice.entry.path).join(", ");
  const text = `Cannot read ${wanted.path} of ${release.mirror}/${release.suite}: the Release of ${release.date.toISOString()} lists ${forms}, the mirror has none of them`;
  throw new MergeError("INDEX_ABSENT", text, where);
}

/** A stored file in pieces, checked against the Release's entry. */
export interface StoredPieces {
  readonly choice: IndexChoice;
  readonly pieces: AsyncIterable<Buffer>;
}

/** Without asking anybody, and without holding the file. Undefined also for one that was made by patches. */
export async function storedPieces({ choices }: WantedFile, world: IndexWorld): Promise<StoredPieces | undefined> {
  for (const choice of choices) {
    const pieces = choice.entry.sha256 === undefined ? undefined : await world.storedPieces(choice.entry.sha256);
    if (pieces !== undefined) return { choice, pieces };
  }
  return undefined;
}

/** Without asking anybody. */
export async function storedIndex({ choices, plain }: WantedFile, world: IndexWorld): Promise<ObtainedIndex | undefined> {
  for (const choice of choices) {
    const bytes = choice.entry.sha256 === undefined ? undefined : await world.stored(choice.entry.sha256);
    if (bytes !== undefined) return { choice, bytes, fetched: false, patched: false };
  }
  const bytes = plain?.sha256 === undefined ? undefined : await world.patched(plain.sha256);
  if (plain === undefined || bytes === undefined) return undefined;
  return { choice: { compression: "gz", entry: plain }, bytes, fetched: false, patched: true };
}

/**
 * @param paths below the mirror's base URL
 * @returns undefined when the mirror does not have it
 * @throws MergeError INDEX_MISMATCH after one retry past caches, and what the downloader throws
 */
export async function downloadEntry(
  entry: FileEntry,
  release: TrustedRelease,
  mirror: MirrorSettings,
  bases: readonly string[],
  world: IndexWorld,
  paths: readonly string[] = pathsOf(release, entry),
): Promise<Buffer | undefined> {
  const where = { mirror: release.mirror, suite: release.suite, file: entry.path };
  const attempt = async (order: readonly string[], pastCaches: boolean): Promise<Buffer | undefined> => {
    const { timeoutMs, retries } = mirror;
    const outcome = await world.downloader.download({ where, bases: order, paths, maxBytes: entry.bytes, timeoutMs, retries, pastCaches });
    if (outcome.kind === "absent") return undefined;
    if (outcome.kind === "not-modified") throw new Error("A download without a validator was answered by not-modified");
    world.check(outcome.bytes, entry);
    return outcome.bytes;
  };
  try {
    return await attempt(bases, false);
  } catch (error) {
    if (!isMismatch(error)) throw error;
    // A proxy may hold an old file, or this server of several may be behind: once more past caches, the next URL first.
    try {
      return await attempt([...bases.slice(1), ...bases.slice(0, 1)], true);
    } catch (again) {
      if (!(again instanceof MergeError) || again.code !== "DOWNLOAD_LIMIT") throw again;
      throw new MergeError(
        "INDEX_MISMATCH",
        `Cannot use ${entry.path} of ${release.mirror}/${release.suite}: it is longer than the ${entry.bytes} bytes that its Release lists`,
        where,
      );
    }
  }
}

const isMismatch = (error: unknown): boolean =>
  error instanceof MergeError && (error.code === "INDEX_MISMATCH" || error.code === "DOWNLOAD_LIMIT");
