/** Has the xz program read edited blocks, which it did not write: nobody else does before clients. */
import { randomBytes } from "node:crypto";
import { crc32 } from "node:zlib";
import pLimit from "p-limit";
import { isBlockOf, spliceXz, storedBlock } from "../archive/xz-stream.ts";
import type { EditedBlock } from "../ports.ts";
import type { Taken } from "./xz-child.ts";
import { TIMES, type XzTimes, xzChildren } from "./xz-children.ts";

const ARGS = ["--decompress", "--format=xz", "--threads=1"];

/**
 * What a stream behind that of the block holds: xz gives it when it has found the one before it sound to its end, and not earlier. No block can end so:
 * it was made before.
 */
const END = randomBytes(16);
const END_STREAM = Buffer.concat(spliceXz([storedBlock(END)]));

/**
 * It takes xz a quarter of the time that an edit takes: one child is enough.
 *
 * @returns says whether a block holds exactly a text; undefined when xz does not give it or cannot be asked
 */
export function xzProver(program: string, times: XzTimes = TIMES): (block: EditedBlock, text: Buffer) => Promise<boolean | undefined> {
  const limit = pLimit(1);
  const useXz = xzChildren(program, 1, times);

  const prove = async (block: EditedBlock, text: Buffer): Promise<boolean | undefined> => {
    if (!isBlockOf(crc32(text), block.bytes, block.unpaddedBytes)) return false;
    const stream = spliceXz([{ ...block, plainBytes: text.length }]);
    const bytes = text.length + END.length;
    let at = 0;
    let differs = false;
    const take = (chunk: Buffer): Taken => {
      const inText = Math.max(0, Math.min(chunk.length, text.length - at));
      const rest = chunk.subarray(inText);
      const restAt = at + inText - text.length;
      differs =
        at + chunk.length > bytes ||
        (inText > 0 && chunk.compare(text, at, at + inText, 0, inText) !== 0) ||
        (rest.length > 0 && !rest.equals(END.subarray(restAt, restAt + rest.length)));
      at += chunk.length;
      if (differs) return "amiss";
      return at === bytes ? "done" : "more";
    };
    const isDone = await useXz(ARGS, async (child) => {
      const done = await child.ask([...stream, END_STREAM], times.patience(text.length), take);
      return done ? true : undefined;
    });
    return differs ? false : isDone;
  };
  return (block, text) => limit(() => prove(block, text));
}
