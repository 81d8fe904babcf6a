/** Files that only open handles lead to: nobody else can open one, and it is gone with the last of them, however that ends. */
import { randomUUID } from "node:crypto";
import { close, openSync, unlinkSync, writeSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** @returns its descriptor, for reading and writing @throws when the folder for temporary files takes none */
export function namelessFile(): number {
  const path = join(tmpdir(), `aptmerge-${randomUUID()}`);
  const file = openSync(path, "wx+", 0o600);
  unlinkSync(path);
  return file;
}

/**
 * Writes the parts one after the other, from the beginning of the file on. At once, not in a turn of the pool of threads, where it would wait behind
 * blocks that are deflated: nobody waits for a disk here.
 *
 * @returns bytes written
 * @throws when the disk is full
 */
export function writeParts(file: number, parts: readonly Uint8Array[]): number {
  let end = 0;
  for (const part of parts)
    for (let at = 0; at < part.length; ) {
      const written = writeSync(file, part, at, part.length - at, end);
      at += written;
      end += written;
    }
  return end;
}

/** What is in it is of no use any more, so how that ends does not matter. Not waited for: to give back a large file takes its time. */
export function forget(file: number): void {
  close(file, () => undefined);
}
