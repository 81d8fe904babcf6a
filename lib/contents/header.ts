/** The prose that some tools write before the first line. */

/** A header that ends later is none. */
export const MAX_HEADER_BYTES = 64 * 1024;
const MAX_HEADER_LINES = 200;
const NEWLINE = 0x0a;
/** The line that ends it: the heads of the two columns. */
const COLUMN_HEADS = /^FILE[ \t]+LOCATION[ \t\r]*$/;

export interface Header {
  /** Where the first line behind it begins. */
  readonly end: number;
  readonly lines: number;
}

/** @param bytes the first 64 KiB of an index, or all of it */
export function findHeader(bytes: Buffer): Header {
  const none = { end: 0, lines: 0 };
  for (let [start, lines] = [0, 1]; lines <= MAX_HEADER_LINES; lines++) {
    const newline = bytes.indexOf(NEWLINE, start);
    if (newline < 0) return none;
    if (COLUMN_HEADS.test(bytes.toString("latin1", start, Math.min(newline, start + 1024)))) return { end: newline + 1, lines };
    start = newline + 1;
  }
  return none;
}
