/**
 * Indices that were made of an older one and the mirror's patches, so that no file of the mirror holds them: compressed anew, by the digest of
 * what is in them. A cache: what is lost is fetched whole.
 *
 *     STATE/cache/patched/HEX      sealed, see sealed.ts
 */
import { parseSha256, type Sha256 } from "../archive/names.ts";
import type { Folder } from "../ports.ts";
import { sealed, unsealed } from "./sealed.ts";

const FOLDER = "cache/patched";
const pathOf = (digest: Sha256): string => `${FOLDER}/${digest}`;

/** Undefined when there is none, or it is damaged. That it is what a Release lists is for the reader to see. */
export const readPatched = async (state: Folder, digest: Sha256): Promise<Buffer | undefined> => unsealed(await state.read(pathOf(digest)));

export const writePatched = (state: Folder, digest: Sha256, gz: Buffer): Promise<void> => state.writeDurably(pathOf(digest), sealed(gz));

export async function prunePatched(state: Folder, needed: ReadonlySet<Sha256>): Promise<void> {
  for (const { name } of (await state.list(FOLDER)) ?? []) {
    const digest = parseSha256(name);
    if (digest === undefined || !needed.has(digest)) await state.remove(`${FOLDER}/${name}`);
  }
}
