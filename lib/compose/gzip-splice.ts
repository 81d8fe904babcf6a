/**
 * Joins raw deflate pieces, each ended by a full flush, into one gzip member.
 *
 * @see RFC 1952
 */
/** What comes before all pieces: no time stamp, unknown system, the same bytes everywhere. */
export const GZIP_HEAD = Buffer.from([0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 2, 0xff]);
const EMPTY_FINAL_BLOCK = Buffer.from([0x03, 0x00]);

/** What a full flush ends a piece with: without all of it the next piece cannot follow. */
const FLUSH_END = Buffer.from([0x00, 0x00, 0xff, 0xff]);

export const endsInFlush = (piece: Buffer): boolean => piece.subarray(-FLUSH_END.length).equals(FLUSH_END);

/** @param crc32 of the uncompressed bytes @param plainBytes their length */
export function spliceGzip(pieces: readonly Buffer[], crc32: number, plainBytes: number): readonly Buffer[] {
  return [GZIP_HEAD, ...pieces, gzipTail(crc32, plainBytes)];
}

/** What comes behind all pieces. */
export function gzipTail(crc32: number, plainBytes: number): Buffer {
  const trailer = Buffer.alloc(8);
  trailer.writeUInt32LE(crc32 >>> 0, 0);
  trailer.writeUInt32LE(plainBytes % 2 ** 32, 4);
  return Buffer.concat([EMPTY_FINAL_BLOCK, trailer]);
}
