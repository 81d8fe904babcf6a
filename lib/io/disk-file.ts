/** Single files and folders: open without following, read, write, make durable. Paths are absolute and were found by `locate`. */
import { chmodSync, constants, mkdirSync, type Stats } from "node:fs";
import { type FileHandle, open, rename, unlink } from "node:fs/promises";
import { dirname, join } from "node:path";
import { type DigestName, type Digests, digester } from "../archive/digests.ts";
import { diskFailure, errnoOf, wrongKind } from "./disk-errors.ts";
import { kindOf, look, partsOf, temporaryBeside } from "./disk-path.ts";

const FILE_MODE = 0o644;
const FOLDER_MODE = 0o755;

/** Largest file that is read into memory, in bytes. */
const MAX_READ_BYTES = 4 * 1024 ** 3;

/** One system call moves at most this many bytes: Linux stops a little below 2 GiB. */
const MAX_CALL_BYTES = 64 * 1024 * 1024;

// O_NONBLOCK: opening a FIFO that nobody writes to would wait for ever.
const OPEN_TO_READ = constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK;
const OPEN_NEW = constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL | constants.O_NOFOLLOW;
const OPEN_FOLDER = constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_DIRECTORY;

/** Content and time of last change of a regular file; undefined when nothing is there. */
export async function readRegular(absolute: string): Promise<{ readonly bytes: Buffer; readonly modified: Date } | undefined> {
  return withRegular(absolute, async (handle, stats) => {
    if (stats.size > MAX_READ_BYTES) throw wrongKind("read", absolute, `${stats.size} bytes long`, `at most ${MAX_READ_BYTES} bytes long`);
    return { bytes: await readAll(handle, 0, stats.size), modified: stats.mtime };
  });
}

/** Bytes from an offset on; undefined when nothing is there, or it ends before. */
export async function readPart(absolute: string, offset: number, bytes: number): Promise<Buffer | undefined> {
  const part = await withRegular(absolute, (handle, stats) =>
    offset + bytes > stats.size ? Promise.resolve(undefined) : readAll(handle, offset, bytes),
  );
  return part?.length === bytes ? part : undefined;
}

/** Rooms to read into, used again: what is read to be digested is not kept. */
const rooms: Buffer[] = [];
const ROOM_BYTES = 1024 * 1024;

/** Size and digests of a regular file; undefined when nothing is there. */
export async function digestRegular(
  absolute: string,
  names: readonly DigestName[],
): Promise<{ readonly bytes: number; readonly digests: Digests } | undefined> {
  return withRegular(absolute, async (handle) => {
    const room = rooms.pop() ?? Buffer.allocUnsafeSlow(ROOM_BYTES);
    try {
      const all = digester(names);
      let bytes = 0;
      for (;;) {
        const { bytesRead } = await handle.read(room, 0, room.length, null);
        if (bytesRead === 0) return { bytes, digests: all.digests() };
        all.update(room.subarray(0, bytesRead));
        bytes += bytesRead;
      }
    } finally {
      rooms.push(room);
    }
  });
}

/** Bytes that are read at a time where a file is too large to be held. */
const PIECE_BYTES = 256 * 1024;

/** The content of a regular file in pieces; undefined when nothing is there. */
export async function openPieces(absolute: string): Promise<AsyncGenerator<Buffer> | undefined> {
  const size = await withRegular(absolute, async (_handle, stats) => stats.size);
  return size === undefined ? undefined : piecesOf(absolute);
}

async function* piecesOf(absolute: string): AsyncGenerator<Buffer> {
  const handle = await open(absolute, OPEN_TO_READ).catch((thrown: unknown) => {
    throw diskFailure("read", absolute, thrown);
  });
  try {
    for (;;) {
      const piece = await readAll(handle, undefined, PIECE_BYTES).catch((thrown: unknown) => {
        throw diskFailure("read", absolute, thrown);
      });
      if (piece.length > 0) yield piece;
      if (piece.length < PIECE_BYTES) return;
    }
  } finally {
    await handle.close().catch((thrown: unknown) => {
      throw diskFailure("read", absolute, thrown);
    });
  }
}

/** @returns undefined when nothing is there */
async function withRegular<T>(absolute: string, work: (handle: FileHandle, stats: Stats) => Promise<T>): Promise<T | undefined> {
  // Asked before opening, as opening a device may already do something.
  const found = look(absolute, "read");
  if (found === undefined) return undefined;
  if (!found.isFile()) throw wrongKind("read", absolute, kindOf(found), "a regular file");
  try {
    const handle = await open(absolute, OPEN_TO_READ);
    try {
      const stats = await handle.stat();
      if (!stats.isFile()) throw wrongKind("read", absolute, kindOf(stats), "a regular file");
      return await work(handle, stats);
    } finally {
      await handle.close();
    }
  } catch (thrown) {
    if (errnoOf(thrown) === "ENOENT") return undefined;
    throw diskFailure("read", absolute, thrown);
  }
}

