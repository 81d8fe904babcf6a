/** One compressed file while it is made: its runs go out in order as soon as they are there, and what remains is where each lies. */
import { type DigestName, digester } from "../archive/digests.ts";
import { XZ_HEAD, xzTail } from "../archive/xz-stream.ts";
import type { Codec } from "../ports.ts";
import { GZIP_HEAD, gzipTail } from "./gzip-splice.ts";
import { bondOf, type CompressedRun, type RunPlace } from "./known-runs.ts";
import { pieceQueue } from "./piece-queue.ts";
import type { PlannedRun } from "./run-planner.ts";

export interface ComposedFile {
  readonly codec: Codec;
  readonly bytes: number;
  readonly digests: ReturnType<ReturnType<typeof digester>["digests"]>;
  readonly runs: readonly RunPlace[];
}

export interface BlockFile {
  /** In any order. @param place of the run in the file */
  put(place: number, piece: CompressedRun, run: PlannedRun): void;
  /** Of runs that were put and are not written. */
  readonly waitingBytes: number;
  /**
   * When all runs were put.
   *
   * @param crc32 of the uncompressed bytes
   * @throws what the sink throws
   */
  finish(crc32: number, plainBytes: number): Promise<ComposedFile>;
  /** Whatever became of the text. */
  abort(error: unknown): Promise<void>;
  /** Why it cannot be written; undefined while all is well. */
  readonly failure: { readonly error: unknown } | undefined;
}

/**
 * @param sink takes the file; it is to end with the error that the pieces end with
 * @param moved called when less waits
 */
export function openBlockFile(
  codec: Codec,
  names: readonly DigestName[],
  sink: (pieces: AsyncIterable<Buffer>) => Promise<void>,
  moved: () => void,
): BlockFile {
  const queue = pieceQueue(moved);
  const digest = digester(names);
  const early = new Map<number, { readonly piece: CompressedRun; readonly run: PlannedRun }>();
  const places: (RunPlace & { readonly plainBytes: number })[] = [];
  let [offset, earlyBytes] = [0, 0];
  let failure: { readonly error: unknown } | undefined;
  let ended = false;
  const written = sink(queue.pieces)
    .catch((error: unknown) => {
      failure = { error };
    })
    .finally(() => {
      ended = true;
      moved();
    });
  const write = (piece: Buffer, written?: () => void): void => {
    digest.update(piece);
    queue.put(piece, written);
    offset += piece.length;
  };
  write(codec === "xz" ? XZ_HEAD : GZIP_HEAD);

  return {
    get waitingBytes() {
      return ended ? 0 : earlyBytes + queue.waitingBytes;
    },
    get failure() {
      return failure;
    },
    put(place, piece, run) {
      early.set(place, { piece, run });
      earlyBytes += piece.bytes.length;
      for (let next = early.get(places.length); next !== undefined; next = early.get(places.length)) {
        early.delete(places.length);
        earlyBytes -= next.piece.bytes.length;
        const { bytes, plainBytes, unpaddedBytes, edited, bond: known, written } = next.piece;
        const blocks = next.run.blocks.map(({ raw, block }) => ({ raw, plainBytes: block.bytes.length }));
        const bond = known ?? bondOf(blocks, bytes);
        places.push({ blocks, plainBytes, offset, bytes: bytes.length, unpaddedBytes, edited, bond });
        write(bytes, written);
      }
    },
    async finish(crc32, plainBytes) {
      write(codec === "xz" ? xzTail(places) : gzipTail(crc32, plainBytes));
      queue.end();
      await written;
      if (failure !== undefined) throw failure.error;
      const runs = places.map(({ plainBytes: _, ...place }) => place);
      return { codec, bytes: offset, digests: digest.digests(), runs };
    },
    async abort(error) {
      queue.fail(error);
      await written;
    },
  };
}
