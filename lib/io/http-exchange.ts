/** One question over HTTP: redirects followed by hand, up to the headers of the answer. No content is decoded, so bytes stay as sent. */
import type { Dispatcher } from "undici";
import type { Failure } from "./downloader-failure.ts";
import type { Dispatchers } from "./http-dispatcher.ts";
import { isLocalHost, isRedirect, judgeRedirect, MAX_REDIRECTS } from "./http-redirect.ts";
import { basicAuthorization, withoutCredentials } from "./http-url.ts";
import type { Watchdog } from "./http-watchdog.ts";

export type Headers = Readonly<Record<string, string>>;

export interface Answer {
  readonly kind: "answer";
  readonly status: number;
  /** Value of a header; undefined when it is absent or said more than once. */
  header(name: string): string | undefined;
  readonly body: Dispatcher.ResponseData["body"];
}

export type Exchanged = Answer | { readonly kind: "failed"; readonly failure: Failure };

/** Bodies of redirects and errors are read up to here, to keep the connection; longer ones end it. */
const MAX_IGNORED_BYTES = 16 * 1024;

/**
 * Asks for a URL of a mirror.
 *
 * @param url may hold credentials: they are sent to its own origin only
 * @throws whatever broke the connection; the watchdog's signal when a limit passed
 */
export async function exchange(
  dispatchers: Dispatchers,
  mirror: URL,
  headers: Headers,
  timeoutMs: number,
  watchdog: Watchdog,
): Promise<Exchanged> {
  const authorization = basicAuthorization(mirror);
  const seen = new Set<string>();
  let url = mirror;
  for (;;) {
    const refuse = (found: string, wanted: string): Exchanged => {
      const via = url === mirror ? "it" : `${withoutCredentials(url)}, where it redirects to,`;
      return { kind: "failed", failure: { code: "REDIRECT_REFUSED", found: `${via} ${found}`, wanted, again: false } };
    };
    const own = authorization !== undefined && url.origin === mirror.origin ? { Authorization: authorization } : {};
    // Addresses as such were judged with the redirect; names are judged when they are looked up.
    const sentBy = url.hostname === mirror.hostname || isLocalHost(mirror.hostname) ? undefined : mirror.hostname;
    const dispatcher = dispatchers.for(url, timeoutMs, sentBy);
    if ("code" in dispatcher) return { kind: "failed", failure: dispatcher };
    const answer = await ask(dispatcher, url, { ...headers, ...own }, watchdog);
    if (!isRedirect(answer.status)) return answer;
    const verdict = judgeRedirect(url, answer.header("location"), mirror);
    await ignore(answer, watchdog);
    if (verdict.kind === "refuse") return refuse(verdict.found, verdict.wanted);
    seen.add(url.href);
    if (seen.has(verdict.url.href)) return refuse("redirects in a loop", "it must lead to a file");
    if (seen.size > MAX_REDIRECTS) return refuse("redirects on and on", `at most ${MAX_REDIRECTS} redirects are followed`);
    url = verdict.url;
  }
}

async function ask(dispatcher: Dispatcher, url: URL, headers: Headers, watchdog: Watchdog): Promise<Answer> {
  watchdog.asked();
  const path = `${url.pathname}${url.search}`;
  const { signal } = watchdog;
  const limits = { headersTimeout: 0, bodyTimeout: 0 };
  const response = await ended(dispatcher.request({ method: "GET", origin: url.origin, path, headers, signal, ...limits }), signal);
  watchdog.answered();
  const header = (name: string): string | undefined => {
    const value = Object.hasOwn(response.headers, name) ? response.headers[name] : undefined;
    return typeof value === "string" ? value : undefined;
  };
  return { kind: "answer", status: response.statusCode, header, body: response.body };
}

/** While a connection is being made undici does not hear its signal, so it is heard here. */
async function ended<T>(promise: Promise<T>, signal: AbortSignal): Promise<T> {
  signal.throwIfAborted();
  const { promise: aborted, reject } = Promise.withResolvers<never>();
  const onAbort = (): void => reject(signal.reason);
  signal.addEventListener("abort", onAbort, { once: true });
  try {
    return await Promise.race([promise, aborted]);
  } finally {
    signal.removeEventListener("abort", onAbort);
    promise.catch(() => undefined);
  }
}

/** Reads away a body that says nothing to us. How it ends does not matter, only that it ends. */
export async function ignore({ body }: Answer, { signal }: Watchdog): Promise<void> {
  await body.dump({ limit: MAX_IGNORED_BYTES, signal }).catch(() => undefined);
}
