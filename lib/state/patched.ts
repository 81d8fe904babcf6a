/**
 * Indices that were made of an older one and the mirror's patches, so that no file of the mirror holds them: compressed anew, by the digest of
 * what is in them. A cache: what is lost is fetched whole.
 *
 *     STATE/cache/patched/HEX      sealed, see sealed.ts
 */
import { parseSha256, type Sha256 } from "../archive/names.ts";
import { sealed, unsealed } from "../archive/sealed.ts";
import type { Folder } from "../ports.ts";

const FOLDER = "cache/patched";
const pathOf = (digest: Sha256): string => `${FOLDER}/${digest}`;

/** Undefined when there is none, or it is damaged. That it is what a Release lists is for the reader to see. */
export const readPatched = async (state: Folder, digest: Sha256): Promise<Buffer | undefined> => unsealed(await state.read(pathOf(digest)));

export const writePatched = (state: Folder, digest: Sha256, gz: Buffer): Promise<void> => state.writeDurably(pathOf(digest), sealed(gz));

/** Paths of what is not in `needed`. */
export async function unneededPatched(state: Folder, needed: ReadonlySet<Sha256>): Promise<readonly string[]> {
  const names = ((await state.list(FOLDER)) ?? []).map(({ name }) => name);
  const isNeeded = (digest: Sha256 | undefined): boolean => digest !== undefined && needed.has(digest);
  return names.filter((name) => !isNeeded(parseSha256(name))).map((name) => `${FOLDER}/${name}`);
}
