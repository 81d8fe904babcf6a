/**
 * Indices that were made of an older one and the mirror's patches, so that no file of the mirror holds them: compressed anew, by the digest of
 * what is in them. A cache: what is lost is fetched whole.
 *
 *     STATE/cache/patched/HEX.gz
 */
import { parseSha256, type Sha256 } from "../archive/names.ts";
import type { Folder } from "../ports.ts";

const FOLDER = "cache/patched";
const pathOf = (digest: Sha256): string => `${FOLDER}/${digest}.gz`;

/** Not checked: who reads it compares what is in it with a Release. */
export const readPatched = (state: Folder, digest: Sha256): Promise<Buffer | undefined> => state.read(pathOf(digest));

export const writePatched = (state: Folder, digest: Sha256, gz: Buffer): Promise<void> => state.writeDurably(pathOf(digest), gz);

export async function prunePatched(state: Folder, needed: ReadonlySet<Sha256>): Promise<void> {
  for (const { name } of (await state.list(FOLDER)) ?? []) {
    const digest = parseSha256(name.replace(/\.gz$/, ""));
    if (digest === undefined || !needed.has(digest)) await state.remove(`${FOLDER}/${name}`);
  }
}
