/**
 * Sorts an input that is not in byte order of its paths, such as those which reprepro writes: folder by folder, files before folders. Slow
 * but bounded: in memory are a run of 16 MiB, and all runs compressed, at most 512 MiB; Debian's Contents-amd64 takes 20 MB.
 */
import { deflateRaw, inflateRaw } from "node:zlib";
import { MergeError, type Where } from "../errors.ts";
import { commonPrefix, orderBehind } from "./common-prefix.ts";
import type { ContentsStats } from "./contents-input.ts";
import type { LineReader } from "./line-reader.ts";
import { UNPLACED } from "./locations.ts";
import { Strand } from "./strand.ts";

const MAX_COMPRESSED_BYTES = 512 * 1024 * 1024;
/** Of a run, compressed by itself: each run that is read holds one. */
const PIECE_BYTES = 128 * 1024;
const FASTEST = 1;
const NEWLINE = 0x0a;

/** Lines in byte order of their paths; those of one path in the order in which they came. */
export interface SortedRun {
  chunks(): AsyncGenerator<Buffer>;
}

export interface Sorted {
  /** In the order in which they came. */
  readonly runs: readonly SortedRun[];
  /** Of the input as it was: nothing was placed yet. */
  readonly stats: ContentsStats;
}

/**
 * @param runBytes text of a run
 * @throws MergeError INDEX_TOO_LARGE when it does not fit; what reading the input throws
 */
export async function sortInRuns(chunks: AsyncIterator<Buffer>, where: Where, runBytes: number): Promise<Sorted> {
  const strand = new Strand(chunks, { where, locations: UNPLACED, header: true, unsorted: undefined });
  const runs: CompressedRun[] = [];
  const lines = new LineCollector(runBytes);
  let compressedBytes = 0;
  const endRun = async (): Promise<void> => {
    const run = new CompressedRun();
    for (const piece of lines.takeSorted()) {
      compressedBytes += await run.add(piece);
      if (compressedBytes > MAX_COMPRESSED_BYTES) throw tooLarge(where);
    }
    runs.push(run);
  };
  const { reader } = strand;
  while (reader.advance() || (await strand.advance())) {
    if (!lines.hasRoomFor(reader)) await endRun();
    lines.add(reader);
  }
  if (lines.count > 0) await endRun();
  return { runs, stats: reader.stats };
}

/** The lines of one run. */
class LineCollector {
  readonly #runBytes: number;
  #text: Buffer;
  #view: DataView;
  #used = 0;
  readonly #starts: number[] = [];
  readonly #pathEnds: number[] = [];

  constructor(runBytes: number) {
    this.#runBytes = runBytes;
    this.#text = Buffer.allocUnsafeSlow(runBytes);
    this.#view = new DataView(this.#text.buffer);
  }

  get count(): number {
    return this.#starts.length;
  }

  hasRoomFor({ start, end }: LineReader): boolean {
    return this.#used === 0 || this.#used + (end - start) <= this.#runBytes;
  }

  add({ room, start, pathEnd, listEnd }: LineReader): void {
    const bytes = listEnd - start + 1;
    if (this.#used + bytes > this.#text.length) {
      // Nothing is in it yet.
      this.#text = Buffer.allocUnsafeSlow(bytes);
      this.#view = new DataView(this.#text.buffer);
    }
    this.#starts.push(this.#used);
    this.#pathEnds.push(this.#used + (pathEnd - start));
    this.#used += room.copy(this.#text, this.#used, start, listEnd);
    this.#text[this.#used++] = NEWLINE;
  }

  /** Empties it. */
  *takeSorted(): Generator<Buffer> {
    const startOf = (line: number): number => this.#starts[line] ?? this.#used;
    const pathEndOf = (line: number): number => this.#pathEnds[line] ?? this.#used;
    // Stable, and fast where lines are in order already.
    const order = Array.from(this.#starts.keys()).sort((left, right) => {
      const [a, b, aEnd, bEnd] = [startOf(left), startOf(right), pathEndOf(left), pathEndOf(right)];
      const alike = commonPrefix(this.#view, a, this.#view, b, Math.min(aEnd - a, bEnd - b));
      return orderBehind(this.#view, a, aEnd, this.#view, b, bEnd, alike);
    });
    let parts: Buffer[] = [];
    let bytes = 0;
    for (const line of order) {
      const part = this.#text.subarray(startOf(line), startOf(line + 1));
      parts.push(part);
      bytes += part.length;
      if (bytes < PIECE_BYTES) continue;
      yield Buffer.concat(parts, bytes);
      parts = [];
      bytes = 0;
    }
    if (bytes > 0) yield Buffer.concat(parts, bytes);
    this.#starts.length = 0;
    this.#pathEnds.length = 0;
    this.#used = 0;
  }
}

class CompressedRun implements SortedRun {
  readonly #pieces: Buffer[] = [];

  /** @returns bytes it takes */
  async add(text: Buffer): Promise<number> {
    const piece = await inThreads((done) => deflateRaw(text, { level: FASTEST }, done));
    this.#pieces.push(piece);
    return piece.length;
  }

  async *chunks(): AsyncGenerator<Buffer> {
    for (let piece = this.#pieces.shift(); piece !== undefined; piece = this.#pieces.shift()) {
      const compressed = piece;
      yield await inThreads((done) => inflateRaw(compressed, { chunkSize: PIECE_BYTES }, done));
    }
  }
}

function inThreads(start: (done: (error: Error | null, result: Buffer) => void) => void): Promise<Buffer> {
  return new Promise((resolve, reject) => start((error, result) => (error === null ? resolve(result) : reject(error))));
}

function tooLarge(where: Where): MergeError {
  const text = `Cannot sort ${where.file} of ${where.mirror}/${where.suite}: it takes more than ${MAX_COMPRESSED_BYTES} bytes compressed, it must take less`;
  return new MergeError("INDEX_TOO_LARGE", text, where);
}
