/** Failures of the disk, said in words. */
import { type Code, MergeError } from "../errors.ts";

const WORDS: ReadonlyMap<string, string> = new Map([
  ["EACCES", "permission is denied"],
  ["EBUSY", "it is in use"],
  ["EDQUOT", "the disk quota is used up"],
  ["EEXIST", "it exists already, it must be new"],
  ["EFBIG", "it is larger than the disk or the process limit allows"],
  ["EIO", "the disk reports an input/output error"],
  ["EISDIR", "it is a folder, it must be a regular file"],
  ["ELOOP", "it is a symlink, it must be a regular file"],
  ["EMFILE", "this process has too many files open"],
  ["EMLINK", "the disk allows no more hard links to it"],
  ["ENAMETOOLONG", "its name is too long"],
  ["ENFILE", "the system has too many files open"],
  ["ENOENT", "there is no such file or folder"],
  ["ENOSPC", "no space is left on the device"],
  ["ENOTDIR", "a part of its path is no folder"],
  ["ENOTEMPTY", "the folder is not empty"],
  ["ENXIO", "it is a socket or a device, it must be a regular file"],
  ["EPERM", "the operation is not permitted"],
  ["EROFS", "the file system is read-only"],
  ["ESTALE", "the network file system has lost it"],
]);

/** Name of the system error, such as ENOSPC; undefined when the value is no system error. */
export function errnoOf(thrown: unknown): string | undefined {
  if (!(thrown instanceof Error) || !("code" in thrown) || !("errno" in thrown)) return undefined;
  return typeof thrown.code === "string" ? thrown.code : undefined;
}

/** The system error in words, with its name: `no space is left on the device (ENOSPC)`. */
export function errnoWords(errno: string): string {
  return `${WORDS.get(errno) ?? "the system refused"} (${errno})`;
}

/**
 * What to throw for a failed file operation: a MergeError for a system error, the value itself when it is a MergeError or a bug.
 *
 * @param action verb for the message, such as `write`
 */
export function diskFailure(action: string, path: string, thrown: unknown, code: Code = "DISK_FAILED"): unknown {
  const errno = errnoOf(thrown);
  if (errno === undefined) return thrown;
  return new MergeError(code, `Cannot ${action} "${path}": ${errnoWords(errno)}`, { file: path }, { cause: thrown });
}

/** For something that stands where something else is needed. */
export function wrongKind(action: string, path: string, found: string, wanted: string, code: Code = "DISK_FAILED"): MergeError {
  return new MergeError(code, `Cannot ${action} "${path}": it is ${found}, it must be ${wanted}`, { file: path });
}
