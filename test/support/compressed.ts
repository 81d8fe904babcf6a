/** Compression as archives have it, remembered by content: tests build the same small indices again and again. */
import { createHash } from "node:crypto";
import { gzipSync, zstdCompressSync } from "node:zlib";
import type { Compression } from "../../lib/ports.ts";
import { runWell } from "./child.ts";

const done = new Map<string, Promise<Buffer>>();

/** Ending of a file name, with its dot. */
export const ENDINGS: Readonly<Record<Compression, string>> = { xz: ".xz", gz: ".gz", bz2: ".bz2", zst: ".zst", plain: "" };

/** The same bytes for the same input, on every machine with the same tools. */
export function compressed(bytes: Buffer, compression: Compression): Promise<Buffer> {
  const key = `${compression} ${createHash("sha256").update(bytes).digest("hex")}`;
  const known = done.get(key);
  if (known !== undefined) return known;
  const made = compress(bytes, compression);
  done.set(key, made);
  return made;
}

async function compress(bytes: Buffer, compression: Compression): Promise<Buffer> {
  switch (compression) {
    case "plain":
      return bytes;
    case "gz":
      return gzipSync(bytes, { level: 9 });
    case "zst":
      return zstdCompressSync(bytes);
    case "bz2":
      return runWell("bzip2", ["-9", "--stdout"], { input: bytes });
    case "xz":
      return runWell("xz", ["-6", "--threads=1", "--stdout"], { input: bytes });
    default:
      return compression satisfies never;
  }
}
