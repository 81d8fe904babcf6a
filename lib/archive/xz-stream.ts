/**
 * Takes the blocks out of xz streams, and joins blocks into one stream with an Index and footer of its own. Many streams one after another
 * would not do: apt reads only the first.
 *
 * @see the .xz file format, sections 2-4
 */
import { crc32 } from "node:zlib";

const MAGIC = Buffer.from([0xfd, 0x37, 0x7a, 0x58, 0x5a, 0x00]);
const FLAGS_CRC32 = Buffer.from([0x00, 0x01]);
const CHECK_BYTES = 4;
const FOOTER_MAGIC = Buffer.from("YZ", "latin1");
const HEADER_BYTES = 12;
const FOOTER_BYTES = 12;

/** A block without the stream around it. */
export interface XzBlock {
  /** Header, data, check and padding. */
  readonly bytes: Buffer;
  /** Without the padding. */
  readonly unpaddedBytes: number;
  readonly plainBytes: number;
}

/** @throws Error when the bytes are not one stream with CRC32 */
function blocksOfStream(stream: Buffer): readonly XzBlock[] {
  const footer = stream.subarray(stream.length - FOOTER_BYTES);
  const sound =
    stream.length >= HEADER_BYTES + FOOTER_BYTES &&
    stream.subarray(0, 6).equals(MAGIC) &&
    stream.subarray(6, 8).equals(FLAGS_CRC32) &&
    footer.subarray(8, 10).equals(FLAGS_CRC32) &&
    footer.subarray(10).equals(FOOTER_MAGIC) &&
    footer.readUInt32LE(0) === crc32(footer.subarray(4, 10));
  if (!sound) throw new Error("The xz compressor did not give a stream with CRC32");
  const indexBytes = (footer.readUInt32LE(4) + 1) * 4;
  const indexStart = stream.length - FOOTER_BYTES - indexBytes;
  const index = stream.subarray(indexStart, indexStart + indexBytes);
  const records = readNumber(index, 1);
  if (index[0] !== 0) throw new Error("The xz compressor gave no Index");
  const blocks: XzBlock[] = [];
  let at = HEADER_BYTES;
  let { next } = records;
  for (let i = 0; i < records.value && at < indexStart; i++) {
    const unpadded = readNumber(index, next);
    const plain = readNumber(index, unpadded.next);
    const end = at + unpadded.value + (-unpadded.value & 3);
    blocks.push({ bytes: stream.subarray(at, end), unpaddedBytes: unpadded.value, plainBytes: plain.value });
    at = end;
    next = plain.next;
  }
  if (at !== indexStart || blocks.length !== records.value) throw new Error("The xz compressor gave blocks that its Index does not list");
  return blocks;
}

/** Whether a compressor has given all of a stream. */
export function isWholeStream(bytes: Buffer): boolean {
  // Nearly all that is not whole does not end so.
  if (!bytes.subarray(-FOOTER_MAGIC.length).equals(FOOTER_MAGIC)) return false;
  try {
    blocksOfStream(bytes);
    return true;
  } catch {
    return false;
  }
}

/** The block of a stream that holds one. @throws Error when it holds another number: the compressor did not do what it was asked */
export function blockOf(stream: Buffer): XzBlock {
  const [block, ...others] = blocksOfStream(stream);
  if (block === undefined || others.length > 0)
    throw new Error(`The xz compressor gave ${block === undefined ? 0 : others.length + 1} blocks, 1 was asked for`);
  return block;
}

/**
 * Whether a block ends in the check of a text: CRC32, which zlib computes at memory's speed. It tells a block that lies elsewhere or was damaged;
 * against intent it proves nothing.
 */
export function isBlockOf(textCrc32: number, bytes: Buffer, unpaddedBytes: number): boolean {
  if (bytes.length !== unpaddedBytes + (-unpaddedBytes & 3) || unpaddedBytes <= CHECK_BYTES) return false;
  // The padding stands before it.
  return bytes.readUInt32LE(bytes.length - CHECK_BYTES) === textCrc32;
}

/** A block that holds a few bytes as they are, at most 65,536. */
export function storedBlock(text: Buffer): XzBlock {
  const head = Buffer.from([2, 0, 0x21, 1, 0, 0, 0, 0]);
  const data = Buffer.concat([Buffer.from([1, (text.length - 1) >> 8, (text.length - 1) & 255]), text, Buffer.from([0])]);
  const padding = Buffer.alloc(-data.length & 3);
  const bytes = Buffer.concat([head, digestOf(head), data, padding, digestOf(text)]);
  return { bytes, unpaddedBytes: bytes.length - padding.length, plainBytes: text.length };
}

/** What comes before all blocks. */
export const XZ_HEAD = Buffer.concat([MAGIC, FLAGS_CRC32, digestOf(FLAGS_CRC32)]);

/** No blocks make the empty file. */
export function spliceXz(blocks: readonly XzBlock[]): readonly Buffer[] {
  return [XZ_HEAD, ...blocks.map((block) => block.bytes), xzTail(blocks)];
}

/** What comes behind all blocks. */
export function xzTail(blocks: readonly Omit<XzBlock, "bytes">[]): Buffer {
  const records = [0, ...number(blocks.length)];
  for (const block of blocks) records.push(...number(block.unpaddedBytes), ...number(block.plainBytes));
  while (records.length % 4 !== 0) records.push(0);
  const index = Buffer.from(records);
  const tail = Buffer.alloc(6);
  tail.writeUInt32LE(index.length / 4, 0); // the stored size is (bytes / 4) - 1, with the 4 bytes of the index's own CRC32
  tail.set(FLAGS_CRC32, 4);
  return Buffer.concat([index, digestOf(index), digestOf(tail), tail, FOOTER_MAGIC]);
}

function digestOf(bytes: Buffer): Buffer {
  const digest = Buffer.alloc(4);
  digest.writeUInt32LE(crc32(bytes), 0);
  return digest;
}

/** Multibyte integers of the format: seven bits a byte, lowest first. */
function number(value: number): number[] {
  const bytes: number[] = [];
  let rest = value;
  for (; rest >= 128; rest = Math.floor(rest / 128)) bytes.push((rest % 128) | 128);
  return [...bytes, rest];
}

function readNumber(bytes: Buffer, at: number): { value: number; next: number } {
  let value = 0;
  for (let i = 0; i < 9; i++) {
    const byte = bytes[at + i] ?? 0;
    value += (byte & 127) * 128 ** i;
    if (byte < 128) return { value, next: at + i + 1 };
  }
  throw new Error("The xz compressor gave an Index that cannot be read");
}
