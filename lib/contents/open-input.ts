/** Opens an input of a merge: as it comes when it is in byte order of its paths, else sorted. */
import type { ContentsInput, ContentsStats } from "./contents-input.ts";
import { ContentsUnsorted } from "./contents-unsorted.ts";
import { LineReader } from "./line-reader.ts";
import { Locations, UNPLACED } from "./locations.ts";
import { type SortedRun, sortInRuns } from "./sort-in-runs.ts";
import { PART_BYTES, Strand } from "./strand.ts";

export interface OpenedInput {
  /** Those of one path in the order in which the input has them. */
  readonly strands: readonly Strand[];
  stats(): ContentsStats;
  /** Whatever became of the merge. */
  close(): Promise<void>;
}

export interface OpeningLimits {
  /**
   * So many bytes of an input are looked at before any block is made, more than a header has. dak, apt-ftparchive and Launchpad write byte
   * order; that reprepro does not shows in its first folders, and small files are seen whole.
   */
  readonly aheadBytes: number;
  /** Text of a run, when it has to be sorted. */
  readonly runBytes: number;
}

/** What a run's reader needs beside its piece. */
const RUN_ROOM_BYTES = 256 * 1024;

/** @throws MergeError INDEX_TOO_LARGE when it has to be sorted and does not fit; what reading throws */
export async function openInput(input: ContentsInput, position: number, limits: OpeningLimits): Promise<OpenedInput> {
  const chunks = input.chunks[Symbol.asyncIterator]();
  const close = async (): Promise<void> => void (await chunks.return?.());
  try {
    return { ...(await openChunks(chunks, input, position, limits)), close };
  } catch (error) {
    // What failed is to be told, not what closing makes of it.
    await Promise.allSettled([close()]);
    throw error;
  }
}

async function openChunks(
  chunks: AsyncIterator<Buffer>,
  input: ContentsInput,
  position: number,
  limits: OpeningLimits,
): Promise<Omit<OpenedInput, "close">> {
  const { where } = input;
  const locations = new Locations((location) => input.place(location));
  const unsorted = (line: number): Error => new ContentsUnsorted(position, line, where);
  const ahead = await readAhead(chunks, input.sorted === false ? 0 : limits.aheadBytes);
  const whole = replay(ahead, chunks);
  if (input.sorted !== false && isSorted(ahead, input)) {
    const strand = new Strand(whole, { where, locations, header: true, unsorted });
    return { strands: [strand], stats: () => strand.reader.stats };
  }
  const { runs, stats } = await sortInRuns(whole, where, limits.runBytes);
  const open = (run: SortedRun): Strand => new Strand(run.chunks(), { where, locations, header: false, unsorted }, RUN_ROOM_BYTES);
  const strands = runs.map(open);
  const sum = (amount: "kept" | "locationsOut"): number => strands.reduce((total, { reader }) => total + reader.stats[amount], 0);
  return { strands, stats: () => ({ ...stats, kept: sum("kept"), locationsOut: sum("locationsOut") }) };
}

interface Ahead {
  readonly chunks: Buffer[];
  /** Whether nothing comes behind them. */
  readonly all: boolean;
}

async function readAhead(chunks: AsyncIterator<Buffer>, most: number): Promise<Ahead> {
  const ahead: Buffer[] = [];
  for (let bytes = 0; bytes < most; ) {
    const next = await chunks.next();
    if (next.done === true) return { chunks: ahead, all: true };
    ahead.push(next.value);
    bytes += next.value.length;
  }
  return { chunks: ahead, all: false };
}

/** Lets go of what was read ahead, piece by piece. */
async function* replay({ chunks }: Ahead, rest: AsyncIterator<Buffer>): AsyncGenerator<Buffer> {
  for (let chunk = chunks.shift(); chunk !== undefined; chunk = chunks.shift()) yield chunk;
  for (let next = await rest.next(); next.done !== true; next = await rest.next()) yield next.value;
}

function isSorted({ chunks, all }: Ahead, { where }: ContentsInput): boolean {
  const disorder = new Error();
  const reader = new LineReader({ where, locations: UNPLACED, header: true, unsorted: () => disorder });
  const readOn = (): void => {
    while (reader.advance());
  };
  try {
    for (const chunk of chunks) {
      for (let at = 0; at < chunk.length; at += PART_BYTES) {
        reader.feed(chunk.subarray(at, at + PART_BYTES));
        readOn();
      }
    }
    if (all) reader.finish();
    readOn();
    return true;
  } catch (error) {
    if (error === disorder) return false;
    throw error;
  }
}
