/**
 * Paths below a root: what is accepted, and that no symlink is followed on the way. State on disk is input like any other, so a parent that
 * was turned into a symlink stops the run instead of leading it out of the folder.
 */
import { randomBytes } from "node:crypto";
import { lstatSync, type Stats } from "node:fs";
import { basename, dirname, join } from "node:path";
import { MergeError } from "../errors.ts";
import { diskFailure } from "./disk-errors.ts";

/** A path below the root after its parents were looked at. */
export interface Place {
  readonly absolute: string;
  /** Absolute path of the folder that holds it. */
  readonly folder: string;
  readonly name: string;
}

/** @throws MergeError DISK_FAILED for a path that is absolute, or has an empty, `.` or `..` part or a NUL */
export function partsOf(path: string): readonly string[] {
  const parts = path.split("/");
  if (path.includes("\0") || parts.some((part) => part === "" || part === "." || part === "..")) {
    throw new MergeError("DISK_FAILED", `Cannot use path "${path}": it must be relative, without empty, "." or ".." parts and without NUL`);
  }
  return parts;
}

/**
 * Finds a path below the root. Parents are looked at with lstat, synchronously: one takes about 2 µs, a trip through the thread pool ten
 * times that, and nothing of this process can come between the look and the use.
 *
 * @returns undefined when a parent is absent
 * @throws MergeError DISK_FAILED when a parent is a symlink or no folder
 */
export function locate(root: string, path: string, action: string): Place | undefined {
  const parts = partsOf(path);
  let folder = root;
  for (const part of parts.slice(0, -1)) {
    folder = join(folder, part);
    const stats = look(folder, action);
    if (stats === undefined) return undefined;
    if (!stats.isDirectory()) {
      const message = `Cannot ${action} "${join(root, path)}": its parent "${folder}" is ${kindOf(stats)}, it must be a folder`;
      throw new MergeError("DISK_FAILED", message, { file: folder });
    }
  }
  const absolute = join(folder, basename(path));
  return { absolute, folder, name: basename(path) };
}

/** lstat, or undefined when nothing is there. */
export function look(absolute: string, action: string): Stats | undefined {
  try {
    return lstatSync(absolute, { throwIfNoEntry: false });
  } catch (thrown) {
    throw diskFailure(action, absolute, thrown);
  }
}

/** What something is, for messages. */
export function kindOf(stats: Stats): string {
  if (stats.isFile()) return "a regular file";
  if (stats.isDirectory()) return "a folder";
  if (stats.isSymbolicLink()) return "a symlink";
  if (stats.isFIFO()) return "a FIFO";
  if (stats.isSocket()) return "a socket";
  return "a device";
}

/** Name beside a file for its next content: `.NAME.tmp-RANDOM`. A long name is cut: 255 bytes is all that a disk takes. */
export function temporaryBeside(absolute: string): string {
  return join(dirname(absolute), `.${basename(absolute).slice(0, 50)}.tmp-${randomBytes(6).toString("hex")}`);
}

/**
 * Whether a symlink at `path` with this target stays below the root.
 *
 * @param path already accepted by `partsOf`
 */
export function staysBelow(path: string, target: string): boolean {
  if (target === "" || target.startsWith("/") || target.includes("\0")) return false;
  let depth = path.split("/").length - 1;
  for (const part of target.split("/")) {
    if (part === "..") depth--;
    else if (part !== "" && part !== ".") depth++;
    if (depth < 0) return false;
  }
  return true;
}
