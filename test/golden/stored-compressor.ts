/**
 * Compression that does not compress: pieces of gzip and xz that hold their bytes as they are. zlib and liblzma write other bytes from one
 * version or processor to the next, and a golden tree lists digests of compressed files: these are the same everywhere.
 */
import { crc32 } from "node:zlib";
import { spliceXz } from "../../lib/archive/xz-stream.ts";
import type { Codec, Compressor } from "../../lib/ports.ts";

const MAX_DEFLATE_PIECE = 0xffff;
const MAX_LZMA_PIECE = 0x10000;
const EMPTY_STORED_BLOCK = Buffer.from([0, 0, 0, 0xff, 0xff]);
/** LZMA2 with a dictionary of 1 MiB, no filter before it. */
const XZ_BLOCK_HEADER = Buffer.from([0x02, 0x00, 0x21, 0x01, 0x10, 0x00, 0x00, 0x00]);
const CRC32_BYTES = 4;

/** Reads with the real programs, writes stored pieces: whatever level is asked for. */
export function storedCompressor(real: Compressor): Compressor {
  return {
    parallel: real.parallel,
    decompressing: (bytes, compression, maxBytes) => real.decompressing(bytes, compression, maxBytes),
    inflatePiece: (piece, plainBytes) => real.inflatePiece(piece, plainBytes),
    decompress: (...given) => real.decompress(...given),
    editXzBlock: async () => undefined,
    async compressBlock(block: Buffer, codec: Codec): Promise<Buffer> {
      switch (codec) {
        case "gz":
          return storedDeflate(block);
        case "xz":
          return storedXz(block);
        default:
          return codec satisfies never;
      }
    },
  };
}

/** @see RFC 1951, section 3.2.4 */
function storedDeflate(block: Buffer): Buffer {
  const pieces = piecesOf(block, MAX_DEFLATE_PIECE).flatMap((piece) => {
    const head = Buffer.alloc(5);
    head.writeUInt16LE(piece.length, 1);
    head.writeUInt16LE(0xffff - piece.length, 3);
    return [head, piece];
  });
  // The empty one is what a full flush ends with.
  return Buffer.concat([...pieces, EMPTY_STORED_BLOCK]);
}

/** @see the .xz file format, section 3; LZMA2 chunks without compression: 1 starts a dictionary, 2 goes on, 0 ends */
function storedXz(block: Buffer): Buffer {
  const chunks = piecesOf(block, MAX_LZMA_PIECE).flatMap((piece, position) => {
    const head = Buffer.from([position === 0 ? 1 : 2, 0, 0]);
    head.writeUInt16BE(piece.length - 1, 1);
    return [head, piece];
  });
  const header = Buffer.concat([XZ_BLOCK_HEADER, little32(crc32(XZ_BLOCK_HEADER))]);
  const data = Buffer.concat([...chunks, Buffer.from([0])]);
  const padding = Buffer.alloc((4 - (data.length % 4)) % 4);
  const bytes = Buffer.concat([header, data, padding, little32(crc32(block))]);
  const unpaddedBytes = header.length + data.length + CRC32_BYTES;
  return Buffer.concat(spliceXz([{ bytes, unpaddedBytes, plainBytes: block.length }]));
}

function piecesOf(bytes: Buffer, size: number): readonly Buffer[] {
  const pieces: Buffer[] = [];
  for (let start = 0; start < bytes.length; start += size) pieces.push(bytes.subarray(start, start + size));
  return pieces;
}

function little32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32LE(value);
  return bytes;
}
