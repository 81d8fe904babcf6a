/** What a bad disk, a crash of the machine or a wrong hand can make of a file. */
import { execFileSync } from "node:child_process";
import { mkdir, readFile, rm, symlink, truncate, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { sha256Of } from "../../lib/archive/digests.ts";
import { numbers } from "./numbers.ts";

export interface Damage {
  readonly name: string;
  /** What it leaves is no regular file. */
  readonly kind?: "folder" | "FIFO" | "symlink";
  /** @param victim a file elsewhere that must stay as it is */
  readonly make: (path: string, victim: string) => Promise<void>;
}

const rewrite = async (path: string, change: (bytes: Buffer) => Buffer): Promise<void> => writeFile(path, change(await readFile(path)));

/** @param part of its length at which the bit is, below 1 */
export const flipped = (part: number): Damage => ({
  name: `with a bit flipped at ${Math.round(part * 100)} %`,
  make: (path) =>
    rewrite(path, (bytes) => {
      const at = Math.floor(bytes.length * part);
      if (at < bytes.length) bytes[at] = (bytes[at] ?? 0) ^ (1 << (at % 7));
      return bytes;
    }),
});

/** Still a regular file. */
export const DAMAGED: readonly Damage[] = [
  flipped(0.02),
  flipped(0.5),
  flipped(0.97),
  { name: "cut in half", make: (path) => rewrite(path, (bytes) => bytes.subarray(0, bytes.length / 2)) },
  { name: "emptied", make: (path) => truncate(path) },
  {
    name: "of random bytes",
    make: (path) => {
      const pick = numbers(1);
      return rewrite(path, (bytes) => Buffer.from(bytes.map(() => pick(256))));
    },
  },
];

/** Something else in its place. */
export const REPLACED: readonly Damage[] = [
  {
    name: "replaced by a folder",
    kind: "folder",
    async make(path) {
      await rm(path);
      await mkdir(path);
      await writeFile(join(path, "inside"), "");
    },
  },
  {
    name: "replaced by a FIFO",
    kind: "FIFO",
    async make(path) {
      await rm(path);
      execFileSync("mkfifo", [path]);
    },
  },
  {
    name: "replaced by a symlink to a file elsewhere",
    kind: "symlink",
    async make(path, victim) {
      await rm(path);
      await symlink(victim, path);
    },
  },
];

/** The number behind the name of a schema, wherever the file says it; sealed files are sealed again, as the other version would have done. */
export const schemaOf = (version: number): Damage => ({
  name: `of schema ${version}`,
  make: (path) =>
    rewrite(path, (bytes) => {
      const change = (content: Buffer): Buffer =>
        Buffer.from(content.toString("latin1").replace(/("schema": ?"aptmerge\.[a-z-]+)\/\d+"/, `$1/${version}"`), "latin1");
      const isSealed = bytes.length > 64 && sha256Of(bytes.subarray(65)) === bytes.toString("latin1", 0, 64);
      if (!isSealed) return change(bytes);
      const content = change(bytes.subarray(65));
      return Buffer.concat([Buffer.from(`${sha256Of(content)}\n`), content]);
    }),
});
