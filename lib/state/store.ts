/**
 * Bytes that matched a signed Release, and the Releases themselves, each named by its digest.
 *
 *     STATE/store/sha256/ab/HEX
 *
 * What is read is digested again: damage is the same as absence, and the file is fetched anew.
 */
import { sha256Of } from "../archive/digests.ts";
import { parseSha256, type Sha256 } from "../archive/names.ts";
import type { Folder } from "../ports.ts";

const pathOf = (digest: Sha256): string => `store/sha256/${digest.slice(0, 2)}/${digest}`;

export interface Store {
  get(digest: Sha256): Promise<Buffer | undefined>;
  /** The same in pieces, for what is too large to be held: read to its end once before, to digest it. */
  pieces(digest: Sha256): Promise<AsyncIterable<Buffer> | undefined>;
  /** @param digest of the bytes, when the caller has just checked it */
  put(bytes: Buffer, digest?: Sha256): Promise<Sha256>;
  /** Paths of what is not in `needed`. */
  unneeded(needed: ReadonlySet<Sha256>): Promise<readonly string[]>;
}

export function openStore(state: Folder): Store {
  return {
    async get(digest) {
      const bytes = await state.read(pathOf(digest));
      return bytes !== undefined && sha256Of(bytes) === digest ? bytes : undefined;
    },
    async pieces(digest) {
      const found = await state.digest(pathOf(digest), []);
      return found?.digests.SHA256 === digest ? state.readPieces(pathOf(digest)) : undefined;
    },
    async put(bytes, digest = sha256Of(bytes)) {
      await state.writeDurably(pathOf(digest), bytes);
      return digest;
    },
    async unneeded(needed) {
      const found: string[] = [];
      for (const folder of (await state.list("store/sha256")) ?? []) {
        for (const { name } of (await state.list(`store/sha256/${folder.name}`)) ?? []) {
          const digest = parseSha256(name);
          if (digest === undefined || !needed.has(digest)) found.push(`store/sha256/${folder.name}/${name}`);
        }
      }
      return found;
    },
  };
}
