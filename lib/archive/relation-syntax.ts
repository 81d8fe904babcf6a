/**
 * Whether apt can read a relation field at all. It gives up a whole index, and with it every index of the client, for one that it cannot read, so
 * a stanza that has one may not be published. On the bytes, because every stanza of every index is asked.
 *
 * What apt reads: alternatives, parted by commas and bars, of a name and perhaps a version in parentheses. It looks at neither closely, and at
 * nothing between `[]` or `<>`, which binaries do not have.
 */
const [TAB, CR, SPACE, OPEN, CLOSE, COMMA, LESS, EQUAL, GREATER, BAR] = [0x09, 0x0d, 0x20, 0x28, 0x29, 0x2c, 0x3c, 0x3d, 0x3e, 0x7c];

/** By byte: 1 for what ends a name, 3 for a blank, which ends it too. */
const CLASSES = new Uint8Array(256);
const BLANK = 3;
for (const byte of Buffer.from("()|,[]<>")) CLASSES[byte] = 1;
for (let byte = TAB; byte <= CR; byte++) CLASSES[byte] = BLANK;
CLASSES[SPACE] = BLANK;

/** Bytes that apt wants to see behind the blanks of an opening parenthesis: one digit alone at the end is no version to it. */
const LEAST_IN_PARENTHESES = 4;

/** Longest text that apt keeps, such as a name, a version or a section: one of 64 kB ends it with SIGABRT. */
export const MAX_KEPT_BYTES = 4096;

/** Fields that all of apt's clients parse when they read an index of binaries, in lower case; `Optional` is an old name of Suggests. */
export const PARSED_RELATIONS = [
  ...(["pre-depends", "depends", "recommends", "suggests", "optional"] as const),
  ...(["enhances", "conflicts", "breaks", "replaces", "provides"] as const),
] as const;

/**
 * @param start of the value, or of the blanks before it
 * @param end behind its last byte
 */
export function isRelation(bytes: Buffer, start: number, end: number): boolean {
  let at = skipBlanks(bytes, start, end);
  // An empty field, or one that ends in a comma, says nothing more.
  while (at < end) {
    const name = at;
    while (at < end && CLASSES[bytes[at] ?? 0] === 0) at++;
    if (at === name || at - name > MAX_KEPT_BYTES) return false;
    at = skipBlanks(bytes, at, end);
    if (at < end && bytes[at] === OPEN) {
      at = behindVersion(bytes, at + 1, end);
      if (at < 0) return false;
      at = skipBlanks(bytes, at, end);
    }
    if (at < end && bytes[at] !== COMMA && bytes[at] !== BAR) return false;
    at = skipBlanks(bytes, at + 1, end);
  }
  return true;
}

/** @returns the byte behind the closing parenthesis, or -1 */
function behindVersion(bytes: Buffer, start: number, end: number): number {
  let at = skipBlanks(bytes, start, end);
  if (end - at < LEAST_IN_PARENTHESES) return -1;
  const first = bytes[at];
  if (first === EQUAL) at++;
  else if (first === LESS || first === GREATER) at += bytes[at + 1] === first || bytes[at + 1] === EQUAL ? 2 : 1;
  at = skipBlanks(bytes, at, end);
  const version = at;
  while (at < end && bytes[at] !== CLOSE) at++;
  return at === end || at === version || at - version > MAX_KEPT_BYTES ? -1 : at + 1;
}

function skipBlanks(bytes: Buffer, start: number, end: number): number {
  let at = start;
  while (at < end && CLASSES[bytes[at] ?? 0] === BLANK) at++;
  return at;
}
