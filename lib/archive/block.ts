/** The text of a merged index in blocks: each is compressed by itself, so that what did not change need not be compressed again. */

export interface Block {
  /** Part of a room that is used again after `release`. */
  readonly bytes: Buffer;
  /** Stanzas, lines or documents in it. */
  readonly stanzas: number;
  /** Of these, how many an override changed. */
  readonly overridden: number;
  /** To be called once, when nobody reads `bytes` any more: a large index would leave its own size in garbage otherwise. */
  release(): void;
}

/** A block is ended behind what makes it longer: names can be chosen so that none is a border. */
export const MAX_BLOCK_BYTES = 16 * 1024 * 1024;

/**
 * Whether a block begins at this name. Borders are a function of the name alone, so that an insertion moves no other border; all that bears
 * one name stays together. FNV-1a: a fixed function, because borders must be the same in every version of aptmerge.
 *
 * @param oneIn names from border to border, on average
 */
export function isBorder(name: string, oneIn: number): boolean {
  let hash = 0x811c9dc5;
  for (let i = 0; i < name.length; i++) hash = Math.imul(hash ^ name.charCodeAt(i), 0x01000193);
  return (hash >>> 0) % oneIn === 0;
}

/** A stanza or document of a merged index, whole. */
export interface NamedText {
  readonly name: string;
  readonly bytes: Buffer;
}

/** Joins texts that are sorted by name to blocks. */
export function* blocksOf(texts: Iterable<NamedText>, namesPerBlock: number): Generator<Block> {
  let parts: Buffer[] = [];
  let bytes = 0;
  let lastName: string | undefined;
  const take = (): Block => {
    const block = { bytes: Buffer.concat(parts, bytes), stanzas: parts.length, overridden: 0, release: () => {} };
    parts = [];
    bytes = 0;
    return block;
  };
  for (const text of texts) {
    if (parts.length > 0 && ((text.name !== lastName && isBorder(text.name, namesPerBlock)) || bytes > MAX_BLOCK_BYTES)) yield take();
    lastName = text.name;
    parts.push(text.bytes);
    bytes += text.bytes.length;
  }
  if (parts.length > 0) yield take();
}
