/** A folder as plain values, to prove that nothing in it moved. */
import { createHash } from "node:crypto";
import { lstat, readdir, readFile, readlink } from "node:fs/promises";
import { join } from "node:path";

/** Path below the folder to `file 0644 SHA256`, `folder 0755`, `link TARGET`; with inodes also inode and time of change of files. */
export type Snapshot = Readonly<Record<string, string>>;

/** Empty when the folder is not there, or a file stands in its way. */
export async function snapshot(root: string, inodes = false): Promise<Snapshot> {
  const found: Record<string, string> = {};
  const walk = async (path: string): Promise<void> => {
    const names = await readdir(join(root, path)).catch((error: NodeJS.ErrnoException) => {
      if (path === "" && (error.code === "ENOENT" || error.code === "ENOTDIR")) return [];
      throw error;
    });
    for (const name of names.sort()) {
      const below = path === "" ? name : `${path}/${name}`;
      found[below] = await describe(join(root, below), inodes);
      if (found[below].startsWith("folder")) await walk(below);
    }
  };
  await walk("");
  return found;
}

async function describe(path: string, inodes: boolean): Promise<string> {
  const stats = await lstat(path);
  const mode = `0${(stats.mode & 0o7777).toString(8)}`;
  if (stats.isSymbolicLink()) return `link ${await readlink(path)}`;
  if (stats.isDirectory()) return `folder ${mode}`;
  const digest = createHash("sha256")
    .update(await readFile(path))
    .digest("hex");
  return `file ${mode} ${digest}${inodes ? ` inode ${stats.ino} at ${stats.mtime.toISOString()}` : ""}`;
}

/** The part of a snapshot below a folder. */
export function below(tree: Snapshot, folder: string): Snapshot {
  const entries = Object.entries(tree).flatMap(([path, what]) =>
    path.startsWith(`${folder}/`) ? [[path.slice(folder.length + 1), what] as const] : [],
  );
  return Object.fromEntries(entries);
}
