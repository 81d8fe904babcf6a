/** The Downloader of a real machine: http, https and file URLs, base by base and path by path, a bounded number at a time. */
import type { LookupFunction } from "node:net";
import pLimit from "p-limit";
import type { MergeError } from "../errors.ts";
import type { Downloader, DownloadOutcome, DownloadRequest, Reporter } from "../ports.ts";
import { createBudget } from "./downloader-budget.ts";
import { downloadError, type Failed } from "./downloader-failure.ts";
import { downloadFile, type FileOutcome } from "./file-download.ts";
import type { Dispatchers, Environment } from "./http-dispatcher.ts";
import type { Downloaded } from "./http-download.ts";
import { urlBelow, withoutCredentials } from "./http-url.ts";
import { pause } from "./pause.ts";

export interface DownloaderOptions {
  /** Read for http_proxy, https_proxy and no_proxy, in lower or upper case. */
  readonly env: Environment;
  readonly reporter: Reporter;
  /** Downloads at the same time. */
  readonly parallel: number;
  /** Cap on the bytes of all downloads together. */
  readonly maxTotalBytes: number;
  /** `aptmerge/VERSION`. */
  readonly userAgent: string;
  /** Ends everything in flight: downloads then reject with its reason. */
  readonly signal?: AbortSignal;
  /** How names become addresses; by default as the system does it. */
  readonly resolve?: LookupFunction;
  /** From 0 to 1, for the pauses between attempts. */
  readonly random?: () => number;
}

export interface ClosableDownloader extends Downloader, AsyncDisposable {
  /** Cuts what is still open, so that nothing holds the process. */
  close(): Promise<void>;
}

type Http = Pick<typeof import("./http-download.ts"), "backoffMs" | "downloadHttp"> & { readonly dispatchers: Dispatchers };

/** Loaded when the first URL needs it: a run from folders never does. */
async function loadHttp({ env, resolve }: DownloaderOptions): Promise<Http> {
  const [{ createDispatchers }, { backoffMs, downloadHttp }] = await Promise.all([
    import("./http-dispatcher.ts"),
    import("./http-download.ts"),
  ]);
  return { backoffMs, downloadHttp, dispatchers: createDispatchers(env, resolve) };
}

/** At most ten progress events a second for each download. */
const PROGRESS_MS = 100;

export function createDownloader(options: DownloaderOptions): ClosableDownloader {
  const { reporter, userAgent, random = Math.random } = options;
  const closing = new AbortController();
  const signal = options.signal === undefined ? closing.signal : AbortSignal.any([options.signal, closing.signal]);
  let http: Promise<Http> | undefined;
  const budget = createBudget(options.maxTotalBytes);
  const limit = pLimit(options.parallel);
  /** Bases that did not answer in this run: they are asked last, so that each file does not wait for them again. */
  const silent = new Set<string>();

  async function download(request: DownloadRequest): Promise<DownloadOutcome> {
    let first: MergeError | undefined;
    const bases = [...request.bases].sort((a, b) => Number(silent.has(a)) - Number(silent.has(b)));
    for (const base of bases) {
      const outcome = await fromBase(request, base);
      if (outcome.kind === "error") {
        if (outcome.error.code === "MIRROR_UNREACHABLE" || outcome.error.code === "MIRROR_TOO_SLOW") silent.add(base);
        first ??= outcome.error;
      } else if (outcome.kind !== "absent") return outcome;
    }
    if (first !== undefined) throw first;
    return { kind: "absent" };
  }

  /** Who waits takes no place from the others. */
  async function later(request: DownloadRequest): Promise<DownloadOutcome> {
    if (request.pauseMs !== undefined && request.pauseMs > 0) await pause(request.pauseMs, signal);
    return limit(() => download(request));
  }

  async function fromBase(request: DownloadRequest, base: string): Promise<DownloadOutcome | { kind: "error"; error: MergeError }> {
    for (const path of request.paths) {
      signal.throwIfAborted();
      const url = urlBelow(base, path);
      const label = labelOf(request, path);
      const outcome = await fromUrl(request, base, url, label);
      switch (outcome.kind) {
        case "fetched":
          reporter.event({ kind: "downloaded", label, bytes: outcome.bytes.length });
          return { ...outcome, base };
        case "not-modified":
          return { kind: "not-modified", base };
        case "absent":
          break;
        case "failed":
          return { kind: "error", error: downloadError(outcome, withoutCredentials(url), request.where) };
        default:
          return outcome satisfies never;
      }
    }
    return { kind: "absent" };
  }

  async function fromUrl(request: DownloadRequest, base: string, url: URL, label: string): Promise<Downloaded | FileOutcome> {
    const spent = budget.spend(0);
    if (spent !== undefined) return { kind: "failed", failure: spent, tries: 1 };
    const { maxBytes, timeoutMs, retries, pastCaches = false } = request;
    const validator = request.validator?.url === withoutCredentials(url) ? request.validator : undefined;
    const onBytes = progress(label);
    if (url.protocol === "file:") return downloadFile({ url, base, validator, maxBytes, budget, signal, onBytes });
    if (url.protocol !== "http:" && url.protocol !== "https:") return unknownScheme(url);
    http ??= loadHttp(options);
    const { backoffMs, downloadHttp, dispatchers } = await http;
    signal.throwIfAborted();
    const pauseMs = (tries: number): number => backoffMs(tries, timeoutMs, random);
    const job = { url, userAgent, validator, pastCaches, maxBytes, timeoutMs, budget, dispatchers, signal, onBytes };
    return downloadHttp(job, { retries, pauseMs });
  }

  function progress(label: string): (done: number, total: number | undefined) => void {
    let nextMs = 0;
    return (done, total) => {
      const nowMs = performance.now();
      if (nowMs < nextMs) return;
      nextMs = nowMs + PROGRESS_MS;
      reporter.event({ kind: "download", label, done, total });
    };
  }

  async function close(): Promise<void> {
    closing.abort(new Error("Cannot download: the downloader was closed"));
    await (await http)?.dispatchers.destroy();
  }

  return { download: later, close, [Symbol.asyncDispose]: close };
}

const labelOf = ({ where }: DownloadRequest, path: string): string =>
  [where.mirror, where.suite, where.file ?? path].filter((part) => part !== undefined).join(" ");

function unknownScheme(url: URL): Failed {
  const found = `its scheme is "${url.protocol}"`;
  return { kind: "failed", failure: { code: "MIRROR_REFUSED", found, wanted: "it must be http, https or file", again: false }, tries: 1 };
}
