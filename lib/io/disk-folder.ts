/** A folder on a real disk: the port `Folder`. What each rule of the port costs and guards against stands in the files beside this one. */
import { link as hardLink, readdir, readlink, rename, rm, symlink } from "node:fs/promises";
import { dirname, join, resolve } from "node:path";
import pLimit from "p-limit";
import type { DigestName } from "../archive/digests.ts";
import { MergeError } from "../errors.ts";
import type { Folder } from "../ports.ts";
import { diskFailure, errnoOf, wrongKind } from "./disk-errors.ts";
import { createFile, digestRegular, makeParents, openPieces, readPart, readRegular, replace, syncFolder } from "./disk-file.ts";
import { flushTree, type Limit } from "./disk-flush.ts";
import { prepareRoot } from "./disk-open.ts";
import { kindOf, locate, look, type Place, staysBelow } from "./disk-path.ts";

/** File operations at one time. The thread pool runs four; a few more keep it busy, and few open files suffice. */
const MAX_OPERATIONS = 8;

/** A hard link is refused with one of these where the disk or its rules do not allow it: the file is copied then. */
const NO_HARD_LINK: ReadonlySet<string | undefined> = new Set(["EMLINK", "EPERM", "EXDEV", "ENOTSUP", "EOPNOTSUPP", "ENOSYS"]);

export interface OpenOptions {
  /** Mode of the root when it is made, 0755 by default. */
  readonly mode?: number;
  /** The root must exist and is neither made nor has to be writable. */
  readonly forReading?: boolean;
}

/**
 * Opens a folder, made with those above it when absent.
 *
 * @param root relative to the working folder or absolute; may itself be reached through symlinks
 * @throws MergeError OUTPUT_UNUSABLE when it cannot be made, is no folder, or may not be written
 */
export async function openFolder(root: string, options: OpenOptions = {}): Promise<Folder> {
  const absolute = resolve(root);
  await prepareRoot(absolute, options.mode ?? 0o755, options.forReading ?? false);
  return new DiskFolder(absolute);
}

class DiskFolder implements Folder {
  readonly root: string;
  readonly #limit: Limit = pLimit(MAX_OPERATIONS);

  constructor(root: string) {
    this.root = root;
  }

