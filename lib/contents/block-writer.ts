/** Takes merged lines and cuts them into blocks. */
import type { Block } from "../archive/block.ts";
import { MergeError, type Where } from "../errors.ts";
import { commonPrefix } from "./common-prefix.ts";
import { type LineReader, MAX_LINE_BYTES } from "./line-reader.ts";

/** A room holds a block and what the line that ends it adds. */
const BESIDE_BLOCK_BYTES = 64 * 1024;
/** Paths can be chosen so that each is a border. */
const LEAST_BLOCK_BYTES = 16 * 1024;
const [NEWLINE, COMMA] = [0x0a, 0x2c];

export class BlockWriter {
  readonly #blockBytes: number;
  readonly #free: Buffer[] = [];
  #room: Buffer;
  #view: DataView;
  #used = 0;
  #lines = 0;
  #rewritten = 0;
  /** Lines of a reader's room that are still to be copied. */
  #source: Buffer;
  #from = 0;
  #to = 0;
  /** The last line, in the place where it is now. */
  #start = 0;
  #pathEnd = 0;
  #listStart = 0;
  /** Its locations, once another line has been joined to it. */
  #joined: Set<string> | undefined;

  /** @param blockBytes a block is ended behind the line that makes it as long */
  constructor(blockBytes: number) {
    this.#blockBytes = blockBytes;
    this.#room = Buffer.allocUnsafeSlow(blockBytes + BESIDE_BLOCK_BYTES);
    this.#view = new DataView(this.#room.buffer);
    this.#source = this.#room;
  }

  get bytes(): number {
    return this.#used + (this.#to - this.#from);
  }

  get isFull(): boolean {
    return this.bytes >= this.#blockBytes;
  }

  /** Whether the block is long enough to end before a border. */
  get mayEnd(): boolean {
    return this.bytes >= LEAST_BLOCK_BYTES;
  }

  /** Whether the last line has the path of the one in front of the reader. To be asked when all is settled. */
  endsWithPathOf({ view, start, pathEnd }: LineReader): boolean {
    const length = pathEnd - start;
    if (this.#lines === 0 || this.#pathEnd - this.#start !== length) return false;
    return commonPrefix(this.#view, this.#start, view, start, length) === length;
  }

  /** Writes the line in front of the reader. Its bytes are copied by `settle`, which has to come before the reader is fed. */
  write(line: LineReader): void {
    this.#lines++;
    if (line.placed.list !== undefined || line.listEnd + 1 !== line.end) {
      this.settle();
      this.#writeRewritten(line);
      return;
    }
    if (this.#to === 0 || line.start !== this.#to) {
      this.settle();
      this.#source = line.room;
      this.#from = line.start;
    }
    this.#to = line.end;
    this.#start = line.start;
    this.#pathEnd = line.pathEnd;
    this.#listStart = line.listStart;
  }

  /** Copies the lines that are left to be copied: those that lie next to each other at once. */
  settle(): void {
    if (this.#to > this.#from) {
      const moved = this.#used - this.#from;
      this.#put(this.#source, this.#from, this.#to);
      this.#start += moved;
      this.#pathEnd += moved;
      this.#listStart += moved;
      this.#joined = undefined;
    }
    this.#from = 0;
    this.#to = 0;
  }

  #writeRewritten({ room, start, pathEnd, listStart, listEnd, placed }: LineReader): void {
    this.#start = this.#used;
    this.#pathEnd = this.#start + (pathEnd - start);
    this.#put(room, start, listStart);
    this.#listStart = this.#used;
    if (placed.list === undefined) this.#put(room, listStart, listEnd);
    else this.#put(placed.list, 0, placed.list.length);
    this.#putByte(NEWLINE);
    this.#joined = undefined;
    this.#rewritten += placed.rewritten;
  }

  /**
   * Adds those locations of the line in front that the last line, of the same path, lacks.
   *
   * @throws MergeError INDEX_MALFORMED when it becomes longer than a line that is read may be
   */
  join(line: LineReader): void {
    this.settle();
    this.#rewritten += line.placed.rewritten;
    if (this.#joined === undefined && this.#endsWithListOf(line)) return;
    this.#joined ??= new Set(this.#room.toString("latin1", this.#listStart, this.#used - 1).split(","));
    const list = line.placed.list?.toString("latin1") ?? line.room.toString("latin1", line.listStart, line.listEnd);
    for (const location of list.split(",")) {
      if (this.#joined.has(location)) continue;
      this.#joined.add(location);
      const bytes = Buffer.from(location, "latin1");
      this.#room[this.#used - 1] = COMMA;
      this.#put(bytes, 0, bytes.length);
      this.#putByte(NEWLINE);
    }
    if (this.#used - this.#start > MAX_LINE_BYTES) throw tooLong(line.where);
  }

  /** Nearly all that is joined: the same file in another version of a package. */
  #endsWithListOf({ view, listStart, listEnd, placed }: LineReader): boolean {
    const length = listEnd - listStart;
    if (placed.list !== undefined || this.#used - 1 - this.#listStart !== length) return false;
    return commonPrefix(this.#view, this.#listStart, view, listStart, length) === length;
  }

  /** Ends the block; all is settled. */
  take(): Block {
    const whole = this.#room;
    const block = {
      bytes: whole.subarray(0, this.#used),
      stanzas: this.#lines,
      overridden: this.#rewritten,
      opensRun: true,
      release: () => void this.#free.push(whole),
    };
    this.#setRoom(this.#free.pop() ?? Buffer.allocUnsafeSlow(this.#blockBytes + BESIDE_BLOCK_BYTES));
    this.#used = 0;
    this.#lines = 0;
    this.#rewritten = 0;
    return block;
  }

  #put(bytes: Buffer, start: number, end: number): void {
    this.#reserve(end - start);
    this.#used += bytes.copy(this.#room, this.#used, start, end);
  }

  #putByte(byte: number): void {
    this.#reserve(1);
    this.#room[this.#used++] = byte;
  }

  #reserve(bytes: number): void {
    if (this.#used + bytes <= this.#room.length) return;
    const larger = Buffer.allocUnsafeSlow(Math.max(this.#room.length * 2, this.#used + bytes));
    this.#room.copy(larger, 0, 0, this.#used);
    this.#setRoom(larger);
  }

  #setRoom(room: Buffer): void {
    this.#room = room;
    this.#view = new DataView(room.buffer);
  }
}

function tooLong(where: Where): MergeError {
  const text = `Cannot merge ${where.file} of ${where.mirror}/${where.suite}: the lines of one path come to more than ${MAX_LINE_BYTES} bytes, they must be shorter`;
  return new MergeError("INDEX_MALFORMED", text, where);
}
