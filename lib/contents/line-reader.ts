/**
 * Finds the lines of a Contents index in bytes that come in pieces: `PATH<white space>LIST`. What it knows of the line before makes the next
 * one cheap: neighbours have most of their path in common, and often the whole list.
 *
 *     usr/share/doc/a/b c \t  doc/a,non-free/doc/b\n
 *     ^start             ^pathEnd ^listStart     ^listEnd
 */
import { MergeError, type Where } from "../errors.ts";
import { commonPrefix } from "./common-prefix.ts";
import type { ContentsStats, SkippedLine } from "./contents-input.ts";
import { findHeader, MAX_HEADER_BYTES } from "./header.ts";
import { AS_READ, type Locations, type Placed } from "./locations.ts";

/** The longest of Debian sid is that of debian/control in Contents-source: 664 kB. */
export const MAX_LINE_BYTES = 4 * 1024 * 1024;

const FIRST_ROOM_BYTES = 1024 * 1024;
/** Behind what is filled there is a newline, so that looking for one always ends, and room to look at four bytes at once. */
const SLACK_BYTES = 8;
const [NUL, TAB, NEWLINE, RETURN, BLANK] = [0x00, 0x09, 0x0a, 0x0d, 0x20];
const FOUR_NEWLINES = 0x0a0a0a0a;
/** Behind all that a room can hold. */
const NOWHERE = 2 ** 30 - 1;

export interface LineReading {
  readonly where: Where;
  readonly locations: Pick<Locations, "placeList">;
  /** Whether there may be a header before the first line. */
  readonly header: boolean;
  /** Stops the reading by throwing, at a path that sorts before the one above it; undefined: any order will do. */
  readonly unsorted: ((line: number) => Error) | undefined;
}

export class LineReader {
  readonly where: Where;
  /** Holds the line in front, and what comes behind it. `feed` may put another in its place. */
  room: Buffer;
  view: DataView;
  /** Places of the line in front: see above. */
  start = 0;
  pathEnd = 0;
  listStart = 0;
  listEnd = 0;
  /** Behind its newline. */
  end = 0;
  placed: Placed = AS_READ;
  /** How much of its path it has in common with the line that was in front before, in bytes. */
  common = 0;

  readonly #locations: Pick<Locations, "placeList">;
  readonly #unsorted: ((line: number) => Error) | undefined;
  #headerAhead: boolean;
  /** Where the line behind the one in front begins; there may be some between that were left out. */
  #at = 0;
  #filled = 0;
  #ended = false;
  /** The next NUL. */
  #nul = NOWHERE;
  /** `common` of the next line, as far as it is known: of all lines left out since. */
  #commonSoFar = NOWHERE;

  #lines = 0;
  #header = 0;
  #kept = 0;
  #locationsOut = 0;
  #skipped = 0;
  #firstSkipped: SkippedLine | undefined;

  constructor(reading: LineReading, roomBytes = FIRST_ROOM_BYTES) {
    this.where = reading.where;
    this.#locations = reading.locations;
    this.#unsorted = reading.unsorted;
    this.#headerAhead = reading.header;
    this.room = Buffer.allocUnsafeSlow(roomBytes);
    this.view = new DataView(this.room.buffer);
    this.room[0] = NEWLINE;
  }

  get stats(): ContentsStats {
    return {
      lines: this.#lines,
      header: this.#header,
      kept: this.#kept,
      locationsOut: this.#locationsOut,
      skipped: this.#skipped,
      firstSkipped: this.#firstSkipped,
    };
  }

