/** Where blocks of a merged Contents index begin. */

/** One path in so many passes the first test. */
const FIRST_TEST_BITS = 6;
/** Of these, one in so many is a border: about 700 kB of Debian's Contents-amd64 lie between two. */
const SECOND_TEST = 128;

/**
 * Whether a block begins at this path, unless the one before is very short. A function of the path alone, so that a line which comes or goes moves no other border, and the same
 * in every version of aptmerge. Length and last bytes are looked at first, because most lines need no more; then all bytes (FNV-1a), because
 * a hundred thousand paths end alike.
 */
export function isPathBorder(path: DataView, start: number, end: number): boolean {
  const length = end - start;
  if (length >= 8) {
    const mixed = Math.imul(Math.imul(path.getInt32(end - 8) ^ length, 0x9e3779b1) ^ path.getInt32(end - 4), 0x85ebca6b);
    if (mixed >>> (32 - FIRST_TEST_BITS) !== 0) return false;
  }
  let hash = 0x811c9dc5;
  for (let at = start; at < end; at++) hash = Math.imul(hash ^ path.getUint8(at), 0x01000193);
  return (hash >>> 0) % SECOND_TEST === 0;
}
