/** What may change hands between threads instead of being copied. */
import { isMarkedAsUntransferable } from "node:worker_threads";

/** Buffers of a value that is bytes, or has them in its fields or theirs. */
export function buffersOf(value: unknown): ArrayBuffer[] {
  if (value instanceof Uint8Array || value instanceof Uint16Array || value instanceof Int32Array) {
    const { buffer } = value;
    // Small ones share a pool of Node's, which stays where it is.
    return buffer instanceof ArrayBuffer && !isMarkedAsUntransferable(buffer) ? [buffer] : [];
  }
  // Of lists nothing is expected, and they may be long.
  return typeof value === "object" && value !== null && !Array.isArray(value) ? Object.values(value).flatMap(buffersOf) : [];
}
