/** Memory of buffers that nobody reads any more. */

/**
 * Gives it back at once, and does not wait for somebody to see that nobody needs it. Node's pool, of which many have a part, stays: it is told by its
 * length.
 */
export function giveBack({ buffer }: Pick<ArrayBufferView, "buffer">): void {
  if (buffer instanceof ArrayBuffer && buffer.byteLength !== Buffer.poolSize && !buffer.detached) buffer.transfer(0);
}

/** A copy in memory of its own, which can be given back, or away. */
export function ownCopy(bytes: Buffer): Buffer {
  const own = Buffer.allocUnsafeSlow(bytes.length);
  bytes.copy(own);
  return own;
}
