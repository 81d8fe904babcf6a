/** fsync of a whole tree: every file, then every folder, then the folders above up to the root. */
import { readdir } from "node:fs/promises";
import { dirname, join } from "node:path";
import { diskFailure, wrongKind } from "./disk-errors.ts";
import { syncFile, syncFolder } from "./disk-file.ts";
import { kindOf, look } from "./disk-path.ts";

/** Runs one file operation when there is room for it. */
export type Limit = <T>(operation: () => Promise<T>) => Promise<T>;

/**
 * @param absolute a file or folder below the root, or the root itself
 * @throws MergeError DISK_FAILED when anything below is neither file, folder nor symlink, or cannot be made durable
 */
export async function flushTree(root: string, absolute: string, limit: Limit): Promise<void> {
  await flushBelow(absolute, limit);
  // The tree's own name stands in the folder above, which may be new too.
  for (let folder = absolute; folder !== root; ) {
    folder = dirname(folder);
    await limit(() => syncFolder(folder));
  }
}

async function flushBelow(absolute: string, limit: Limit): Promise<void> {
  const stats = look(absolute, "flush");
  if (stats?.isFile()) return limit(() => syncFile(absolute));
  if (stats === undefined || !stats.isDirectory()) {
    throw wrongKind("flush", absolute, stats === undefined ? "absent" : kindOf(stats), "a regular file or a folder");
  }
  // Only leaves take a place in the limit: a folder that held one while it waits for its content could wait for ever.
  const entries = await limit(() => readFolder(absolute));
  await Promise.all(entries.map((name) => flushBelow(join(absolute, name), limit)));
  await limit(() => syncFolder(absolute));
}

/** Names of what can be flushed; a symlink is durable with its folder. */
async function readFolder(absolute: string): Promise<readonly string[]> {
  try {
    const entries = await readdir(absolute, { withFileTypes: true });
    return entries.filter((entry) => !entry.isSymbolicLink()).map((entry) => entry.name);
  } catch (thrown) {
    throw diskFailure("flush", absolute, thrown);
  }
}
