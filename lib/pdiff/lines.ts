/** Counting and finding lines in bytes. A line ends behind its newline; what stands behind the last one is a line too. */
const NEWLINE = 0x0a;

export function countLines(bytes: Buffer): number {
  let lines = 0;
  let end = 0;
  for (let at = bytes.indexOf(NEWLINE); at >= 0; at = bytes.indexOf(NEWLINE, end)) {
    lines++;
    end = at + 1;
  }
  return end < bytes.length ? lines + 1 : lines;
}

/** Offset behind the next `lines` lines; undefined when there are not so many. */
export function skipLines(bytes: Buffer, from: number, lines: number): number | undefined {
  let at = from;
  for (let i = 0; i < lines; i++) {
    if (at >= bytes.length) return undefined;
    const newline = bytes.indexOf(NEWLINE, at);
    at = newline < 0 ? bytes.length : newline + 1;
  }
  return at;
}
