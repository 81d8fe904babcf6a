/**
 * A block of xz for a text of which most was compressed before. What takes xz its time is to find what repeats; that is known of everything that stayed.
 * So the tokens of the old block are read, set right where the text around them moved, and written again: a block like any other, about as small as if it
 * had been compressed anew, in a quarter of the time.
 */
import { crc32 } from "node:zlib";
import type { EditedBlock } from "../ports.ts";
import { alignTexts, type Kept } from "./align-texts.ts";
import { CHUNK_HEAD, ChunkWriter, FIRST_CHUNK_HEAD } from "./chunk-writer.ts";
import { LzmaDecoder } from "./lzma-decoder.ts";
import { LzmaModel, type ModelState, PROPERTIES } from "./lzma-model.ts";
import { endingBehind, Matches, type MatchList } from "./matches.ts";

/** As in XzBlockEdit; what comes from another thread is plain bytes. */
export interface BlockEdit {
  readonly block: Uint8Array;
  readonly plainBytes: number;
  readonly text: Uint8Array;
}

interface Chunk {
  /** In the block, with its head. */
  readonly begin: number;
  /** In the text. */
  readonly from: number;
  /** As it was before it. */
  readonly model: LzmaModel;
}

interface OpenedBlock {
  readonly text: Buffer;
  readonly matches: Matches;
  readonly chunks: readonly Chunk[];
}

/** While it is read; of one that only has to be right the matches are not asked for. */
interface ReadBlock extends Pick<OpenedBlock, "text"> {
  readonly matches?: Matches;
  readonly chunks: Chunk[];
}

/** What is known of a new block before it is written; it may cross threads. */
export interface BlockDraft {
  readonly text: Uint8Array;
  /** The block up to the first chunk that is another. */
  readonly begun: Uint8Array;
  /** What of the text that holds, and the model behind it. */
  readonly from: number;
  readonly model: ModelState;
  /** Of the old text, and what of that stayed. */
  readonly matches: MatchList;
  readonly kept: readonly Kept[];
}

/** The end of the chunks, padding and check. */
const TAIL_ROOM = 8;

/** With less of it, xz finds more, and takes not much longer. */
const LEAST_KEPT = 0.75;

/** The first half of an edit. @returns undefined when the old block is damaged or of another make, or of no use for the new text */
export function draftBlock(edit: BlockEdit): BlockDraft | undefined {
  const [block, next] = [asBuffer(edit.block), asBuffer(edit.text)];
  const old = openBlock(block, edit.plainBytes);
  if (old === undefined || next.length === 0) return undefined;
  const kept = alignTexts(old.text, next);
  if (kept.reduce((sum, { bytes }) => sum + bytes, 0) < next.length * LEAST_KEPT) return undefined;
  // Chunks before the first change stay as they are.
  const [first] = kept;
  const same = first?.from === 0 && first.to === 0 ? first.bytes : 0;
  const { begin, from, model } = old.chunks.findLast((chunk) => chunk.from <= same && chunk.from < next.length) ?? notEmpty();
  const begun = Buffer.concat([headOf(next.length), block.subarray(headBytes(block), begin)]);
  const { count, at, length, distance } = old.matches;
  return { text: next, begun, from, model: { ...model }, matches: { count, at, length, distance }, kept };
}

/** The second half. @returns the new block, which nobody has read yet; undefined when it would be longer than it may be */
export function writeBlock({ text, begun, from, model, matches, kept }: BlockDraft): EditedBlock | undefined {
  const next = asBuffer(text);
  const out = Buffer.allocUnsafeSlow(2 * next.length + 4096);
  out.set(begun);
  const writer = new ChunkWriter(next, from, model, out, begun.length);
  writeTokens(writer, matches, kept, next.length);
  let end = writer.end();
  // What lies behind the end of a buffer is not written, and nobody is told.
  if (end + TAIL_ROOM > out.length) return undefined;
  out[end++] = 0;
  const unpaddedBytes = end + 4;
  while (end % 4 !== 0) out[end++] = 0;
  end = out.writeUInt32LE(crc32(next), end);
  return { bytes: Buffer.from(out.subarray(0, end)), unpaddedBytes };
}

/** What a block is to hold. */
export interface BlockProof {
  readonly block: Uint8Array;
  readonly text: Uint8Array;
}

/** Whether a block that was written here, its check apart, is read as that text. */
export function isReadAs({ block, text }: BlockProof): boolean {
  const [bytes, wanted] = [asBuffer(block), asBuffer(text)];
  const read = Buffer.allocUnsafeSlow(wanted.length);
  const start = { begin: headBytes(bytes), from: 0, model: new LzmaModel() };
  return readChunks(bytes, start, { text: read, chunks: [] }) && read.equals(wanted);
}

const asBuffer = ({ buffer, byteOffset, length }: Uint8Array): Buffer => Buffer.from(buffer, byteOffset, length);

