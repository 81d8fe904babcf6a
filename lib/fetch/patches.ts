/**
 * Brings in the patches that lead from an index of the store to the one that a new Release lists, where that is less than the whole file. Every
 * fault here means that the whole file is fetched: nothing is said of it but a note.
 */
import type { IndexPath, Sha256 } from "../archive/names.ts";
import type { FileEntry } from "../archive/release.ts";
import type { TrustedRelease } from "../archive/trusted.ts";
import { type PdiffEntry, type PdiffIndex, parsePdiffIndex } from "../pdiff/index-file.ts";
import type { MirrorSettings } from "../settings.ts";
import { downloadEntry, type IndexWorld } from "./index-file.ts";
import { pathBelowBase, type WantedFile } from "./wanted.ts";

export interface FetchedPatches {
  /** Compressed, in the order in which they apply, with the digest and size of what is in each. */
  readonly patches: readonly { readonly bytes: Buffer; readonly plain: PdiffEntry["patch"] }[];
  /** Downloaded, the Index included. */
  readonly bytes: number;
  readonly files: number;
}

/** More in a row are dearer to ask for than the whole file. */
const MAX_PATCHES = 200;

/**
 * @param from digest of the uncompressed index that is at hand
 * @returns why not, when the whole file is the better choice
 * @throws MergeError what downloading throws, INDEX_MALFORMED
 */
export async function fetchPatches(
  wanted: WantedFile,
  from: Sha256,
  release: TrustedRelease,
  mirror: MirrorSettings,
  base: string | undefined,
  world: IndexWorld,
): Promise<FetchedPatches | { readonly reason: string }> {
  const entry = release.release.entries.get(`${wanted.path}.diff/Index` as IndexPath);
  const target = wanted.plain?.sha256;
  const whole = wanted.choices[0]?.entry.bytes ?? 0;
  if (entry?.sha256 === undefined || target === undefined) return { reason: "the mirror has no patches" };
  if (entry.bytes >= whole) return { reason: "the list of patches is as large as the file" };
  const bases = base === undefined ? mirror.urls : [base, ...mirror.urls.filter((url) => url !== base)];
  const bytes = await downloadEntry(entry, release, mirror, bases, world);
  if (bytes === undefined) return { reason: "the mirror lists patches and does not have the list" };
  const index = parsePdiffIndex(bytes, { mirror: release.mirror, suite: release.suite, file: entry.path });
  if (index.current.sha256 !== target) return { reason: "the patches lead to another state than the Release lists" };
  const chosen = chainOf(index, from);
  if (chosen === undefined) return { reason: "no patch leads on from the stored state" };
  const sum = chosen.reduce((total, { download }) => total + download.bytes, entry.bytes);
  const plainSum = chosen.reduce((total, { patch }) => total + patch.bytes, 0);
  const plainMost = 2 * (wanted.plain?.bytes ?? 0);
  // A few bytes can unpack to very many: no honest patches hold more than the old index and the new one.
  if (plainSum > plainMost) return { reason: `the patches unpack to ${plainSum} bytes, at most ${plainMost} are read` };
  if (sum >= whole) return { reason: `the patches have ${sum} bytes, the file ${whole}` };

  const files = await Promise.all(
    chosen.map(async ({ name, download, patch }) => {
      const path = `${wanted.path}.diff/${name}.gz` as IndexPath;
      const file: FileEntry = { path, bytes: download.bytes, sha256: download.sha256, weak: undefined };
      // Patches are asked for by name: archives have no by-hash of them.
      const found = await downloadEntry(file, release, mirror, bases, world, [pathBelowBase(release, path)]);
      return found === undefined ? undefined : { bytes: found, plain: patch };
    }),
  );
  const patches = files.filter((file) => file !== undefined);
  if (patches.length < chosen.length) return { reason: "the mirror lists patches and does not have them" };
  return { patches, bytes: sum, files: patches.length + 1 };
}

/** Merged patches lead to the newest state at once, others from each state to the next. Undefined when the state is too old or unknown. */
function chainOf({ patches, merged }: PdiffIndex, from: Sha256): readonly PdiffEntry[] | undefined {
  const first = patches.findIndex((one) => one.from.sha256 === from);
  if (first < 0) return undefined;
  const chain = merged ? patches.slice(first, first + 1) : patches.slice(first);
  return chain.length > MAX_PATCHES ? undefined : chain;
}
