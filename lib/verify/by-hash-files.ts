/**
 * Proves that every file of a by-hash folder holds what its name says, also those of earlier generations, which no Release lists any more and a client
 * or a cache may still ask for.
 */
import { DIGEST_ALGORITHMS, type DigestName } from "../archive/digests.ts";
import { MergeError } from "../errors.ts";
import type { Folder } from "../ports.ts";

const BY_HASH = /(?:^|\/)by-hash\/([A-Za-z0-9]+)$/;

/** @throws MergeError TREE_UNSOUND */
export async function verifyByHashFiles(dists: Folder, suite: string): Promise<void> {
  const walk = async (path: string): Promise<void> => {
    const algorithm = BY_HASH.exec(path)?.[1];
    for (const { name, kind } of (await dists.list(path)) ?? []) {
      const below = `${path}/${name}`;
      if (kind === "folder") await walk(below);
      if (kind !== "file" || algorithm === undefined || !Object.hasOwn(DIGEST_ALGORITHMS, algorithm)) continue;
      const digest = (await dists.digest(below, [algorithm as DigestName]))?.digests[algorithm as DigestName];
      if (digest === name) continue;
      const text = `Cannot vouch for ${dists.root}/${below}: its ${algorithm} is ${digest}, it must be what its name says`;
      throw new MergeError("TREE_UNSOUND", text, { suite, file: below });
    }
  };
  await walk(suite);
}
