import { MergeError, type Where } from "../errors.ts";

/**
 * An input's paths are not in byte order, and blocks that its late lines belong to have been handed out. All blocks are to be thrown away;
 * a merge in which the input has `sorted: false` comes out right.
 */
export class ContentsUnsorted extends MergeError {
  /** Position of the input. */
  readonly input: number;

  constructor(input: number, line: number, where: Where) {
    const text = `Cannot merge ${where.file} of ${where.mirror}/${where.suite} as it comes: the path of line ${line} sorts before the one above it, it must not`;
    super("INDEX_MALFORMED", text, where);
    this.input = input;
  }
}
