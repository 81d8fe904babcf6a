/** Gets one file from one http or https URL: attempts, and the pauses between them. */
import type { Failed } from "./downloader-failure.ts";
import { type Attempt, attempt, type HttpJob } from "./http-attempt.ts";
import type { Part } from "./http-part.ts";
import { pause } from "./pause.ts";

export interface RetrySettings {
  /** Further attempts after the first. */
  readonly retries: number;
  /** Pause before the attempt after this many, in milliseconds. */
  readonly pauseMs: (tries: number) => number;
}

export type Downloaded = Exclude<Attempt, { kind: "failed" }> | Failed;

/** @throws the reason of the job's signal when the run ends */
export async function downloadHttp(job: HttpJob, { retries, pauseMs }: RetrySettings): Promise<Downloaded> {
  let part: Part | undefined;
  for (let tries = 1; ; tries++) {
    const outcome = await attempt(job, part);
    if (outcome.kind !== "failed") return outcome;
    const { failure } = outcome;
    if (!failure.again || tries > retries) return { kind: "failed", failure, tries };
    part = outcome.part;
    await pause(Math.max(failure.waitMs ?? 0, pauseMs(tries)), job.signal);
  }
}

const MAX_PAUSE_MS = 10_000;

/**
 * Doubles from a sixtieth of the timeout (half a second for 30 s), half of it left to chance so that many machines do not come back at once.
 *
 * @param random from 0 to 1
 */
export function backoffMs(tries: number, timeoutMs: number, random: () => number): number {
  return Math.min(MAX_PAUSE_MS, (timeoutMs / 60) * 2 ** (tries - 1)) * (0.5 + random() / 2);
}
