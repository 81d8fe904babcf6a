/**
 * Blocks of the last generation that need not be compressed again. A published file holds its compressed blocks already; what is stored
 * beside it is only where each begins and what it was made from. So nothing grows, and nothing is believed unseen:
 * a block is decompressed and compared before it is taken over.
 */
import { parseSha256, type Sha256 } from "../archive/names.ts";
import type { Codec } from "../ports.ts";

/** Where the blocks of a published file lie. Stored as JSON in the cache. */
export interface BlockLayout {
  readonly schema: "aptmerge.blocks/1";
  readonly codec: Codec;
  readonly level: number;
  /** Digest of the published file. */
  readonly file: Sha256;
  readonly blocks: readonly BlockPlace[];
}

export interface BlockPlace {
  /** Digest of the uncompressed block. */
  readonly raw: Sha256;
  readonly plainBytes: number;
  readonly offset: number;
  readonly bytes: number;
  /** xz only: bytes without padding. */
  readonly unpaddedBytes: number;
}

export interface CompressedBlock {
  readonly bytes: Buffer;
  readonly plainBytes: number;
  readonly unpaddedBytes: number;
}

/** A block of the published file, read when it is wanted. */
export interface KnownBlock extends Omit<CompressedBlock, "bytes"> {
  /** Undefined when it cannot be had any more. */
  read(): Promise<Buffer | undefined>;
}

/** Digest of an uncompressed block to its compressed form. */
export type KnownBlocks = ReadonlyMap<Sha256, KnownBlock>;

export const NO_KNOWN_BLOCKS: KnownBlocks = new Map();

/** @param read part of the file whose digest is `layout.file`, checked by the caller */
export function knownBlocks(layout: BlockLayout, read: (offset: number, bytes: number) => Promise<Buffer | undefined>): KnownBlocks {
  const known = new Map<Sha256, KnownBlock>();
  for (const { raw, plainBytes, offset, bytes, unpaddedBytes } of layout.blocks) {
    known.set(raw, { plainBytes, unpaddedBytes, read: () => read(offset, bytes) });
  }
  return known;
}

/** Stored state is input: undefined when it is not a layout for this codec, whatever the reason. The cache is then made anew. */
export function parseBlockLayout(text: string, codec: Codec): BlockLayout | undefined {
  let value: Partial<BlockLayout>;
  try {
    value = JSON.parse(text) as Partial<BlockLayout>;
  } catch {
    return undefined;
  }
  if (value?.schema !== "aptmerge.blocks/1" || value.codec !== codec || !Array.isArray(value.blocks)) return undefined;
  const file = parseSha256(String(value.file));
  const { level } = value;
  const whole = (number: unknown): boolean => typeof number === "number" && Number.isSafeInteger(number) && number >= 0;
  const sound = value.blocks.every(
    (block: Partial<BlockPlace>) =>
      parseSha256(String(block?.raw)) !== undefined && [block.plainBytes, block.offset, block.bytes, block.unpaddedBytes].every(whole),
  );
  return file !== undefined && typeof level === "number" && sound
    ? { schema: value.schema, codec, level, file, blocks: value.blocks }
    : undefined;
}
