/** The text of a merged index in blocks, the smallest parts that may be compressed by themselves, so that what did not change need not be again. */

export interface Block {
  /** Part of a room that is used again after `release`. */
  readonly bytes: Buffer;
  /** Stanzas, lines or documents in it. */
  readonly stanzas: number;
  /** Of these, how many an override changed. */
  readonly overridden: number;
  /** Lines of its text, where they are known without counting. */
  readonly lines?: number;
  /** Whether a run of blocks that are compressed together may begin here: of the blocks' borders one in a few, by the name alone. */
  readonly opensRun: boolean;
  /** To be called once, when nobody reads `bytes` any more: a large index would leave its own size in garbage otherwise. */
  release(): void;
}

/** A block is ended before the next name once it is longer: names can be chosen so that none is a border. */
export const MAX_BLOCK_BYTES = 1024 * 1024;

/**
 * Whether a block begins at this name. Borders are a function of the name alone, so that an insertion moves no other border; all that bears
 * one name stays together. FNV-1a: a fixed function, because borders must be the same in every version of aptmerge.
 *
 * @param oneIn names from border to border, on average
 */
export const isBorder = (name: string, oneIn: number): boolean => hashOf(name) % oneIn === 0;

/** Whether a run of blocks may begin at this name, which is a border by the same number. */
export const opensRun = (name: string, oneIn: number): boolean => hashOf(name) % (oneIn * BORDERS_PER_OPENING) === 0;

const BORDERS_PER_OPENING = 3;

function hashOf(name: string): number {
  let hash = 0x811c9dc5;
  for (let i = 0; i < name.length; i++) hash = Math.imul(hash ^ name.charCodeAt(i), 0x01000193);
  return hash >>> 0;
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
  let opens = true;
  const take = (): Block => {
    const block = { bytes: Buffer.concat(parts, bytes), stanzas: parts.length, overridden: 0, opensRun: opens, release: () => {} };
    parts = [];
    bytes = 0;
    opens = false;
    return block;
  };
  for (const text of texts) {
    const atBorder = text.name !== lastName && isBorder(text.name, namesPerBlock);
    if (parts.length > 0 && (atBorder || (text.name !== lastName && bytes > MAX_BLOCK_BYTES))) {
      yield take();
      opens = atBorder && opensRun(text.name, namesPerBlock);
    }
    lastName = text.name;
    parts.push(text.bytes);
    bytes += text.bytes.length;
  }
  if (parts.length > 0) yield take();
}