  /** Takes the next bytes; to be called only when `advance` has found no further line. */
  feed(bytes: Buffer): void {
    this.#reserve(bytes.length);
    bytes.copy(this.room, this.#filled);
    if (this.#nul === NOWHERE) {
      const nul = bytes.indexOf(NUL);
      if (nul >= 0) this.#nul = this.#filled + nul;
    }
    this.#filled += bytes.length;
    this.room[this.#filled] = NEWLINE;
  }

  /** No more bytes will come. The last line may lack its newline. */
  finish(): void {
    this.#ended = true;
    if (this.#filled === this.#at || this.room[this.#filled - 1] === NEWLINE) return;
    this.#reserve(1);
    this.room[this.#filled++] = NEWLINE;
    this.room[this.#filled] = NEWLINE;
  }

  /**
   * Puts the next line in front that has a location left.
   *
   * @returns false when more bytes are needed or all were read
   * @throws MergeError INDEX_MALFORMED for a line that is too long; what `unsorted` makes
   */
  advance(): boolean {
    if (this.#headerAhead && !this.#passHeader()) return false;
    const { room, view } = this;
    const filled = this.#filled;
    while (this.#at < filled) {
      const at = this.#at;
      const above = this.start;
      const abovePath = this.pathEnd - above;
      const alike = commonPrefix(view, above, view, at, Math.min(abovePath, filled - at));
      const newline = this.#newlineBehind(at + alike);
      if (newline - at > MAX_LINE_BYTES) throw this.#tooLong();
      if (newline === filled) return false;
      this.#at = newline + 1;
      this.#lines++;
      if (this.#nul < newline) {
        const nul = room.indexOf(NUL, newline);
        this.#nul = nul < 0 || nul >= filled ? NOWHERE : nul;
        this.#skip("it holds a NUL");
        continue;
      }

      let listEnd = newline;
      let listStart = newline - (this.listEnd - this.listStart);
      let placed = this.placed;
      if (!this.#isListAbove(at, listStart, newline)) {
        while (listEnd > at && room[listEnd - 1] === RETURN) listEnd--;
        listStart = listEnd;
        while (listStart > at && room[listStart - 1] !== BLANK && room[listStart - 1] !== TAB) listStart--;
        if (listStart === at || listStart === listEnd) {
          this.#skip(whyUnreadable(at, listStart, listEnd));
          continue;
        }
        placed = this.#locations.placeList(room, view, listStart, listEnd);
      }

      // dak writes blanks or one tab, apt-ftparchive tabs with blanks behind: blanks before a tab are the end of the path.
      let pathEnd = listStart;
      let tab = -1;
      while (pathEnd > at) {
        const byte = room[pathEnd - 1];
        if (byte === TAB) tab = pathEnd - 1;
        else if (byte !== BLANK) break;
        pathEnd--;
      }
      if (pathEnd === at) {
        this.#skip("no path stands before its white space");
        continue;
      }
      if (tab >= 0) pathEnd = tab;

      const path = pathEnd - at;
      const common = alike < path ? alike : path;
      if (
        this.#unsorted !== undefined &&
        common < abovePath &&
        (common === path || view.getUint8(at + common) < view.getUint8(above + common))
      )
        throw this.#unsorted(this.#lines);
      if (common < this.#commonSoFar) this.#commonSoFar = common;

      this.start = at;
      this.pathEnd = pathEnd;
      this.listStart = listStart;
      this.listEnd = listEnd;
      this.end = newline + 1;
      this.placed = placed;
      this.#locationsOut += placed.out;
      if (!placed.kept) continue;
      this.#kept++;
      this.common = this.#commonSoFar;
      this.#commonSoFar = NOWHERE;
      return true;
    }
    return false;
  }

  /** Whether the list of the line above stands between `from` and the newline, behind white space. */
  #isListAbove(at: number, from: number, newline: number): boolean {
    if (from <= at || from === newline) return false;
    const byte = this.room[from - 1];
    if (byte !== BLANK && byte !== TAB) return false;
    return commonPrefix(this.view, this.listStart, this.view, from, newline - from) === newline - from;
  }

  /** Four bytes at once: the lowest byte of `found` that is not 0 is where the first newline is. */
  #newlineBehind(from: number): number {
    const { view } = this;
    for (let at = from; ; at += 4) {
      const four = view.getInt32(at, true) ^ FOUR_NEWLINES;
      const found = (four - 0x01010101) & ~four & 0x80808080;
      if (found !== 0) return at + ((31 - Math.clz32(found & -found)) >> 3);
    }
  }

  #skip(because: string): void {
    this.#skipped++;
    this.#firstSkipped ??= { line: this.#lines, because };
  }

  #passHeader(): boolean {
    if (this.#filled < MAX_HEADER_BYTES && !this.#ended) return false;
    this.#headerAhead = false;
    const { end, lines } = findHeader(this.room.subarray(0, Math.min(this.#filled, MAX_HEADER_BYTES)));
    this.#at = end;
    this.#lines = lines;
    this.#header = lines;
    const nul = this.room.indexOf(NUL, end);
    this.#nul = nul < 0 || nul >= this.#filled ? NOWHERE : nul;
    return true;
  }

  /** Makes room behind what is filled. Only the line in front and what was not read yet move along. */
  #reserve(bytes: number): void {
    const needed = bytes + SLACK_BYTES;
    if (this.#filled + needed <= this.room.length) return;
    const inFront = this.end - this.start;
    const ahead = this.#filled - this.#at;
    const larger = inFront + ahead + needed > this.room.length ? Math.max(this.room.length * 2, inFront + ahead + needed) : 0;
    const room = larger > 0 ? Buffer.allocUnsafeSlow(larger) : this.room;
    this.room.copy(room, 0, this.start, this.end);
    this.room.copy(room, inFront, this.#at, this.#filled);
    if (this.#nul !== NOWHERE) this.#nul -= this.#at - inFront;
    this.pathEnd -= this.start;
    this.listStart -= this.start;
    this.listEnd -= this.start;
    this.end = inFront;
    this.start = 0;
    this.#at = inFront;
    this.#filled = inFront + ahead;
    if (room === this.room) return;
    this.room = room;
    this.view = new DataView(room.buffer);
  }

  #tooLong(): MergeError {
    const { file, mirror, suite } = this.where;
    const text = `Cannot read ${file} of ${mirror}/${suite}: line ${this.#lines + 1} has more than ${MAX_LINE_BYTES} bytes, it must be shorter`;
    return new MergeError("INDEX_MALFORMED", text, this.where);
  }
}

function whyUnreadable(start: number, listStart: number, listEnd: number): string {
  if (start === listEnd) return "it is empty";
  return listStart === start ? "no white space stands between a path and a list of packages" : "nothing stands behind its white space";
}
