/** A folder port that stops at its Nth change: as if the process had been killed there, or as if the disk refused. */
import { MergeError } from "../../lib/errors.ts";
import type { Folder } from "../../lib/ports.ts";

export interface Failpoint {
  /** Changes asked for so far. */
  changes: number;
}

/**
 * @param at ordinal of the change that does not happen, and none after it; counted over all folders that share `point`
 * @param fault thrown by it, such as a Killed
 */
export function failingFolder(folder: Folder, point: Failpoint, at: number, fault: () => Error): Folder {
  const change = <T>(work: () => Promise<T>): Promise<T> => {
    point.changes++;
    return point.changes >= at ? Promise.reject(fault()) : work();
  };
  return {
    root: folder.root,
    read: (path) => folder.read(path),
    readPieces: (path) => folder.readPieces(path),
    readPart: (path, offset, bytes) => folder.readPart(path, offset, bytes),
    digest: (path, names) => folder.digest(path, names),
    stat: (path) => folder.stat(path),
    list: (path) => folder.list(path),
    readLink: (path) => folder.readLink(path),
    writeDurably: (path, bytes) => change(() => folder.writeDurably(path, bytes)),
    writeNew: (path, bytes, modified) => change(() => folder.writeNew(path, bytes, modified)),
    link: (from, to) => change(() => folder.link(from, to)),
    symlinkNew: (path, target) => change(() => folder.symlinkNew(path, target)),
    flush: (path) => change(() => folder.flush(path)),
    switchLink: (path, target) => change(() => folder.switchLink(path, target)),
    rename: (from, to) => change(() => folder.rename(from, to)),
    remove: (path) => change(() => folder.remove(path)),
  };
}

export const diskFull = (): MergeError => new MergeError("DISK_FAILED", "Cannot write: no space left on device (ENOSPC)");
