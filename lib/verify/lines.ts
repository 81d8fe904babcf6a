/**
 * Lines of a signed text, as bytes. Hostile input: whatever two readers could split in two ways is a fault here, so that what was signed,
 * what is parsed and what apt would see are the same lines.
 */

/** A line of Release has some 200 bytes; gpg cuts lines near 20,000, after which it hashes something else than it read. */
export const MAX_LINE_BYTES = 16 * 1024;

const [TAB, LF, VT, FF, CR, SPACE] = [0x09, 0x0a, 0x0b, 0x0c, 0x0d, 0x20];

/** Without line ends and without blanks before them, as OpenPGP signs text; one after the last line end counts as no line. */
export type Lines = { readonly kind: "lines"; readonly lines: readonly Buffer[] } | { readonly kind: "fault"; readonly because: string };

export function readLines(bytes: Buffer): Lines {
  const lines: Buffer[] = [];
  // Asked of all bytes at once, because it is so of nearly every file.
  const isPlain = ![0, CR, VT, FF].some((byte) => bytes.includes(byte));
  for (let start = 0; start < bytes.length; ) {
    const found = bytes.indexOf(LF, start);
    const next = found < 0 ? bytes.length : found;
    if (next - start > MAX_LINE_BYTES) {
      return { kind: "fault", because: `line ${lines.length + 1} has ${next - start} bytes, at most ${MAX_LINE_BYTES} are read` };
    }
    const end = next > start && bytes[next - 1] === CR ? next - 1 : next;
    const fault = isPlain ? undefined : controlFault(bytes.subarray(start, end));
    if (fault !== undefined) return { kind: "fault", because: `line ${lines.length + 1} has ${fault}` };
    lines.push(bytes.subarray(start, withoutBlanks(bytes, start, end)));
    start = next + 1;
  }
  return { kind: "lines", lines };
}

/** The form that a clear-signed file and a file beside its signature share: LF, no blanks before it, a line end after the last line. */
export function joinLines(lines: readonly Buffer[]): Buffer {
  const newline = Buffer.from([LF]);
  return Buffer.concat(lines.flatMap((line) => [line, newline]));
}

function controlFault(line: Buffer): string | undefined {
  if (line.includes(0)) return "a NUL byte";
  if (line.includes(CR)) return "a carriage return that ends no line";
  // apt takes these for blanks, OpenPGP does not.
  if (line.includes(VT) || line.includes(FF)) return "a vertical tab or form feed";
  return undefined;
}

function withoutBlanks(bytes: Buffer, start: number, end: number): number {
  let last = end;
  while (last > start && (bytes[last - 1] === SPACE || bytes[last - 1] === TAB)) last--;
  return last;
}
