/** Has the xz program read edited blocks, which it did not write: nobody else does before clients. */
import { randomBytes } from "node:crypto";
import { crc32 } from "node:zlib";
import pLimit from "p-limit";
import { isBlockOf, spliceXz, storedBlock } from "../archive/xz-stream.ts";
import type { EditedBlock } from "../ports.ts";
import { runChild } from "./child.ts";
import type { Taken } from "./xz-child.ts";
import { type XzTimes, xzChildren } from "./xz-children.ts";

const ARGS = ["--decompress", "--format=xz", "--threads=1"];

/** xz reads 1 MB in a fiftieth of a second. */
const TIMES: XzTimes = { patience: (bytes) => 10_000 + Math.ceil(bytes / 100), rest: 10_000 };
/** One that said nothing so often in a row is not asked any more: each time may have taken all of our patience. */
const MOST_SILENCES = 3;

/**
 * What a stream behind that of the block holds: xz gives it when it has found the one before it sound to its end, and not earlier. No block can end so:
 * it was made before.
 */
const END = randomBytes(16);
const END_STREAM = Buffer.concat(spliceXz([storedBlock(END)]));

/**
 * It takes xz a quarter of the time that an edit takes: one child is enough.
 *
 * @returns says whether a block holds exactly a text; undefined when xz cannot be asked
 */
export function xzProver(program: string, times: XzTimes = TIMES): (block: EditedBlock, text: Buffer) => Promise<boolean | undefined> {
  const limit = pLimit(1);
  const useXz = xzChildren(program, 1, times);
  let silences = 0;

  const ask = async (stream: readonly Buffer[], text: Buffer): Promise<boolean | undefined> => {
    const patience = times.patience(text.length);
    const standing = comparing(text);
    const isDone = await useXz(ARGS, async (child) => ((await child.ask(stream, patience, standing.take)) ? true : undefined));
    if (isDone || standing.differs) return !standing.differs;
    // By a child of its own, which can also be had where there are no files for it, and of which it is known how it ends.
    const alone = comparing(text);
    const output = (chunk: Buffer): boolean => alone.take(chunk) !== "amiss";
    const end = await runChild({ program, args: [...ARGS, "--stdout"], input: stream, output, limitMs: patience });
    if (end.kind === "exited") return end.status === 0 && alone.isDone;
    return end.kind === "stopped" ? false : undefined;
  };
  const prove = async (block: EditedBlock, text: Buffer): Promise<boolean | undefined> => {
    if (!isBlockOf(crc32(text), block.bytes, block.unpaddedBytes)) return false;
    if (silences === MOST_SILENCES) return undefined;
    const answer = await ask([...spliceXz([{ ...block, plainBytes: text.length }]), END_STREAM], text);
    silences = answer === undefined ? silences + 1 : 0;
    return answer;
  };
  return (block, text) => limit(() => prove(block, text));
}

/** Compares what xz gives with a text and the end behind it. */
function comparing(text: Buffer): { take(chunk: Buffer): Taken; readonly differs: boolean; readonly isDone: boolean } {
  const bytes = text.length + END.length;
  let at = 0;
  let differs = false;
  return {
    take(chunk) {
      const inText = Math.max(0, Math.min(chunk.length, text.length - at));
      const rest = chunk.subarray(inText);
      const restAt = at + inText - text.length;
      differs ||=
        at + chunk.length > bytes ||
        (inText > 0 && chunk.compare(text, at, at + inText, 0, inText) !== 0) ||
        (rest.length > 0 && !rest.equals(END.subarray(restAt, restAt + rest.length)));
      at += chunk.length;
      if (differs) return "amiss";
      return at === bytes ? "done" : "more";
    },
    get differs() {
      return differs;
    },
    get isDone() {
      return at === bytes && !differs;
    },
  };
}
