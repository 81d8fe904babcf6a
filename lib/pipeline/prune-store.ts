/** Removes stored files that no accepted Release lists any more. */
import type { Sha256 } from "../archive/names.ts";
import { trustedFiles } from "../state/trust.ts";
import type { World } from "./world.ts";

/** Any 64 hexadecimal digits in an accepted Release may be the name of a stored index: keeping too much costs room only. */
export async function pruneStore(world: World): Promise<void> {
  const needed = new Set<Sha256>();
  for (const file of await trustedFiles(world.state)) {
    needed.add(file);
    const release = await world.store.get(file);
    for (const match of release?.toString("latin1").matchAll(/\b[0-9a-f]{64}\b/g) ?? []) needed.add(match[0] as Sha256);
  }
  await world.store.prune(needed);
}
