/** Memory of large buffers that nobody reads any more. */

/** Gives it back at once, and does not wait for somebody to see that nobody needs it; small ones stay, which may share Node's pool with others. */
export function giveBack({ buffer }: ArrayBufferView): void {
  if (buffer instanceof ArrayBuffer && buffer.byteLength > Buffer.poolSize) buffer.transfer(0);
}
