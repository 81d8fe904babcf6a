/** Merges Contents indices: which packages a file belongs to, a line for each path in byte order, from inputs that are in that order too. */
import type { Block } from "../archive/block.ts";
import { BlockWriter } from "./block-writer.ts";
import { commonPrefix, orderBehind } from "./common-prefix.ts";
import type { ContentsInput } from "./contents-input.ts";
import type { LineReader } from "./line-reader.ts";
import { type OpenedInput, type OpeningLimits, openInput } from "./open-input.ts";
import { isPathBorder } from "./path-borders.ts";
import type { Strand } from "./strand.ts";

export interface MergeLimits extends OpeningLimits {
  /** A block is ended behind what makes it as long, border or not. */
  readonly blockBytes: number;
}

const USUAL: MergeLimits = { aheadBytes: 2 * 1024 * 1024, runBytes: 16 * 1024 * 1024, blockBytes: 2 * 1024 * 1024 };

/**
 * The merged text. Lines of one path, of several inputs or of one, become one: the locations in order of the inputs, each once, behind the
 * path and white space of the first line of which a location stayed. A line that stays as it is keeps its bytes; what cannot be read is left
 * out and counted. Needs a few MB for each input besides its chunks; far more for one that has to be sorted, see sort-in-runs.ts.
 *
 * @throws MergeError INDEX_MALFORMED for a line that is or becomes too long, INDEX_TOO_LARGE for an input that has to be sorted and does not fit;
 *   ContentsUnsorted for one whose need to be sorted shows too late; what reading the inputs throws
 */
export async function* mergeContents(inputs: readonly ContentsInput[], limits: MergeLimits = USUAL): AsyncGenerator<Block> {
  const opened = await openInputs(inputs, limits);
  try {
    yield* mergeStrands(
      opened.flatMap(({ strands }) => strands),
      limits.blockBytes,
    );
    for (const [position, { stats }] of opened.entries()) inputs[position]?.ended?.(stats());
  } finally {
    await closeAll(opened);
  }
}

/** All at once: each has to be decompressed a good way first. When one fails, none stays open. */
async function openInputs(inputs: readonly ContentsInput[], limits: MergeLimits): Promise<readonly OpenedInput[]> {
  const outcomes = await Promise.allSettled(inputs.map((input, position) => openInput(input, position, limits)));
  const opened = outcomes.flatMap((outcome) => (outcome.status === "fulfilled" ? [outcome.value] : []));
  const failed = outcomes.find((outcome) => outcome.status === "rejected");
  if (failed === undefined) return opened;
  await closeAll(opened);
  throw failed.reason;
}

/** What failed before is to be told, not what closing makes of it. */
async function closeAll(opened: readonly OpenedInput[]): Promise<void> {
  await Promise.allSettled(opened.map(({ close }) => close()));
}

/** @param strands those of one input next to each other, in its order */
async function* mergeStrands(strands: readonly Strand[], blockBytes: number): AsyncGenerator<Block> {
  const open: Strand[] = [];
  for (const strand of strands) if (await strand.advance()) open.push(strand);
  const writer = new BlockWriter(blockBytes);
  for (;;) {
    const { first, second } = firstTwo(open);
    if (first === undefined) break;
    const pause = writeBelow(first.reader, second?.reader, writer);
    writer.settle();
    switch (pause) {
      case "border":
        yield writer.take();
        break;
      case "overtaken":
        break;
      case "unread":
        if (!(await first.advance())) open.splice(open.indexOf(first), 1);
        break;
      default:
        pause satisfies never;
    }
  }
  if (writer.bytes > 0) yield writer.take();
}

/** The strands whose paths come first and next; of equal ones, the first in order of the inputs. */
function firstTwo(open: readonly Strand[]): { readonly first: Strand | undefined; readonly second: Strand | undefined } {
  let [first, second]: (Strand | undefined)[] = [];
  for (const strand of open) {
    if (first === undefined || comparePaths(strand.reader, first.reader) < 0) {
      second = first;
      first = strand;
    } else if (second === undefined || comparePaths(strand.reader, second.reader) < 0) second = strand;
  }
  return { first, second };
}

function comparePaths(left: LineReader, right: LineReader): number {
  return orderBehind(left.view, left.start, left.pathEnd, right.view, right.start, right.pathEnd, commonPath(left, right));
}

/** @param from how much is known to be common */
function commonPath(left: LineReader, right: LineReader, from = 0): number {
  const most = Math.min(left.pathEnd - left.start, right.pathEnd - right.start);
  return commonPrefix(left.view, left.start, right.view, right.start, most, from);
}

/** Why writing stops. */
type Pause =
  /** The path in front begins a block. */
  | "border"
  /** The path in front is not below that of the other input. */
  | "overtaken"
  /** No line is in front. */
  | "unread";

/**
 * Writes the line in front of `reader`, then those that follow as long as they are below the one in front of `other`; undefined when there is
 * none. Few lines have to be compared with that: what each has in common with the one before mostly tells.
 */
function writeBelow(reader: LineReader, other: LineReader | undefined, writer: BlockWriter): Pause {
  let same = writer.endsWithPathOf(reader);
  /** How much the last line written has in common with `other`. */
  let common = other === undefined ? -1 : commonPath(reader, other);
  for (;;) {
    if (same) writer.join(reader);
    else {
      if (writer.isFull || (writer.mayEnd && isPathBorder(reader.view, reader.start, reader.pathEnd))) return "border";
      writer.write(reader);
    }
    const path = reader.pathEnd - reader.start;
    if (!reader.advance()) return "unread";
    same = reader.common === path && reader.pathEnd - reader.start === path;
    if (other === undefined || reader.common > common) continue;
    if (reader.common < common) return "overtaken";
    common = commonPath(reader, other, common);
    if (orderBehind(reader.view, reader.start, reader.pathEnd, other.view, other.start, other.pathEnd, common) >= 0) return "overtaken";
  }
}
