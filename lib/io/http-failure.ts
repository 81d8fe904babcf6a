/** What a refused connection, a broken one, or a status other than hoped for means. */
import { type Failure, quoted } from "./downloader-failure.ts";
import { MAX_HEADER_BYTES } from "./http-dispatcher.ts";
import { LocalTarget } from "./http-lookup.ts";

/** Longer wishes of a server are not waited for. */
export const MAX_RETRY_AFTER_MS = 30_000;

const UNREACHABLE: ReadonlySet<string> = new Set([
  "ECONNREFUSED",
  "EHOSTUNREACH",
  "EHOSTDOWN",
  "ENETUNREACH",
  "ENETDOWN",
  "EADDRNOTAVAIL",
  "ENOTFOUND",
  "EAI_AGAIN",
  "EAI_FAIL",
  "ETIMEDOUT",
  "EACCES",
  "EPERM",
  "UND_ERR_CONNECT_TIMEOUT",
  "UND_ERR_PRX_CONN",
]);

const BROKEN: ReadonlySet<string> = new Set([
  "ECONNRESET",
  "ECONNABORTED",
  "EPIPE",
  "UND_ERR_SOCKET",
  "UND_ERR_INFO",
  "UND_ERR_RES_CONTENT_LENGTH_MISMATCH",
]);

/** Bytes that are no HTTP: undici gives such errors a code only sometimes. */
const PARSER = /^(HPE_|HTTPParserError$)/;

const UNTRUSTED_TLS =
  /^(CERT_|UNABLE_TO_|SELF_SIGNED_|DEPTH_ZERO_|ERR_TLS_|ERR_SSL_|EPROTO$|HOSTNAME_MISMATCH$|INVALID_CA$|UND_ERR_PRX_TLS$|UND_ERR_PRX_CERT)/;

/**
 * Reads an error of the connection; undefined when it is none, and so a bug.
 *
 * @param progress how much of the body had come, as ` after 5 of 10 bytes`; empty before the body
 */
export function failureOf(thrown: unknown, progress: string): Failure | undefined {
  if (!(thrown instanceof Error)) return undefined;
  const local = [thrown, thrown.cause].find((error) => error instanceof LocalTarget);
  if (local !== undefined) {
    const wanted = "a mirror may not lead to this machine or its link";
    return { code: "REDIRECT_REFUSED", found: `redirected to a host that is local: ${local.message}`, wanted, again: false };
  }
  const code = codeOf(thrown);
  const detail = `${code}: ${quoted(causeOf(thrown))}`;
  if (/\b407\b/.test(thrown.message) && /prox/i.test(thrown.message)) {
    return {
      code: "MIRROR_REFUSED",
      found: "the proxy asks for credentials (status 407)",
      wanted: "it must let this URL through",
      again: false,
    };
  }
  const tunnel = /^Proxy response \(([0-9]+)\)/.exec(thrown.message);
  if (tunnel !== null) {
    const found = `the proxy answered CONNECT with status ${tunnel[1]}`;
    return { code: "MIRROR_REFUSED", found, wanted: "it must let this URL through", again: false };
  }
  if (UNTRUSTED_TLS.test(code)) {
    return {
      code: "MIRROR_UNREACHABLE",
      found: `TLS failed (${detail})`,
      wanted: "it must speak TLS with a valid certificate",
      again: false,
    };
  }
  if (UNREACHABLE.has(code) && progress === "") {
    return { code: "MIRROR_UNREACHABLE", found: `no connection (${detail})`, wanted: "it must answer", again: true };
  }
  if (code === "UND_ERR_HEADERS_OVERFLOW") {
    const wanted = `they may have at most ${MAX_HEADER_BYTES} bytes`;
    return { code: "MIRROR_BROKE_OFF", found: `its headers are too long (${detail})`, wanted, again: false };
  }
  if (BROKEN.has(code) || UNREACHABLE.has(code) || PARSER.test(code)) {
    const found = `the connection broke off${progress === "" ? " before an answer" : progress} (${detail})`;
    return { code: "MIRROR_BROKE_OFF", found, wanted: "the whole file must come", again: true };
  }
  if (code.startsWith("UND_ERR_") && code !== "UND_ERR_INVALID_ARG") {
    return {
      code: "MIRROR_BROKE_OFF",
      found: `the answer is no sound HTTP${progress} (${detail})`,
      wanted: "the whole file must come",
      again: false,
    };
  }
  return undefined;
}

/** Judges a status that is neither content nor absence. */
export function failureOfStatus(status: number, retryAfter: string | undefined, now: Date): Failure {
  const found = `it answered status ${status}`;
  const wanted = "it must be 200";
  if (status !== 408 && status !== 429 && status < 500) return { code: "MIRROR_REFUSED", found, wanted, again: false };
  const waitMs = retryAfterMs(retryAfter, now);
  if (waitMs === undefined) return { code: "MIRROR_BROKE_OFF", found, wanted, again: true };
  if (waitMs <= MAX_RETRY_AFTER_MS) return { code: "MIRROR_BROKE_OFF", found, wanted, again: true, waitMs };
  const asks = `${found} and asks to come back in ${Math.round(waitMs / 1000)} s`;
  return { code: "MIRROR_BROKE_OFF", found: asks, wanted: `at most ${MAX_RETRY_AFTER_MS / 1000} s are waited`, again: false };
}

/** Seconds or a date. Hostile: nonsense counts as not said. */
function retryAfterMs(text: string | undefined, now: Date): number | undefined {
  if (text === undefined) return undefined;
  if (/^[0-9]{1,9}$/.test(text)) return Number(text) * 1000;
  const date = text.endsWith("GMT") ? Date.parse(text) : Number.NaN;
  return Number.isNaN(date) ? undefined : Math.max(0, date - now.getTime());
}

function codeOf(error: Error): string {
  const inner: unknown = "code" in error ? error.code : undefined;
  if (typeof inner === "string") return inner;
  return error.cause instanceof Error ? codeOf(error.cause) : error.name;
}

/** The message that names the address: Node hides it in the parts of an AggregateError when a host has several. */
function causeOf(error: Error): string {
  const errors: readonly unknown[] = error instanceof AggregateError ? error.errors : [];
  const messages = errors.map((one) => (one instanceof Error ? one.message : String(one)));
  return [error.message, ...messages].filter((message) => message !== "").join("; ");
}
