/**
 * A block of xz for a text of which most was compressed before. What takes xz its time is to find what repeats; that is known of everything that stayed.
 * So the tokens of the old block are read, set right where the text around them moved, and written again: a block like any other, about as small as if it
 * had been compressed anew, in a quarter of the time.
 */
import { crc32 } from "node:zlib";
import type { EditedBlock } from "../ports.ts";
import { alignTexts, type Kept } from "./align-texts.ts";
import { type BegunChunk, CHUNK_HEAD, ChunkWriter, chunkHead, FIRST_CHUNK_HEAD } from "./chunk-writer.ts";
import { type CoderPlace, LzmaDecoder } from "./lzma-decoder.ts";
import { LzmaModel, PROPERTIES } from "./lzma-model.ts";
import { endingBehind, Matches, type MatchList } from "./matches.ts";
import { RepeatFinder } from "./repeat-finder.ts";

/** As in XzBlockEdit; what comes from another thread is plain bytes. */
export interface BlockEdit {
  readonly block: Uint8Array;
  readonly plainBytes: number;
  readonly text: Uint8Array;
}

/** Where a new block can leave the old one: the last place that was noted at which all before it is as in the new text. */
interface Fork {
  readonly next: Buffer;
  /** The chunk in the old block, with its head. */
  begin: number;
  /** What of the text stands before it, and what before that place. */
  from: number;
  at: number;
  coder: CoderPlace;
  readonly model: LzmaModel;
}

/** What is known of a new block before it is written; it may cross threads. */
export interface BlockDraft {
  readonly text: Uint8Array;
  /** The block as far as its bits are those of the old one. */
  readonly head: Uint8Array;
  readonly begun: BegunChunk;
  /** Of the old text, and what of that stayed. */
  readonly matches: MatchList;
  readonly kept: readonly Kept[];
}

/** The end of the chunks, padding and check. */
const TAIL_ROOM = 8;

/** Text between two places at which a new block may begin to differ: to note one takes 1 µs. */
const STEP = 8 * 1024;

/** With less of it, xz finds more, and takes not much longer. */
const LEAST_KEPT = 0.75;

/** The first half of an edit. @returns undefined when the old block is damaged or of another make, or of no use for the new text */
export function draftBlock(edit: BlockEdit): BlockDraft | undefined {
  const [block, next] = [asBuffer(edit.block), asBuffer(edit.text)];
  if (edit.plainBytes === 0 || next.length === 0) return undefined;
  const old = oldText.take(edit.plainBytes);
  const matches = new Matches();
  const fork = { next, begin: 0, from: 0, at: 0, coder: { at: 0, range: 0, code: 0 }, model: new LzmaModel() };
  if (!readChunks(block, old, { matches, fork })) return undefined;
  const kept = alignTexts(old, next);
  if (kept.reduce((sum, { bytes }) => sum + bytes, 0) < next.length * LEAST_KEPT) return undefined;
  const { count, at, length, distance } = matches;
  return { text: next, ...goOn(block, fork), matches: { count, at, length, distance }, kept };
}

/** The second half. @returns the new block, which nobody has read yet; undefined when it would be longer than it may be */
export function writeBlock({ text, head, begun, matches, kept }: BlockDraft): EditedBlock | undefined {
  const next = asBuffer(text);
  const out = output.take(2 * next.length + 4096);
  out.set(head);
  finder.begin(next);
  const writer = new ChunkWriter(next, begun, out, finder);
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

/** One block is read or written at a time, and the next soon after it: memory is used again. */
class Room {
  #bytes = Buffer.alloc(0);

  /** @returns good until it is asked for again */
  take(length: number): Buffer {
    if (this.#bytes.length < length) this.#bytes = Buffer.allocUnsafeSlow(length);
    return this.#bytes.subarray(0, length);
  }
}

const oldText = new Room();
const output = new Room();
const finder = new RepeatFinder();

/** What a block is to hold. */
export interface BlockProof {
  readonly block: Uint8Array;
  readonly text: Uint8Array;
}

/** Whether a block that was written here, its check apart, is read as that text. */
export function isReadAs({ block, text }: BlockProof): boolean {
  const [bytes, wanted] = [asBuffer(block), asBuffer(text)];
  const read = oldText.take(wanted.length);
  return readChunks(bytes, read) && read.equals(wanted);
}

const asBuffer = ({ buffer, byteOffset, length }: Uint8Array): Buffer => Buffer.from(buffer, byteOffset, length);

/**
 * @param text takes what the block holds
 * @param wish what is asked for beside it: nothing of a block that only has to be right
 * @returns whether the chunks fill the text to its end
 */
function readChunks(block: Buffer, text: Buffer, wish: { readonly matches?: Matches; readonly fork?: Fork } = {}): boolean {
  const model = new LzmaModel();
  const decoder = new LzmaDecoder(model, block);
  let [begin, from] = [headBytes(block), 0];
  let { fork } = wish;
  for (let control = block[begin]; control !== 0; control = block[begin]) {
    // Chunks of another make: uncompressed ones, or such as begin anew in the middle.
    if (control === undefined || control >> 5 !== (from === 0 ? 7 : 4) || begin + FIRST_CHUNK_HEAD > block.length) return false;
    if (from === 0 && block[begin + CHUNK_HEAD] !== PROPERTIES) return false;
    const to = from + ((control & 31) << 16) + block.readUInt16BE(begin + 1) + 1;
    const first = begin + chunkHead(from);
    const end = first + block.readUInt16BE(begin + 3) + 1;
    if (to > text.length || !decoder.begin(first)) return false;
    for (let at = from; at < to; ) {
      if (fork !== undefined) note(fork, begin, from, at, decoder.place, model);
      const read = decoder.tokens(text, at, Math.min(to, at + STEP), to, wish.matches);
      if (read < 0) return false;
      if (fork !== undefined && (read >= fork.next.length || text.compare(fork.next, at, read, at, read) !== 0)) fork = undefined;
      at = read;
    }
    if (!decoder.isAtEnd(end)) return false;
    [begin, from] = [end, to];
  }
  return from === text.length;
}

function note(fork: Fork, begin: number, from: number, at: number, coder: CoderPlace, model: LzmaModel): void {
  fork.begin = begin;
  fork.from = from;
  fork.at = at;
  fork.coder = coder;
  fork.model.copyFrom(model);
}

/** Takes over a begun chunk of an old block: what its reader knows at a place is what its writer knew there. */
function goOn(block: Buffer, { next, begin, from, at, coder, model }: Fork): Pick<BlockDraft, "head" | "begun"> {
  const head = Buffer.concat([headOf(next.length), block.subarray(headBytes(block), coder.at)]);
  // Of what was read, the last four bytes are not certain yet: what lies beyond the reader's place is taken off.
  const whole = head.length - 4;
  const last = head.readUInt32BE(whole);
  if (last < coder.code >>> 0) borrow(head, whole);
  const bits = { at: whole, low: (last - coder.code) | 0, range: coder.range };
  const moved = head.length - coder.at;
  return { head: head.subarray(0, whole), begun: { begin: begin + moved, from, at, bits, model: { ...model } } };
}

/** Takes one off a long number that ends before a place. */
function borrow(bytes: Buffer, end: number): void {
  let at = end - 1;
  while (bytes[at] === 0) bytes[at--] = 0xff;
  bytes[at] = (bytes[at] ?? 0) - 1;
}

const headBytes = (block: Buffer): number => ((block[0] ?? 0) + 1) * 4;

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