function openBlock(block: Buffer, plainBytes: number): OpenedBlock | undefined {
  const old = { text: Buffer.allocUnsafeSlow(plainBytes), matches: new Matches(), chunks: [] };
  const start = { begin: headBytes(block), from: 0, model: new LzmaModel() };
  return readChunks(block, start, old) && plainBytes > 0 ? old : undefined;
}

/** @param start is changed @returns whether the chunks from there on fill the text to its end */
function readChunks(
  block: Buffer,
  start: { begin: number; from: number; readonly model: LzmaModel },
  { text, matches, chunks }: ReadBlock,
): boolean {
  const { model } = start;
  const decoder = new LzmaDecoder(model, block);
  for (let control = block[start.begin]; control !== 0; control = block[start.begin]) {
    const { begin, from } = start;
    // Chunks of another make: uncompressed ones, or such as begin anew in the middle.
    if (control === undefined || control >> 5 !== (from === 0 ? 7 : 4) || begin + FIRST_CHUNK_HEAD > block.length) return false;
    const head = from === 0 ? FIRST_CHUNK_HEAD : CHUNK_HEAD;
    if (from === 0 && block[begin + CHUNK_HEAD] !== PROPERTIES) return false;
    const next = from + ((control & 31) << 16) + block.readUInt16BE(begin + 1) + 1;
    const end = begin + head + block.readUInt16BE(begin + 3) + 1;
    if (next > text.length) return false;
    const before = new LzmaModel();
    before.copyFrom(model);
    chunks.push({ begin, from, model: before });
    if (!decoder.chunk(begin + head, end, text, from, next, matches)) return false;
    start.begin = end;
    start.from = next;
  }
  return start.from === text.length;
}

const headBytes = (block: Buffer): number => ((block[0] ?? 0) + 1) * 4;

function notEmpty(): never {
  throw new Error("A block without a chunk");
}

/** Of a block with LZMA2 alone, whose dictionary is no smaller than its text. */
function headOf(plainBytes: number): Buffer {
  // 2 or 3 times a power of 2, from 4 kB on.
  let dictionary = 0;
  while ((2 | (dictionary & 1)) * 2 ** ((dictionary >> 1) + 11) < plainBytes) dictionary++;
  const head = Buffer.from([2, 0, 0x21, 1, dictionary, 0, 0, 0, 0, 0, 0, 0]);
  head.writeUInt32LE(crc32(head.subarray(0, 8)), 8);
  return head;
}

function writeTokens(writer: ChunkWriter, matches: MatchList, kept: readonly Kept[], bytes: number): void {
  let place = 0;
  for (const part of kept) {
    if (part.to + part.bytes <= writer.at) continue;
    writer.fresh(part.to);
    place = writePart(writer, matches, place, part, kept);
  }
  writer.fresh(bytes);
}

/** What stayed, in the tokens that it had. @param first number of the first match that may be in it @returns the same for the next part */
function writePart(writer: ChunkWriter, matches: MatchList, first: number, part: Kept, kept: readonly Kept[]): number {
  const moved = part.from - part.to;
  const stop = part.to + part.bytes;
  let place = first;
  while (writer.at < stop) {
    const at = writer.at + moved;
    place = endingBehind(matches, at, place);
    const begin = place < matches.count ? (matches.at[place] ?? 0) : Number.POSITIVE_INFINITY;
    if (begin > at) {
      writer.literals(Math.min(stop, begin - moved));
      continue;
    }
    const back = matches.distance[place] ?? 0;
    const length = Math.min(begin + (matches.length[place] ?? 0), part.from + part.bytes) - at;
    // Nearly always it is from the same part.
    if (at - back >= part.from) writer.match(length, back);
    else writeMoved(writer, kept, at - back, length);
  }
  return place;
}

/** A match with what is now elsewhere, or gone. @param source in the old text */
function writeMoved(writer: ChunkWriter, kept: readonly Kept[], source: number, length: number): void {
  for (let [from, left] = [source, length]; left > 0; ) {
    const after = firstBehind(kept, from);
    const part = kept[after - 1];
    const isThere = part !== undefined && from < part.from + part.bytes;
    const limit = isThere ? part.from + part.bytes : (kept[after]?.from ?? Number.POSITIVE_INFINITY);
    const bytes = Math.min(left, limit - from);
    if (isThere) writer.rest(bytes, writer.at - (from - part.from + part.to));
    else writer.fresh(writer.at + bytes);
    from += bytes;
    left -= bytes;
  }
}

/** Number of the first part that begins behind a place of the old text. */
function firstBehind(kept: readonly Kept[], place: number): number {
  let [low, high] = [0, kept.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((kept[middle]?.from ?? 0) <= place) low = middle + 1;
    else high = middle;
  }
  return low;
}
