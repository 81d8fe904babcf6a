/**
 * Indices that were made of an older one and the mirror's patches, so that no file of the mirror holds them: compressed anew, by the digest of
 * what is in them. A cache: what is lost is fetched whole.
 *
 *     STATE/cache/patched/HEX      the SHA256 of the gzip file, as 32 bytes, then the file
 */
import { sha256Of } from "../archive/digests.ts";
import { parseSha256, type Sha256 } from "../archive/names.ts";
import type { Folder } from "../ports.ts";

const FOLDER = "cache/patched";
const pathOf = (digest: Sha256): string => `${FOLDER}/${digest}`;

const DIGEST_BYTES = 32;

/** Undefined when there is none, or it is damaged. That it is what a Release lists is for the reader to see. */
export async function readPatched(state: Folder, digest: Sha256): Promise<Buffer | undefined> {
  const bytes = await state.read(pathOf(digest));
  const gz = bytes?.subarray(DIGEST_BYTES);
  return gz !== undefined && sha256Of(gz) === bytes?.toString("hex", 0, DIGEST_BYTES) ? gz : undefined;
}

export const writePatched = (state: Folder, digest: Sha256, gz: Buffer): Promise<void> =>
  state.writeDurably(pathOf(digest), Buffer.concat([Buffer.from(sha256Of(gz), "hex"), gz]));

export async function prunePatched(state: Folder, needed: ReadonlySet<Sha256>): Promise<void> {
  for (const { name } of (await state.list(FOLDER)) ?? []) {
    const digest = parseSha256(name);
    if (digest === undefined || !needed.has(digest)) await state.remove(`${FOLDER}/${name}`);
  }
}
