/** The caps on bytes: of one file, and of everything that a run downloads. */
import type { Failure } from "./downloader-failure.ts";

export interface Budget {
  /** Takes bytes off the run's total; the failure says that it is used up, and stays so, also for 0 bytes. */
  spend(bytes: number): Failure | undefined;
}

export function createBudget(maxTotalBytes: number): Budget {
  let left = maxTotalBytes;
  return {
    spend(bytes) {
      left -= bytes;
      if (left >= 0) return undefined;
      const found = `all downloads of this run passed ${maxTotalBytes} bytes`;
      return { code: "DOWNLOAD_LIMIT", found, wanted: "their total must stay below", again: false };
    },
  };
}

/** @param claimed length that the server announced; undefined when it just went on */
export function overCap(maxBytes: number, claimed: number | undefined): Failure {
  const found = claimed === undefined ? `it is longer than ${maxBytes} bytes` : `it is said to have ${claimed} bytes`;
  return { code: "DOWNLOAD_LIMIT", found, wanted: `it may have at most ${maxBytes} bytes`, again: false };
}
