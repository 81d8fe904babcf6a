/** Counting and finding lines in bytes. A line ends behind its newline; what stands behind the last one is a line too. */
const NEWLINE = 0x0a;
const NEWLINES = 0x0a0a0a0a;

/** Four bytes at a time: whole indices are counted. */
export function countLines(bytes: Buffer): number {
  const { length, byteOffset } = bytes;
  const aligned = (4 - (byteOffset % 4)) % 4;
  const lead = Math.min(length, aligned);
  // Words begin at a multiple of four, even where there are none.
  const words = new Uint32Array(bytes.buffer, lead === aligned ? byteOffset + lead : 0, (length - lead) >> 2);
  let lines = 0;
  for (let at = 0; at < lead; at++) if (bytes[at] === NEWLINE) lines++;
  for (let word = 0; word < words.length; word++) {
    const four = (words[word] ?? 0) ^ NEWLINES;
    // 0x80 for each of the four bytes that was a newline; summed up in the highest one.
    const found = ~(((four & 0x7f7f7f7f) + 0x7f7f7f7f) | four | 0x7f7f7f7f);
    lines += Math.imul(found >>> 7, 0x01010101) >>> 24;
  }
  for (let at = lead + words.length * 4; at < length; at++) if (bytes[at] === NEWLINE) lines++;
  return length > 0 && bytes[length - 1] !== NEWLINE ? lines + 1 : lines;
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
