/** Compares parts of bytes where they lie: nothing is cut out or called for each of millions of lines. */

/**
 * How many bytes two parts begin with alike.
 *
 * @param from how many are known to be alike
 * @param most where to stop; both parts must have that many
 */
export function commonPrefix(left: DataView, leftStart: number, right: DataView, rightStart: number, most: number, from = 0): number {
  let alike = from;
  for (; alike + 4 <= most; alike += 4) {
    const differing = left.getInt32(leftStart + alike) ^ right.getInt32(rightStart + alike);
    if (differing !== 0) return alike + (Math.clz32(differing) >> 3);
  }
  while (alike < most && left.getUint8(leftStart + alike) === right.getUint8(rightStart + alike)) alike++;
  return alike;
}

/**
 * Byte order of two parts that are alike in their first `alike` bytes and in no more.
 *
 * @returns below, at or above 0
 */
export function orderBehind(
  left: DataView,
  leftStart: number,
  leftEnd: number,
  right: DataView,
  rightStart: number,
  rightEnd: number,
  alike: number,
): number {
  const [leftAt, rightAt] = [leftStart + alike, rightStart + alike];
  if (leftAt >= leftEnd || rightAt >= rightEnd) return leftEnd - leftStart - (rightEnd - rightStart);
  return left.getUint8(leftAt) - right.getUint8(rightAt);
}
