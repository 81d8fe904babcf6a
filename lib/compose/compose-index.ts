/** Composes one merged index: bytes in blocks, each block compressed once, the pieces joined, everything digested. */
import { crc32 } from "node:zlib";
import type { Block } from "../archive/block.ts";
import { type DigestName, type Digests, digester, sha256Of } from "../archive/digests.ts";
import type { Sha256 } from "../archive/names.ts";
import { blockOf, spliceXz } from "../archive/xz-stream.ts";
import type { Codec, Compressor } from "../ports.ts";
import { type ComposedFile, openBlockFile } from "./block-file.ts";
import { spliceGzip } from "./gzip-splice.ts";
import type { CompressedBlock, KnownBlock, KnownBlocks } from "./known-blocks.ts";

export interface CodecPlan {
  readonly codec: Codec;
  readonly level: number;
  readonly known: KnownBlocks;
  /** Takes the file as it is made. When the pieces end in an error, so must it. */
  sink(pieces: AsyncIterable<Buffer>): Promise<void>;
}

export interface ComposeOrder {
  /** Of the merged index, in order. */
  readonly blocks: Iterable<Block> | AsyncIterable<Block>;
  /** None for a dry run: then the index is digested only. */
  readonly codecs: readonly CodecPlan[];
  readonly digests: readonly DigestName[];
  /** Sees each block and the digest of its text, in order. */
  observe?(bytes: Buffer, raw: Sha256): void;
}

export interface ComposedIndex {
  readonly stanzas: number;
  readonly overridden: number;
  /** The uncompressed index: listed, not written. */
  readonly plain: { readonly bytes: number; readonly digests: Digests };
  readonly files: readonly ComposedFile[];
}

interface World {
  readonly compressor: Compressor;
  /** Called with blocks finished and blocks begun. */
  progress(done: number, begun: number): void;
}

export async function composeIndex(order: ComposeOrder, world: World): Promise<ComposedIndex> {
  const { compressor } = world;
  const plain = digester(order.digests);
  const files = order.codecs.map(({ codec, level, sink }) => openBlockFile(codec, level, order.digests, sink));
  const running = new Set<Promise<unknown>>();
  const failures: unknown[] = [];
  let [plainBytes, crc, stanzas, overridden, blocks, asked, done, runningBytes] = [0, 0, 0, 0, 0, 0, 0, 0];
  const failed = (): boolean => failures.length > 0 || files.some(({ failure }) => failure !== undefined);

  try {
    for await (const block of order.blocks) {
      plain.update(block.bytes);
      crc = crc32(block.bytes, crc);
      plainBytes += block.bytes.length;
      stanzas += block.stanzas;
      overridden += block.overridden;
      const raw = sha256Of(block.bytes);
      order.observe?.(block.bytes, raw);
      const place = blocks++;
      const tasks: Promise<void>[] = [];
      for (const [position, { codec, level, known }] of order.codecs.entries()) {
        asked++;
        const task = compressed(block.bytes, known.get(raw), codec, level, compressor);
        tasks.push(
          task.then((piece) => {
            files[position]?.put(place, piece, raw);
            world.progress(++done, asked);
          }),
        );
      }
      runningBytes += block.bytes.length;
      const settled: Promise<unknown> = Promise.all(tasks)
        .catch((error: unknown) => void failures.push(error))
        .finally(() => {
          running.delete(settled);
          runningBytes -= block.bytes.length;
          block.release();
        });
      running.add(settled);
      // Memory stays bounded whatever the size of the index; each core has work, and as much again waits for it.
      while (runningBytes > compressor.parallel * BYTES_PER_CORE) await Promise.race(running);
      // A disk that is slower than all of that is waited for.
      while (files.some(({ waiting }) => waiting > MAX_WAITING) && !failed()) await soon();
      if (failed()) break;
    }
    await Promise.all(running);
    if (failures.length > 0) throw failures[0];
    const finished = await Promise.all(files.map((file) => file.finish(crc, plainBytes)));
    return { stanzas, overridden, plain: { bytes: plainBytes, digests: plain.digests() }, files: finished };
  } catch (error) {
    // Nothing goes on behind our back, and no part of a file is left.
    await Promise.all(running);
    await Promise.all(files.map((file) => file.abort(error)));
    throw error;
  }
}

/** Text whose compression runs or waits, for each core. Small blocks wait for others to share a child process with. */
const BYTES_PER_CORE = 8 * 1024 * 1024;

/** Pieces of a file that may wait for the disk. */
const MAX_WAITING = 64;

const soon = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

/** A known block is taken over when it still holds the very bytes: where it lies was read from the cache, which may be damaged. */
async function compressed(
  block: Buffer,
  known: KnownBlock | undefined,
  codec: Codec,
  level: number,
  compressor: Compressor,
): Promise<CompressedBlock> {
  const old = known?.plainBytes === block.length ? await known.read() : undefined;
  if (known !== undefined && old !== undefined) {
    const { plainBytes, unpaddedBytes } = known;
    const file = Buffer.concat(
      codec === "xz" ? spliceXz([{ bytes: old, plainBytes, unpaddedBytes }]) : spliceGzip([old], crc32(block), block.length),
    );
    const outcome = await compressor.decompress(file, codec, block.length);
    if (outcome.kind === "plain" && outcome.bytes.equals(block))
      return { bytes: old, plainBytes, unpaddedBytes: codec === "xz" ? unpaddedBytes : old.length };
  }
  const bytes = await compressor.compressBlock(block, codec, level);
  return codec === "xz" ? blockOf(bytes) : { bytes, plainBytes: block.length, unpaddedBytes: bytes.length };
}
