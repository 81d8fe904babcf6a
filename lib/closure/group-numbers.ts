/** Numbers for the groups of relation fields, the same one for equal text. */
import { splitGroups } from "../deb822/relations.ts";
import { hashedWith, TextNumbers } from "./text-numbers.ts";

const TAB = 0x09;
const NEWLINE = 0x0a;
const RETURN = 0x0d;
const SPACE = 0x20;
const COMMA = 0x2c;

export class GroupNumbers extends TextNumbers {
  /**
   * Calls back with the number of each group of a field, in order, as `splitGroups` cuts them.
   *
   * @param bytes kept as long as this
   * @param start of the value in bytes; `end` is after it
   * @throws MergeError INDEX_TOO_LARGE when relations collide without end
   */
  each(bytes: Buffer, start: number, end: number, take: (group: number) => void): void {
    let first = start;
    let hash = 0;
    // As they are behind the last byte that is no blank: a blank at the end is none of the text.
    let last = start;
    let trimmed = 0;
    for (let at = start; at < end; at++) {
      const byte = bytes[at] ?? 0;
      if (byte === COMMA) {
        if (last > first) take(this.numberOfHashed(bytes, first, last, trimmed));
        first = last = at + 1;
        hash = trimmed = 0;
      } else if (byte > SPACE || (byte === SPACE && bytes[at - 1] !== SPACE) || !isBlank(byte)) {
        hash = hashedWith(hash, byte);
        if (byte === SPACE) {
          // One in front is none of the text either.
          if (at === first) [first, last, hash] = [at + 1, at + 1, 0];
          continue;
        }
        last = at + 1;
        trimmed = hash;
      } else {
        this.#eachFolded(bytes, first, end, take);
        return;
      }
    }
    if (last > first) take(this.numberOfHashed(bytes, first, last, trimmed));
  }

  /** White space that `splitGroups` would fold; no other than single blanks is written in real relations. */
  #eachFolded(bytes: Buffer, start: number, end: number, take: (group: number) => void): void {
    for (const group of splitGroups(bytes.toString("latin1", start, end))) {
      const text = Buffer.from(group, "latin1");
      take(this.numberOf(text, 0, text.length));
    }
  }
}

const isBlank = (byte: number): boolean => byte === SPACE || byte === NEWLINE || byte === TAB || byte === RETURN;
