/** What a run that was killed in the middle of a write leaves: temporary files beside those that they were to replace. */
import type { Folder } from "../ports.ts";

/** As lib/io names them. */
export const TEMPORARY_NAME = /^\..{1,50}\.tmp-[0-9a-f]{12}$/s;

/**
 * @param path folder below the root; "" is the root itself
 * @param deep also in the folders below
 */
export async function listTemporaries(folder: Folder, path: string, deep: boolean): Promise<readonly string[]> {
  const found: string[] = [];
  for (const { name, kind } of (await folder.list(path)) ?? []) {
    const below = path === "" ? name : `${path}/${name}`;
    if (kind === "folder") {
      if (deep) found.push(...(await listTemporaries(folder, below, deep)));
    } else if (TEMPORARY_NAME.test(name)) found.push(below);
  }
  return found;
}

/** Only the run that holds the lock may: another one's would be in use. */
export async function removeTemporaries(folder: Folder, path: string, deep: boolean): Promise<void> {
  for (const one of await listTemporaries(folder, path, deep)) await folder.remove(one);
}
