/** One compressed file while it is made: its blocks go out in order as soon as they are there, and what remains is where each lies. */
import { type DigestName, digester } from "../archive/digests.ts";
import type { Sha256 } from "../archive/names.ts";
import { XZ_HEAD, xzTail } from "../archive/xz-stream.ts";
import type { Codec } from "../ports.ts";
import { GZIP_HEAD, gzipTail } from "./gzip-splice.ts";
import type { BlockLayout, BlockPlace, CompressedBlock } from "./known-blocks.ts";
import { pieceQueue } from "./piece-queue.ts";

export interface ComposedFile {
  readonly codec: Codec;
  readonly bytes: number;
  readonly digests: ReturnType<ReturnType<typeof digester>["digests"]>;
  readonly layout: BlockLayout;
}

export interface BlockFile {
  /** In any order. @param place of the block in the file */
  put(place: number, block: CompressedBlock, raw: Sha256): void;
  /** Blocks that were put and are not written. */
  readonly waiting: number;
  /**
   * When all blocks were put.
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

/** @param sink takes the file; it is to end with the error that the pieces end with */
export function openBlockFile(
  codec: Codec,
  level: number,
  names: readonly DigestName[],
  sink: (pieces: AsyncIterable<Buffer>) => Promise<void>,
): BlockFile {
  const queue = pieceQueue();
  const digest = digester(names);
  const early = new Map<number, { readonly block: CompressedBlock; readonly raw: Sha256 }>();
  const places: BlockPlace[] = [];
  let offset = 0;
  let failure: { readonly error: unknown } | undefined;
  let ended = false;
  const written = sink(queue.pieces)
    .catch((error: unknown) => {
      failure = { error };
    })
    .finally(() => {
      ended = true;
    });
  const write = (piece: Buffer): void => {
    digest.update(piece);
    queue.put(piece);
    offset += piece.length;
  };
  write(codec === "xz" ? XZ_HEAD : GZIP_HEAD);

  return {
    get waiting() {
      return ended ? 0 : early.size + queue.waiting;
    },
    get failure() {
      return failure;
    },
    put(place, block, raw) {
      early.set(place, { block, raw });
      for (let next = early.get(places.length); next !== undefined; next = early.get(places.length)) {
        early.delete(places.length);
        const { bytes, plainBytes, unpaddedBytes } = next.block;
        places.push({ raw: next.raw, plainBytes, offset, bytes: bytes.length, unpaddedBytes });
        write(bytes);
      }
    },
    async finish(crc32, plainBytes) {
      write(codec === "xz" ? xzTail(places) : gzipTail(crc32, plainBytes));
      queue.end();
      await written;
      if (failure !== undefined) throw failure.error;
      const digests = digest.digests();
      return { codec, bytes: offset, digests, layout: { schema: "aptmerge.blocks/1", codec, level, file: digests.SHA256, blocks: places } };
    },
    async abort(error) {
      queue.fail(error);
      await written;
    },
  };
}
