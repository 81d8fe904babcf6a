/** Compresses blocks by zlib, whose working memory is used again: to be given it anew for each block takes as long as a third of the compressing. */
import { constants, createDeflateRaw, type DeflateRaw, type ZlibOptions } from "node:zlib";
import pLimit from "p-limit";

/** What is compressed of a block is read when it is whole: nothing waits for a reader. */
const NO_MARK = Number.MAX_SAFE_INTEGER;

/** @returns compresses a block to a raw deflate piece ended by a full flush @param parallel blocks at one time */
export function gzCompressor(parallel: number): (block: Buffer, level: number) => Promise<Buffer> {
  const limit = pLimit(parallel);
  const idle = new Map<number, DeflateRaw[]>();
  const compress = async (block: Buffer, level: number): Promise<Buffer> => {
    const waiting = idle.get(level) ?? [];
    idle.set(level, waiting);
    const options: ZlibOptions & { readonly readableHighWaterMark: number } = { level, readableHighWaterMark: NO_MARK };
    const deflater = waiting.pop() ?? createDeflateRaw(options);
    const piece = await deflated(block, deflater);
    deflater.reset();
    waiting.push(deflater);
    return piece;
  };
  return (block, level) => limit(() => compress(block, level));
}

function deflated(block: Buffer, deflater: DeflateRaw): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    deflater.once("error", reject);
    deflater.write(block);
    deflater.flush(constants.Z_FULL_FLUSH, () => {
      deflater.off("error", reject);
      resolve(deflater.read());
    });
  });
}
