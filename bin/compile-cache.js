/**
 * Types are stripped and code is compiled once, not in every run from cron. What is kept is code that we run: Node's own place for it, a folder of
 * a fixed name in the temporary folder, is one that any user of the machine can make first.
 *
 * JavaScript, and loaded before all else, because stripping types of a single file takes 60 ms and 13 MB.
 */
import { lstatSync, mkdirSync } from "node:fs";
import { enableCompileCache } from "node:module";
import { join } from "node:path";

const OTHERS_WRITE = 0o022;

/** Beside what `npm ci` installed. Nothing is kept where that is not ours to write, or where others may. */
const MODULES = join(import.meta.dirname, "../node_modules");
const FOLDERS = [join(MODULES, ".cache"), join(MODULES, ".cache/aptmerge")];

try {
  // Nothing is made in a folder of somebody else: their next `npm ci` could not remove it.
  if (isOursAlone(MODULES) && FOLDERS.every((folder) => makeFolder(folder) && isOursAlone(folder))) enableCompileCache(FOLDERS.at(-1));
} catch {
  // Read-only, or not a checkout: compiled anew in each run.
}

/** @param {string} path */
function makeFolder(path) {
  try {
    mkdirSync(path, { mode: 0o700 });
  } catch (error) {
    if (!(error instanceof Error && "code" in error && error.code === "EEXIST")) throw error;
  }
  return true;
}

/**
 * A folder of the user of this run, and no link.
 *
 * @param {string} path
 */
function isOursAlone(path) {
  const stats = lstatSync(path);
  return stats.isDirectory() && stats.uid === process.geteuid?.() && (stats.mode & OTHERS_WRITE) === 0;
}
