/**
 * Compresses blocks by the xz program. What waits is handed over several blocks at a time: to start a child takes as long as to compress a small
 * block.
 */
import { giveBack } from "../archive/give-back.ts";
import { blocksOfStream, spliceXz } from "../archive/xz-stream.ts";
import { MergeError } from "../errors.ts";
import { type ChildEnd, runChild } from "./child.ts";
import { BoundedSink } from "./decompress-sink.ts";
import { errnoWords } from "./disk-errors.ts";

/** A block of xz grows by at most 1 in 10,000 and its headers. */
const XZ_OVERHEAD_BYTES = 4096;
/** What one child gets at most, unless a single block is larger: a core must not wait for another's long batch at the end of a run. */
const BATCH_BYTES = 4 * 1024 * 1024;

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

interface Job {
  readonly block: Buffer;
  readonly level: number;
  readonly dictionary: number;
  resolve(stream: Buffer): void;
  reject(error: unknown): void;
}

/** @returns compresses a block to a whole stream that holds it alone @param parallel children at one time */
export function xzCompressor(program: string, parallel: number): (block: Buffer, level: number) => Promise<Buffer> {
  const waiting: Job[] = [];
  let running = 0;

  /** The oldest job and those that may share its child; no more than leave the other cores their part. */
  const nextBatch = (): Job[] => {
    const [first] = waiting;
    if (first === undefined) return [];
    const fitting = waiting.filter(({ level, dictionary }) => level === first.level && dictionary === first.dictionary);
    const all = fitting.reduce((sum, { block }) => sum + block.length, 0);
    const share = Math.min(BATCH_BYTES, all / parallel);
    const batch: Job[] = [];
    let bytes = 0;
    for (const job of fitting) {
      if (batch.length > 0 && bytes + job.block.length > share) break;
      batch.push(job);
      bytes += job.block.length;
    }
    for (const job of batch) waiting.splice(waiting.indexOf(job), 1);
    return batch;
  };
  const work = (): void => {
    while (running < parallel && waiting.length > 0) {
      const batch = nextBatch();
      running++;
      compressBatch(program, batch)
        .then((streams) => {
          for (const [position, job] of batch.entries()) job.resolve(streams[position] ?? Buffer.alloc(0));
        })
        .catch((error: unknown) => {
          for (const job of batch) job.reject(error);
        })
        .finally(() => {
          running--;
          work();
        });
    }
  };
  return (block, level) =>
    new Promise((resolve, reject) => {
      waiting.push({ block, level, dictionary: dictionaryFor(block.length, level), resolve, reject });
      // What is asked for in one turn goes together.
      if (waiting.length === 1) setImmediate(work);
    });
}

function dictionaryFor(bytes: number, level: number): number {
  const most = PRESET_DICTIONARIES[level] ?? 0;
  return Math.min(most, DICTIONARIES.find((dictionary) => dictionary >= bytes) ?? most);
}

/** @returns a whole stream for each block @throws MergeError COMPRESSOR_FAILED */
async function compressBatch(program: string, batch: readonly Job[]): Promise<readonly Buffer[]> {
  const [{ level, dictionary } = { level: 0, dictionary: 0 }] = batch;
  const lengths = batch.map(({ block }) => block.length);
  const bytes = lengths.reduce((sum, length) => sum + length, 0);
  const sink = new BoundedSink(bytes + (bytes >> 8) + XZ_OVERHEAD_BYTES * batch.length, bytes);
  const nice = NICE_BYTES.get(level);
  const args = [
    "--compress",
    "--stdout",
    "--format=xz",
    // For text, which has no alignment: a half per cent smaller, and no slower.
    `--lzma2=preset=${level},dict=${dictionary},pb=0,lc=4${nice === undefined ? "" : `,nice=${nice}`}`,
    "--check=crc32",
    "--threads=1",
    ...(batch.length === 1 ? [] : [`--block-list=${lengths.join(",")}`]),
  ];
  const input = batch.map(({ block }) => block);
  const end = await runChild({ program, args, input, output: (chunk) => sink.add(chunk) });
  if (end.kind !== "exited" || end.status !== 0) {
    throw new MergeError("COMPRESSOR_FAILED", `Cannot compress with "${program}": ${describe(end)}`);
  }
  // Copies: a batch's output must not live as long as its last block.
  const output = sink.finish();
  const streams = blocksOfStream(output, batch.length).map((block) => Buffer.concat(spliceXz([block])));
  giveBack(output);
  return streams;
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
