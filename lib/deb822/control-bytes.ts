/** Looks for bytes that no stanza may hold. */

const NEWLINE = 0x0a;
const SPACE = 0x20;
const TAB = 0x09;

/**
 * Control bytes but for newline and tab spoil a stanza. Read four bytes at a time: this sees every byte of the index.
 *
 * @param from offset of the first byte that is looked at
 * @param starts offsets of the stanzas, as far as `bytes` go
 * @param spoilt gets a reason for each stanza that holds one
 */
export function noteControlBytes(bytes: Buffer, from: number, starts: Uint32Array, spoilt: Map<number, string>): void {
  const note = (at: number): void => {
    const byte = bytes[at] ?? SPACE;
    if (byte < SPACE && byte !== NEWLINE && byte !== TAB) {
      spoilt.set(stanzaAt(starts, at), `it holds the control byte 0x${byte.toString(16).padStart(2, "0")}`);
    }
  };
  const aligned = from + ((4 - ((bytes.byteOffset + from) % 4)) % 4);
  const lead = Math.min(bytes.length, aligned);
  // Words begin at a multiple of four, even where there are none.
  const words = new Uint32Array(bytes.buffer, lead === aligned ? bytes.byteOffset + lead : 0, Math.floor((bytes.length - lead) / 4));
  for (let at = from; at < lead; at++) note(at);
  for (let word = 0; word < words.length; word++) {
    const four = words[word] ?? 0;
    // Not zero when one of the four bytes is below 0x20.
    if (((four - 0x20202020) & ~four & 0x80808080) === 0) continue;
    const at = lead + word * 4;
    note(at);
    note(at + 1);
    note(at + 2);
    note(at + 3);
  }
  for (let at = lead + words.length * 4; at < bytes.length; at++) note(at);
}

/** The stanza that holds an offset, or the one before it. */
function stanzaAt(starts: Uint32Array, offset: number): number {
  let low = 0;
  let high = starts.length - 1;
  while (low < high) {
    const middle = (low + high + 1) >>> 1;
    if ((starts[middle] ?? 0) <= offset) low = middle;
    else high = middle - 1;
  }
  return low;
}
