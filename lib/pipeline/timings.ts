/** Where a run's time went. */
import type { Timings } from "../report/report.ts";

type Step = keyof Timings;

export interface RunTimings {
  measure<T>(step: Step, work: () => Promise<T>): Promise<T>;
  add(step: Step, ms: number): void;
  /** Since the start of the run. */
  elapsedMs(): number;
  /** Whole milliseconds. */
  read(): Timings;
}

export function startTimings(): RunTimings {
  const started = performance.now();
  const spent: Record<Step, number> = { fetchMs: 0, verifyMs: 0, mergeMs: 0, composeMs: 0, publishMs: 0 };
  return {
    async measure(step, work) {
      const begin = performance.now();
      try {
        return await work();
      } finally {
        spent[step] += performance.now() - begin;
      }
    },
    add(step, ms) {
      spent[step] += ms;
    },
    elapsedMs: () => performance.now() - started,
    read() {
      const round = (step: Step): number => Math.round(spent[step]);
      return {
        fetchMs: round("fetchMs"),
        verifyMs: round("verifyMs"),
        mergeMs: round("mergeMs"),
        composeMs: round("composeMs"),
        publishMs: round("publishMs"),
      };
    },
  };
}
