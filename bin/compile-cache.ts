/**
 * Types are stripped and code is compiled once, not in every run from cron. What is kept is code that we run: Node's own place for it, a folder of
 * a fixed name in the temporary folder, is one that any user of the machine can make first.
 */
import { lstatSync, mkdirSync } from "node:fs";
import { enableCompileCache } from "node:module";
import { join } from "node:path";

const OTHERS_WRITE = 0o022;

/** Beside what `npm ci` installed. Nothing is kept where that is not ours to write, or where others may. */
export function keepCompiledCode(modules: string = join(import.meta.dirname, "../node_modules")): void {
  const folders = [modules, join(modules, ".cache"), join(modules, ".cache/aptmerge")];
  try {
    for (const folder of folders.slice(1)) makeFolder(folder);
    if (folders.every(isOursAlone)) enableCompileCache(folders.at(-1));
  } catch {
    // Read-only, or not a checkout: compiled anew in each run.
  }
}

function makeFolder(path: string): void {
  try {
    mkdirSync(path, { mode: 0o700 });
  } catch (error) {
    if (!(error instanceof Error && "code" in error && error.code === "EEXIST")) throw error;
  }
}

/** A folder of the user of this run, and no link. */
function isOursAlone(path: string): boolean {
  const stats = lstatSync(path);
  return stats.isDirectory() && stats.uid === process.geteuid?.() && (stats.mode & OTHERS_WRITE) === 0;
}
