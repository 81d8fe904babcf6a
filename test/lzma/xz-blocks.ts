/** Blocks of xz by the real program, and what it reads in ours. */
import { execFileSync } from "node:child_process";
import { blockOf, spliceXz, type XzBlock } from "../../lib/archive/xz-stream.ts";
import { draftBlock, isReadAs, writeBlock } from "../../lib/lzma/edit-block.ts";

const MAX_BYTES = 2 ** 30;

/** @param options of LZMA2; by default those of our own */
export function packed(text: Buffer, options = "preset=6,dict=1MiB,pb=0,lc=4"): XzBlock {
  const args = ["--format=xz", "--check=crc32", "--threads=1", `--lzma2=${options}`, "--stdout"];
  return blockOf(execFileSync("xz", args, { input: text, maxBuffer: MAX_BYTES }));
}

/** What the real program reads; it also compares each block with its CRC32. @throws Error when it does not read all of it */
export const unpacked = (blocks: readonly XzBlock[]): Buffer =>
  execFileSync("xz", ["--decompress", "--stdout"], { input: Buffer.concat(spliceXz(blocks)), maxBuffer: MAX_BYTES });

export function edited({ bytes, plainBytes }: XzBlock, text: Buffer): XzBlock | undefined {
  const draft = draftBlock({ block: bytes, plainBytes, text });
  // The halves may be done by two threads.
  const block = draft && writeBlock(structuredClone(draft));
  if (block !== undefined && !isReadAs({ block: block.bytes, text })) throw new Error("Our own reader reads something else");
  return block && { ...block, plainBytes: text.length };
}

/** Stanzas as an index has them: much repeats, near and far, and digests do not. @param random numbers from 0 to one less */
export function stanzas(count: number, random: (below: number) => number): string[] {
  const words = [
    "library",
    "for",
    "parsing",
    "the",
    "documentation",
    "of",
    "development",
    "files",
    "python3",
    "module",
    "common",
    "runtime",
  ];
  const some = (): string => words[random(words.length)] ?? "";
  return Array.from({ length: count }, (_, place) => {
    const name = `lib${some()}-${some()}${place}`;
    const digest = Array.from({ length: 64 }, () => random(16).toString(16)).join("");
    const depends = Array.from({ length: random(5) }, () => `lib${some()}-${some()}${random(count)} (>= ${random(9)}.${random(40)})`);
    return `Package: ${name}\nVersion: ${random(12)}.${random(40)}-${random(4)}\nInstalled-Size: ${random(90_000)}\nDepends: ${["libc6", ...depends].join(", ")}\nDescription: ${Array.from({ length: 8 }, some).join(" ")}\nFilename: pool/main/${name}.deb\nSize: ${random(10_000_000)}\nSHA256: ${digest}\n\n`;
  });
}
