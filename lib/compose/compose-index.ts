/** Composes one merged index: bytes in blocks, each block compressed once, the pieces joined, everything digested. */
import { crc32 } from "node:zlib";
import type { Block } from "../archive/block.ts";
import { type DigestName, type Digests, digester, sha256Of } from "../archive/digests.ts";
import type { Sha256 } from "../archive/names.ts";
import type { Codec, Compressor } from "../ports.ts";
import { spliceGzip } from "./gzip-splice.ts";
import type { BlockLayout, BlockPlace, CompressedBlock, KnownBlocks } from "./known-blocks.ts";
import { blockOf, spliceXz } from "./xz-splice.ts";

export interface CodecPlan {
  readonly codec: Codec;
  readonly level: number;
  readonly known: KnownBlocks;
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

export interface ComposedFile {
  readonly codec: Codec;
  /** The file, in pieces: joined they would be held twice. */
  readonly pieces: readonly Buffer[];
  readonly bytes: number;
  readonly digests: Digests;
  readonly layout: BlockLayout;
}

export interface ComposedIndex {
  readonly stanzas: number;
  readonly overridden: number;
  /** The uncompressed index: listed, not written. */
  readonly plain: { readonly bytes: number; readonly digests: Digests };
  readonly files: readonly ComposedFile[];
}

/** Runs `task` when there is room; shared by all indices of a run so that the machine's cores are shared too. */
export type Limit = <T>(task: () => Promise<T>) => Promise<T>;

interface World {
  readonly compressor: Compressor;
  readonly limit: Limit;
  /** Called with blocks finished and blocks begun. */
  progress(done: number, begun: number): void;
}

type Slot = CompressedBlock & { readonly raw: Sha256 };

export async function composeIndex(order: ComposeOrder, world: World): Promise<ComposedIndex> {
  const { compressor, limit } = world;
  const plain = digester(order.digests);
  const slots = order.codecs.map((): Slot[] => []);
  const running = new Set<Promise<unknown>>();
  const failures: unknown[] = [];
  let [plainBytes, crc, stanzas, overridden, blocks, asked, done] = [0, 0, 0, 0, 0, 0, 0];

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
        const target = slots[position];
        if (target === undefined) continue;
        asked++;
        const task = limit(() => compressed(block.bytes, known.get(raw), codec, level, compressor));
        tasks.push(
          task.then((piece) => {
            target[place] = { ...piece, raw };
            world.progress(++done, asked);
          }),
        );
      }
      const settled: Promise<unknown> = Promise.all(tasks)
        .catch((error: unknown) => void failures.push(error))
        .finally(() => {
          running.delete(settled);
          block.release();
        });
      running.add(settled);
      // Memory stays bounded by one block for each core and one more, whatever the size of the index.
      while (running.size >= compressor.parallel + 1) await Promise.race(running);
      if (failures.length > 0) break;
    }
  } finally {
    // Also when the text ends in an error: nothing goes on behind our back.
    await Promise.all(running);
  }
  if (failures.length > 0) throw failures[0];

  return {
    stanzas,
    overridden,
    plain: { bytes: plainBytes, digests: plain.digests() },
    files: order.codecs.map(({ codec, level }, position) => joined(codec, level, slots[position] ?? [], crc, plainBytes, order.digests)),
  };
}

/** A known block is taken over when it still holds the very bytes: where it lies was read from the cache, which may be damaged. */
async function compressed(
  block: Buffer,
  known: CompressedBlock | undefined,
  codec: Codec,
  level: number,
  compressor: Compressor,
): Promise<CompressedBlock> {
  if (known?.plainBytes === block.length) {
    const file = Buffer.concat(codec === "xz" ? spliceXz([known]) : spliceGzip([known.bytes], crc32(block), block.length));
    const outcome = await compressor.decompress(file, codec, block.length);
    if (outcome.kind === "plain" && outcome.bytes.equals(block))
      return codec === "xz" ? known : { ...known, unpaddedBytes: known.bytes.length };
  }
  const bytes = await compressor.compressBlock(block, codec, level);
  return codec === "xz" ? blockOf(bytes) : { bytes, plainBytes: block.length, unpaddedBytes: bytes.length };
}

function joined(
  codec: Codec,
  level: number,
  slots: readonly Slot[],
  crc: number,
  plainBytes: number,
  names: readonly DigestName[],
): ComposedFile {
  const pieces =
    codec === "xz"
      ? spliceXz(slots)
      : spliceGzip(
          slots.map((slot) => slot.bytes),
          crc,
          plainBytes,
        );
  const digest = digester(names);
  for (const piece of pieces) digest.update(piece);
  const digests = digest.digests();
  const blocks: BlockPlace[] = [];
  let offset = pieces[0]?.length ?? 0;
  for (const slot of slots) {
    blocks.push({ raw: slot.raw, plainBytes: slot.plainBytes, offset, bytes: slot.bytes.length, unpaddedBytes: slot.unpaddedBytes });
    offset += slot.bytes.length;
  }
  const bytes = pieces.reduce((sum, piece) => sum + piece.length, 0);
  return { codec, pieces, bytes, digests, layout: { schema: "aptmerge.blocks/1", codec, level, file: digests.SHA256, blocks } };
}
