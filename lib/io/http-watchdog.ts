/**
 * The time limits of one request: an answer within the timeout, never a pause longer than it, and a least rate over four of it, so that a
 * body of one byte now and then ends. Own timers, because those of undici are coarse (about a second) and know no rate.
 */
import { duration, type Failure } from "./downloader-failure.ts";

/** A body that comes slower than this, over RATE_WINDOW timeouts, is given up. */
const MIN_BYTES_PER_SECOND = 1024;
const RATE_WINDOW = 4;

export interface Watchdog {
  /** Aborted when a limit has passed or the run ends. */
  readonly signal: AbortSignal;
  /** The limit that has passed. */
  readonly tripped: Failure | undefined;
  /** A request goes out: its answer is due. */
  asked(): void;
  /** The answer's headers are there: from now on bytes are due. */
  answered(): void;
  got(bytes: number): void;
  stop(): void;
}

export function startWatchdog(timeoutMs: number, run: AbortSignal): Watchdog {
  const limits = new AbortController();
  const limit = duration(timeoutMs);
  let failure: Failure | undefined;
  let reading = false;
  let total = 0;
  let steps = 0;
  const totals: number[] = [];

  function trip(next: Failure): void {
    stop();
    failure = next;
    limits.abort();
  }

  function expired(): void {
    // After a pause of this process the timer comes before the bytes that wait in the socket: those are read first.
    const before = steps;
    setImmediate(() => {
      if (limits.signal.aborted || before !== steps) return;
      if (reading)
        trip({
          code: "MIRROR_TOO_SLOW",
          found: `nothing came for ${limit}`,
          wanted: "the next byte must come sooner (timeout of the mirror)",
          again: true,
        });
      else
        trip({
          code: "MIRROR_UNREACHABLE",
          found: "no answer came",
          wanted: `it must come within ${limit} (timeout of the mirror)`,
          again: true,
        });
    });
  }

  function measure(): void {
    if (!reading) return;
    totals.push(total);
    if (totals.length <= RATE_WINDOW) return;
    const bytes = total - (totals.shift() ?? 0);
    const seconds = (RATE_WINDOW * timeoutMs) / 1000;
    if (bytes >= MIN_BYTES_PER_SECOND * seconds) return;
    const found = `${bytes} bytes came in ${duration(seconds * 1000)}`;
    trip({ code: "MIRROR_TOO_SLOW", found, wanted: `at least ${MIN_BYTES_PER_SECOND} bytes must come each second`, again: false });
  }

  const idle = setTimeout(expired, timeoutMs);
  const rate = setInterval(measure, timeoutMs);
  const step = (): void => {
    steps++;
    idle.refresh();
  };
  function stop(): void {
    steps++;
    clearTimeout(idle);
    clearInterval(rate);
  }

  return {
    signal: AbortSignal.any([run, limits.signal]),
    get tripped() {
      return failure;
    },
    asked() {
      reading = false;
      step();
    },
    answered() {
      reading = true;
      totals.length = 0;
      totals.push(total);
      step();
    },
    got(bytes) {
      total += bytes;
      step();
    },
    stop,
  };
}
