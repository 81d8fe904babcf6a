/** Waiting that ends with the run. */
import { setTimeout as sleep } from "node:timers/promises";

/** @throws the reason of the signal when the run ends */
export async function pause(ms: number, signal: AbortSignal): Promise<void> {
  await sleep(ms, undefined, { signal }).catch((error: unknown) => {
    signal.throwIfAborted();
    throw error;
  });
}
