/** What goes into a merge of Contents indices, and what is told of it afterwards. */
import type { Where } from "../errors.ts";

export interface ContentsInput {
  /** Decompressed bytes in chunks of any size, which are not written to again. */
  readonly chunks: AsyncIterable<Buffer>;
  /** Named in errors. */
  readonly where: Where;
  /**
   * What becomes of a location such as `non-free/doc/foo` (latin1); undefined takes it out. Asked at least once for each that occurs, not
   * once a line: the answer may depend on nothing else.
   */
  place(location: string): string | undefined;
  /** False: it is sorted before it is merged. To be set after `ContentsUnsorted` named this input. */
  readonly sorted?: boolean;
  /** Told once, when all inputs have been read to their ends. */
  ended?(stats: ContentsStats): void;
}

export interface ContentsStats {
  /** All there are, those of a header among them. */
  readonly lines: number;
  /** Lines of prose at the beginning, up to `FILE LOCATION`. */
  readonly header: number;
  /** Lines of which some location stayed. */
  readonly kept: number;
  /** Locations that were taken out, one in a thousand lines counted a thousand times. */
  readonly locationsOut: number;
  /** Lines that could not be read. */
  readonly skipped: number;
  readonly firstSkipped: SkippedLine | undefined;
}

export interface SkippedLine {
  /** Counted from 1. */
  readonly line: number;
  /** Such as `it is empty`. */
  readonly because: string;
}
