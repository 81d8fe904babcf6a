/**
 * Joins raw deflate pieces, each ended by a full flush, into one gzip member.
 *
 * @see RFC 1952
 */
const HEADER = Buffer.from([0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 2, 0xff]); // no time stamp, unknown system: the same bytes everywhere
const EMPTY_FINAL_BLOCK = Buffer.from([0x03, 0x00]);

/**
 * @param crc32 of all uncompressed bytes
 * @param plainBytes length of all uncompressed bytes
 */
export function spliceGzip(pieces: readonly Buffer[], crc32: number, plainBytes: number): readonly Buffer[] {
  const trailer = Buffer.alloc(8);
  trailer.writeUInt32LE(crc32 >>> 0, 0);
  trailer.writeUInt32LE(plainBytes % 2 ** 32, 4);
  return [HEADER, ...pieces, EMPTY_FINAL_BLOCK, trailer];
}