  async read(path: string) {
    const place = locate(this.root, path, "read");
    return place && (await this.#limit(() => readRegular(place.absolute)))?.bytes;
  }

  async readPieces(path: string) {
    const place = locate(this.root, path, "read");
    return place && this.#limit(() => openPieces(place.absolute));
  }

  async readPart(path: string, offset: number, bytes: number) {
    const place = locate(this.root, path, "read");
    return place && this.#limit(() => readPart(place.absolute, offset, bytes));
  }

  async digest(path: string, names: readonly DigestName[]) {
    const place = locate(this.root, path, "read");
    return place && this.#limit(() => digestRegular(place.absolute, names));
  }

  async stat(path: string) {
    const stats = this.#lookAt(path, "read");
    if (stats === undefined) return undefined;
    if (!stats.isFile()) throw wrongKind("read", join(this.root, path), kindOf(stats), "a regular file");
    return { bytes: stats.size, modified: stats.mtime, id: `${stats.dev}:${stats.ino}` };
  }

  /** `""` and `"."` are the root. */
  async list(path: string) {
    const absolute = this.#absoluteOrRoot(path, "list");
    const stats = absolute === undefined ? undefined : look(absolute, "list");
    if (absolute === undefined || stats === undefined) return undefined;
    if (!stats.isDirectory()) throw wrongKind("list", absolute, kindOf(stats), "a folder");
    return this.#try("list", absolute, async () => {
      const entries = await readdir(absolute, { withFileTypes: true });
      return entries
        .map(
          (entry) =>
            ({
              name: entry.name,
              kind: entry.isFile() ? "file" : entry.isDirectory() ? "folder" : entry.isSymbolicLink() ? "link" : "other",
            }) as const,
        )
        .sort((a, b) => Buffer.compare(Buffer.from(a.name), Buffer.from(b.name)));
    });
  }

  async writeDurably(path: string, bytes: Uint8Array) {
    const { place, changed } = this.#placeFor(path, "write");
    this.#mayReplace(place, "write", "a regular file");
    await this.#try("write", place.absolute, async () => {
      await replace(place.absolute, (temporary) => createFile(temporary, bytes, { durable: true }));
      for (const folder of changed) await syncFolder(folder);
    });
  }

  async writeNew(path: string, bytes: Uint8Array | AsyncIterable<Uint8Array>, modified?: Date) {
    const { place } = this.#placeFor(path, "write");
    await this.#try("write", place.absolute, () => createFile(place.absolute, bytes, { modified, durable: false }));
  }

  async link(from: string, to: string) {
    const source = this.#existing(from, "link");
    const stats = look(source.absolute, "link");
    if (stats !== undefined && !stats.isFile()) throw wrongKind("link", source.absolute, kindOf(stats), "a regular file");
    const { place } = this.#placeFor(to, "link");
    await this.#try("link", place.absolute, async () => {
      try {
        await hardLink(source.absolute, place.absolute);
      } catch (thrown) {
        if (!NO_HARD_LINK.has(errnoOf(thrown))) throw thrown;
        const file = await readRegular(source.absolute);
        if (file === undefined) throw thrown;
        await createFile(place.absolute, file.bytes, { modified: file.modified, durable: false });
      }
    });
  }

  async symlinkNew(path: string, target: string) {
    const { place } = this.#placeForLink(path, target);
    await this.#try("make symlink", place.absolute, () => symlink(target, place.absolute));
  }

  /** `""` and `"."` are the root. */
  async flush(path: string) {
    const absolute = this.#absoluteOrRoot(path, "flush");
    if (absolute === undefined) throw wrongKind("flush", join(this.root, path), "absent", "a regular file or a folder");
    await flushTree(this.root, absolute, this.#limit);
  }

  async switchLink(path: string, target: string) {
    const { place, changed } = this.#placeForLink(path, target);
    this.#mayReplace(place, "switch", "a symlink");
    await this.#try("switch", place.absolute, async () => {
      await replace(place.absolute, (temporary) => symlink(target, temporary));
      for (const folder of changed) await syncFolder(folder);
    });
  }

  async readLink(path: string) {
    const stats = this.#lookAt(path, "read symlink");
    if (stats === undefined) return undefined;
    const absolute = join(this.root, path);
    if (!stats.isSymbolicLink()) throw wrongKind("read symlink", absolute, kindOf(stats), "a symlink");
    return this.#try("read symlink", absolute, () => readlink(absolute));
  }

  /** Durable when it returns. */
  async rename(from: string, to: string) {
    const source = this.#existing(from, "rename");
    const { place, changed } = this.#placeFor(to, "rename");
    await this.#try(`rename "${source.absolute}" to`, place.absolute, async () => {
      await rename(source.absolute, place.absolute);
      for (const folder of new Set([place.folder, source.folder, ...changed])) await syncFolder(folder);
    });
  }

  async remove(path: string) {
    const place = locate(this.root, path, "remove");
    if (place === undefined) return;
    await this.#try("remove", place.absolute, () => rm(place.absolute, { recursive: true, force: true }));
  }

  #lookAt(path: string, action: string) {
    const place = locate(this.root, path, action);
    return place && look(place.absolute, action);
  }

  #absoluteOrRoot(path: string, action: string): string | undefined {
    return path === "" || path === "." ? this.root : locate(this.root, path, action)?.absolute;
  }

  #existing(path: string, action: string): Place {
    const place = locate(this.root, path, action);
    if (place !== undefined && look(place.absolute, action) !== undefined) return place;
    throw wrongKind(action, join(this.root, path), "absent", "there");
  }

  /** Place for something new; the folders above are made. `changed` are those that got a new folder. */
  #placeFor(path: string, action: string): { readonly place: Place; readonly changed: readonly string[] } {
    const changed = makeParents(this.root, path);
    const place = locate(this.root, path, action);
    if (place === undefined) throw wrongKind(action, dirname(join(this.root, path)), "gone again", "a folder");
    return { place, changed };
  }

  #placeForLink(path: string, target: string) {
    if (staysBelow(path, target)) return this.#placeFor(path, "make symlink");
    const file = join(this.root, path);
    throw new MergeError("DISK_FAILED", `Cannot make symlink "${file}": its target "${target}" must be relative and stay below the root`, {
      file,
    });
  }

  /** A rename replaces what stands there: only what was meant may be replaced. */
  #mayReplace(place: Place, action: string, wanted: "a regular file" | "a symlink"): void {
    const stats = look(place.absolute, action);
    if (stats !== undefined && kindOf(stats) !== wanted) throw wrongKind(action, place.absolute, kindOf(stats), `${wanted} or absent`);
  }

  #try<T>(action: string, absolute: string, operation: () => Promise<T>): Promise<T> {
    return this.#limit(async () => {
      try {
        return await operation();
      } catch (thrown) {
        throw diskFailure(action, absolute, thrown);
      }
    });
  }
}
