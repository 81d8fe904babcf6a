/** Compresses blocks by the xz program, of which there are as many as cores, each for one block after another. */
import pLimit from "p-limit";
import { ownCopy } from "../archive/give-back.ts";
import { blockOf, isWholeStream } from "../archive/xz-stream.ts";
import { MergeError } from "../errors.ts";
import { type ChildEnd, runChild } from "./child.ts";
import { BoundedSink } from "./decompress-sink.ts";
import { errnoWords } from "./disk-errors.ts";
import type { Taken } from "./xz-child.ts";
import { type XzTimes, xzChildren } from "./xz-children.ts";

/** A block of xz grows by at most 1 in 10,000 and its headers. */
const XZ_OVERHEAD_BYTES = 4096;

/**
 * Dictionaries, by the blocks that they are for. One that is no larger than it must be costs less memory on either side and less time. A
 * function of the block alone: which blocks share a child must not show in the bytes.
 */
const DICTIONARIES = [64 * 1024, 256 * 1024, 1024 * 1024, 2 * 1024 * 1024, 8 * 1024 * 1024] as const;
/** What the presets 0 to 9 of xz take at most. */
const PRESET_DICTIONARIES = [0.25, 1, 2, 4, 4, 8, 8, 16, 32, 64].map((mib) => mib * 1024 * 1024);
/**
 * A repeat of this many bytes is taken without a look for better ones. Level 6 has 64 by itself; at 44 it takes a ninth less time for 1 % more bytes,
 * of which larger runs make most good in Packages. Who asks for more than 6 gets all there is.
 */
const NICE_BYTES: ReadonlyMap<number, number> = new Map([[6, 44]]);

/** At level 6 xz takes a quarter of a second for 1 MB; between two indices there are some seconds. */
const TIMES: XzTimes = { patience: (bytes) => 60_000 + Math.ceil(bytes / 100), rest: 10_000 };

/**
 * @param parallel children at one time
 * @returns compresses a block to a whole stream that holds it alone
 */
export function xzCompressor(program: string, parallel: number, times: XzTimes = TIMES): (block: Buffer, level: number) => Promise<Buffer> {
  const limit = pLimit(parallel);
  const useXz = xzChildren(program, parallel, times);
  const rooms: Buffer[] = [];

  /** @returns undefined when no child that stays is of use for it */
  const compressStanding = (args: readonly string[], block: Buffer, mostBytes: number): Promise<Buffer | undefined> =>
    useXz(args, async (child) => {
      // Used again for each stream: fresh memory costs more than to copy what is found in it.
      const found = rooms.pop();
      const room = found !== undefined && found.length >= mostBytes ? found : Buffer.allocUnsafeSlow(mostBytes);
      let used = 0;
      const take = (chunk: Buffer): Taken => {
        if (used + chunk.length > mostBytes) return "amiss";
        used += chunk.copy(room, used);
        return isWholeStream(room.subarray(0, used)) ? "done" : "more";
      };
      const isDone = await child.ask([block], times.patience(block.length), take);
      const stream = isDone ? ownCopy(room.subarray(0, used)) : undefined;
      rooms.push(room);
      return stream;
    });
  const compress = async (block: Buffer, level: number): Promise<Buffer> => {
    const args = argsFor(level, dictionaryFor(block.length, level));
    const mostBytes = block.length + (block.length >> 8) + XZ_OVERHEAD_BYTES;
    const stream = (await compressStanding(args, block, mostBytes)) ?? (await compressAlone(program, args, block, mostBytes));
    blockOf(stream);
    return stream;
  };
  return (block, level) => limit(() => compress(block, level));
}

function dictionaryFor(bytes: number, level: number): number {
  const most = PRESET_DICTIONARIES[level] ?? 0;
  return Math.min(most, DICTIONARIES.find((dictionary) => dictionary >= bytes) ?? most);
}

function argsFor(level: number, dictionary: number): readonly string[] {
  const nice = NICE_BYTES.get(level);
  return [
    "--compress",
    "--format=xz",
    // For text, which has no alignment: a half per cent smaller, and no slower.
    `--lzma2=preset=${level},dict=${dictionary},pb=0,lc=4${nice === undefined ? "" : `,nice=${nice}`}`,
    "--check=crc32",
    "--threads=1",
  ];
}

/** By a child of its own, which can also be had where there are no files for it, and says what is wrong. @throws MergeError COMPRESSOR_FAILED */
async function compressAlone(program: string, args: readonly string[], block: Buffer, mostBytes: number): Promise<Buffer> {
  const sink = new BoundedSink(mostBytes, block.length);
  const end = await runChild({ program, args: [...args, "--stdout"], input: [block], output: (chunk) => sink.add(chunk) });
  if (end.kind !== "exited" || end.status !== 0) {
    throw new MergeError("COMPRESSOR_FAILED", `Cannot compress with "${program}": ${describe(end)}`);
  }
  return sink.finish();
}

function describe(end: ChildEnd): string {
  switch (end.kind) {
    case "exited":
      return `it ended with status ${end.status} and said "${end.stderr}"`;
    case "stopped":
      return "its output is longer than its input";
    case "killed":
      return `it was ended by ${end.signal}`;
    case "not-started":
      return `it did not start: ${errnoWords(end.errno)}`;
    default:
      return end satisfies never;
  }
}
