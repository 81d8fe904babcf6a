/** Compression and decompression: node:zlib for gz and zst, the system's xz, and engines in JavaScript for what is left. */
import { availableParallelism } from "node:os";
import { promisify } from "node:util";
import { constants, createDeflateRaw, inflateRaw } from "node:zlib";
import pLimit from "p-limit";
import { giveBack } from "../archive/give-back.ts";
import { MergeError } from "../errors.ts";
import type {
  Codec,
  Compression,
  Compressor,
  DecompressOutcome,
  DecompressProgress,
  EditedBlock,
  StreamEnd,
  XzBlockEdit,
} from "../ports.ts";
import { findProgram } from "./child.ts";
import { xzCompressor } from "./compress-xz.ts";
import { decompressAside } from "./decompress-aside.ts";
import { decompressXz } from "./decompress-xz.ts";
import { decompressZlib, gunzipInPieces } from "./decompress-zlib.ts";
import { xzEditor } from "./edit-xz-aside.ts";
import { xzProver } from "./prove-xz.ts";

const inflate = promisify<Buffer, object, Buffer>(inflateRaw);

/** Of what is decompressed whole and handed on in pieces. */
const PIECE_BYTES = 1024 * 1024;

/** What one machine offers. */
interface SystemCompressor extends Compressor {
  /** Whether `compressBlock` can make xz. */
  readonly canXz: boolean;
}

/**
 * @param searchPath folders in which the xz program is looked for, separated by `:`; by default those of PATH
 * @param parallel children at one time; by default one per core
 */
export function createCompressor(searchPath?: string, parallel: number = availableParallelism()): SystemCompressor {
  const xz = findProgram("xz", searchPath);
  const compressXz = xz === undefined ? undefined : xzCompressor(xz, parallel);
  const proveXz = xz === undefined ? undefined : xzProver(xz);
  // Each child and each worker keeps a core busy and holds tens of MiB.
  const limit = pLimit(parallel);
  const editor = xzEditor(parallel);

  return {
    parallel,
    canXz: xz !== undefined,
    async decompress(bytes: Buffer, compression: Compression, maxBytes: number, progress?: DecompressProgress): Promise<DecompressOutcome> {
      switch (compression) {
        case "plain":
          return bytes.length > maxBytes ? { kind: "too-long" } : { kind: "plain", bytes };
        case "gz":
        case "zst":
          return decompressZlib(bytes, compression, maxBytes);
        case "xz":
          return limit(() => (xz === undefined ? decompressAside(bytes, "xz", maxBytes) : decompressXz(xz, bytes, maxBytes, progress)));
        case "bz2":
          return limit(() => decompressAside(bytes, "bz2", maxBytes));
        default:
          return compression satisfies never;
      }
    },
    async *decompressing(
      bytes: Buffer | AsyncIterable<Buffer>,
      compression: Compression,
      maxBytes: number,
    ): AsyncGenerator<Buffer, StreamEnd> {
      if (compression === "gz") return yield* gunzipInPieces(bytes);
      const whole = Buffer.isBuffer(bytes) ? bytes : await joined(bytes);
      const outcome = await this.decompress(whole, compression, maxBytes);
      if (outcome.kind !== "plain") return outcome;
      for (let at = 0; at < outcome.bytes.length; at += PIECE_BYTES) yield outcome.bytes.subarray(at, at + PIECE_BYTES);
      return { kind: "ended" };
    },
    async compressBlock(block: Buffer, codec: Codec, level: number): Promise<Buffer> {
      switch (codec) {
        case "gz":
          return deflatePiece(block, level);
        case "xz":
          if (compressXz === undefined)
            throw new MergeError("COMPRESSOR_MISSING", "Cannot compress to xz: there is no program xz in PATH, it must be installed");
          return compressXz(block, level);
        default:
          return codec satisfies never;
      }
    },
    async editXzBlock(edit: XzBlockEdit): Promise<EditedBlock | undefined> {
      const edited = await editor.edit(edit);
      if (edited === undefined) return undefined;
      const isProven = (await proveXz?.(edited, edit.text)) ?? (await editor.isReadAs(edited, edit.text));
      return isProven ? edited : undefined;
    },
    async inflatePiece(piece: Buffer, plainBytes: number): Promise<Buffer | undefined> {
      const options = { finishFlush: constants.Z_SYNC_FLUSH, chunkSize: Math.max(64, plainBytes + 1), maxOutputLength: plainBytes + 1 };
      const bytes = await inflate(piece, options).catch(() => undefined);
      return bytes?.length === plainBytes ? bytes : undefined;
    },
  };
}

/** Set aside for what zlib gives; not as long as Node's pool, which cannot be given back. */
const OUTPUT_BYTES = 96 * 1024;

/** One member's part, up to a full flush. */
async function deflatePiece(block: Buffer, level: number): Promise<Buffer> {
  const stream = createDeflateRaw({ level, finishFlush: constants.Z_FULL_FLUSH, chunkSize: Math.max(OUTPUT_BYTES, block.length >> 3) });
  const parts: Buffer[] = [];
  await new Promise<void>((resolve, reject) => {
    stream
      .on("data", (part: Buffer) => void parts.push(part))
      .on("end", resolve)
      .on("error", reject);
    stream.end(block);
  });
  const piece = Buffer.allocUnsafeSlow(parts.reduce((sum, { length }) => sum + length, 0));
  let used = 0;
  for (const part of parts) used += part.copy(piece, used);
  // The room that zlib set aside is several times as large, and would live until somebody sees that nobody needs it.
  for (const part of parts) giveBack(part);
  return piece;
}

async function joined(pieces: AsyncIterable<Buffer>): Promise<Buffer> {
  const all: Buffer[] = [];
  for await (const piece of pieces) all.push(piece);
  return Buffer.concat(all);
}