/** @param offset undefined reads on from where the last call ended */
async function readAll(handle: FileHandle, offset: number | undefined, size: number): Promise<Buffer> {
  const bytes = Buffer.allocUnsafeSlow(size);
  let done = 0;
  while (done < size) {
    const { bytesRead } = await handle.read(
      bytes,
      done,
      Math.min(size - done, MAX_CALL_BYTES),
      offset === undefined ? null : offset + done,
    );
    if (bytesRead === 0) break;
    done += bytesRead;
  }
  return bytes.subarray(0, done);
}

async function writeAll(handle: FileHandle, bytes: Uint8Array): Promise<void> {
  let done = 0;
  while (done < bytes.byteLength) {
    const { bytesWritten } = await handle.write(bytes, done, Math.min(bytes.byteLength - done, MAX_CALL_BYTES));
    done += bytesWritten;
  }
}

/** Creates a file that must not exist; what was begun is removed on failure. */
export async function createFile(
  absolute: string,
  bytes: Uint8Array | AsyncIterable<Uint8Array>,
  { modified, durable }: { readonly modified?: Date | undefined; readonly durable: boolean },
): Promise<void> {
  const handle = await open(absolute, OPEN_NEW, FILE_MODE);
  try {
    try {
      await handle.chmod(FILE_MODE);
      if (bytes instanceof Uint8Array) await writeAll(handle, bytes);
      else for await (const piece of bytes) await writeAll(handle, piece);
      if (modified !== undefined) await handle.utimes(modified, modified);
      if (durable) await handle.sync();
    } finally {
      // A network disk may report a full disk only here.
      await handle.close();
    }
  } catch (thrown) {
    await unlink(absolute).catch(() => undefined); // The first failure is the one to tell.
    throw thrown;
  }
}

/** Puts what `create` makes at a temporary path in the place of `absolute`, and makes the folder durable. */
export async function replace(absolute: string, create: (temporary: string) => Promise<void>): Promise<void> {
  const temporary = temporaryBeside(absolute);
  await create(temporary);
  try {
    await rename(temporary, absolute);
  } catch (thrown) {
    await unlink(temporary).catch(() => undefined); // The first failure is the one to tell.
    throw thrown;
  }
  await syncFolder(dirname(absolute));
}

/** @throws MergeError DISK_FAILED: a failed fsync may have dropped the bytes, so it is never tried again */
export async function syncFile(absolute: string): Promise<void> {
  try {
    const handle = await open(absolute, OPEN_TO_READ);
    try {
      await handle.sync();
    } finally {
      await handle.close();
    }
  } catch (thrown) {
    throw diskFailure("flush", absolute, thrown);
  }
}

/** @throws MergeError DISK_FAILED */
export async function syncFolder(absolute: string): Promise<void> {
  try {
    const handle = await open(absolute, OPEN_FOLDER);
    try {
      await handle.sync();
    } catch (thrown) {
      // Some network and FUSE disks have no fsync of folders; what they lose then is not ours to mend.
      if (errnoOf(thrown) !== "EINVAL" && errnoOf(thrown) !== "ENOTSUP") throw thrown;
    } finally {
      await handle.close();
    }
  } catch (thrown) {
    throw diskFailure("flush", absolute, thrown);
  }
}

/**
 * Makes the folders above `path` as far as they lack.
 *
 * @returns the folders that got a new entry, absolute, deepest last: fsync them to make the new ones durable
 */
export function makeParents(root: string, path: string): readonly string[] {
  const changed: string[] = [];
  let folder = root;
  for (const part of partsOf(path).slice(0, -1)) {
    const above = folder;
    folder = join(folder, part);
    const found = look(folder, "make");
    if (found?.isDirectory()) continue;
    if (found !== undefined) throw wrongKind("make", folder, kindOf(found), "a folder or absent");
    makeFolder(folder);
    changed.push(above);
  }
  return changed;
}

/** New folder with its mode, whatever the umask. @throws MergeError DISK_FAILED */
export function makeFolder(absolute: string, mode: number = FOLDER_MODE): void {
  try {
    mkdirSync(absolute, mode);
    chmodSync(absolute, mode);
  } catch (thrown) {
    // Another process may have made it just now.
    if (errnoOf(thrown) === "EEXIST" && look(absolute, "make")?.isDirectory()) return;
    throw diskFailure("make", absolute, thrown);
  }
}
