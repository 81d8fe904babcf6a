/** Gets one file from a file URL: an archive on a disk of this machine. Its size and time of change serve as ETag. */
import { constants, type FileHandle, open, stat } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import type { Validator } from "../ports.ts";
import { type Budget, overCap } from "./downloader-budget.ts";
import { type Failed, type Failure, quoted } from "./downloader-failure.ts";

export interface FileJob {
  readonly url: URL;
  readonly base: string;
  /** Given only when it came from this URL. */
  readonly validator: Validator | undefined;
  readonly maxBytes: number;
  readonly budget: Budget;
  readonly signal: AbortSignal;
  readonly onBytes: (done: number, total: number | undefined) => void;
}

export type FileOutcome =
  | { readonly kind: "fetched"; readonly bytes: Buffer; readonly validator: Validator }
  | { readonly kind: "not-modified" }
  | { readonly kind: "absent" }
  | Failed;

const CHUNK_BYTES = 1024 * 1024;

export async function downloadFile(job: FileJob): Promise<FileOutcome> {
  let path: string;
  let base: string;
  try {
    path = fileURLToPath(job.url);
    base = fileURLToPath(job.base);
  } catch {
    return refused("MIRROR_REFUSED", "it is no path of this machine", "a file URL must be file:///folder");
  }
  try {
    // Not blocking: a pipe without a writer would hold the run forever.
    await using file = await open(path, constants.O_RDONLY | constants.O_NONBLOCK);
    return await read(job, file);
  } catch (error) {
    job.signal.throwIfAborted();
    const code = error instanceof Error && "code" in error ? String(error.code) : undefined;
    if (code === undefined) throw error;
    // A disk that is not mounted must not look like an archive without this file.
    if (code === "ENOENT" || code === "ENOTDIR")
      return (await isFolder(base)) ? { kind: "absent" } : unreachable(`there is no folder ${quoted(base)}`);
    return unreachable(`it cannot be read (${code})`);
  }
}

async function read(job: FileJob, file: FileHandle): Promise<FileOutcome> {
  const { size, mtimeNs, isRegular } = await facts(file);
  if (!isRegular) return refused("MIRROR_REFUSED", "it is no regular file", "it must be one");
  const validator = { url: job.url.href, etag: `"${size}-${mtimeNs}"` };
  if (job.validator?.etag === validator.etag) return { kind: "not-modified" };
  if (size > job.maxBytes) return { kind: "failed", failure: overCap(job.maxBytes, size), tries: 1 };
  const spent = job.budget.spend(size);
  if (spent !== undefined) return { kind: "failed", failure: spent, tries: 1 };
  const bytes = Buffer.allocUnsafeSlow(size);
  let done = 0;
  while (done < size) {
    job.signal.throwIfAborted();
    const { bytesRead } = await file.read(bytes, done, Math.min(CHUNK_BYTES, size - done));
    if (bytesRead === 0) break;
    done += bytesRead;
    job.onBytes(done, size);
  }
  const after = await facts(file);
  if (done !== size || after.size !== size || after.mtimeNs !== mtimeNs) {
    return refused("MIRROR_BROKE_OFF", `it changed while it was read, after ${done} of ${size} bytes`, "it must stay as it is");
  }
  return { kind: "fetched", bytes, validator };
}

async function facts(file: FileHandle): Promise<{ size: number; mtimeNs: bigint; isRegular: boolean }> {
  const { size, mtimeNs, mode } = await file.stat({ bigint: true });
  return { size: Number(size), mtimeNs, isRegular: (Number(mode) & constants.S_IFMT) === constants.S_IFREG };
}

async function isFolder(path: string): Promise<boolean> {
  return stat(path).then(
    (found) => found.isDirectory(),
    () => false,
  );
}

function refused(code: Failure["code"], found: string, wanted: string): Failed {
  return { kind: "failed", failure: { code, found, wanted, again: false }, tries: 1 };
}

const unreachable = (found: string): Failed => refused("MIRROR_UNREACHABLE", found, "it must be readable");
