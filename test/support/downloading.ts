/** A downloader as tests want it: no proxy, quick, its events kept, closed at the end of the test. */
import type { TestContext } from "node:test";
import { MergeError } from "../../lib/errors.ts";
import { type ClosableDownloader, createDownloader, type DownloaderOptions } from "../../lib/io/downloader.ts";
import type { DownloadOutcome, DownloadRequest, ProgressEvent } from "../../lib/ports.ts";

/** Long enough for a busy machine to answer in, short enough to wait for. */
export const TIMEOUT_MS = 250;

export interface Downloading {
  readonly downloader: ClosableDownloader;
  readonly events: ProgressEvent[];
  /** Downloads `file` from the bases; defaults: one retry, 1 MB. */
  get(bases: string | readonly string[], request?: Partial<DownloadRequest>): Promise<DownloadOutcome>;
  /** The problem that such a download ends in. */
  problem(bases: string | readonly string[], request?: Partial<DownloadRequest>): Promise<MergeError>;
}

export function downloading(t: TestContext, options: Partial<DownloaderOptions> = {}): Downloading {
  const events: ProgressEvent[] = [];
  const downloader = createDownloader({
    env: {},
    reporter: { event: (event) => events.push(event) },
    parallel: 4,
    maxTotalBytes: 100_000_000,
    userAgent: "aptmerge/0.0.0",
    random: () => 0,
    ...options,
  });
  t.after(() => downloader.close());
  const get: Downloading["get"] = (bases, request = {}) =>
    downloader.download({
      where: { mirror: "debian", suite: "bookworm" },
      bases: typeof bases === "string" ? [bases] : bases,
      paths: ["file"],
      maxBytes: 1_000_000,
      timeoutMs: TIMEOUT_MS,
      retries: 1,
      ...request,
    });
  const problem: Downloading["problem"] = async (bases, request) => {
    const outcome = await get(bases, request).catch((error: unknown) => error);
    if (outcome instanceof MergeError) return outcome;
    throw outcome instanceof Error ? outcome : new Error(`The download ended in ${JSON.stringify(outcome)}, it must fail`);
  };
  return { downloader, events, get, problem };
}

/** Title of a row: an id of THREATS at the start of its name comes first. */
export const titleOf = (start: string, name: string): string => {
  const [, id, rest] = /^([TS][0-9]{2}) (.*)$/.exec(name) ?? [];
  return id === undefined ? `${start} ${name}` : `${id}: ${start} ${rest}`;
};

/** Text of what was fetched; fails for any other outcome. */
export function textOf(outcome: DownloadOutcome): string {
  if (outcome.kind !== "fetched") throw new Error(`The download ended in "${outcome.kind}", it must be fetched`);
  return outcome.bytes.toString("latin1");
}
