/** One attempt to get one file from one URL: conditions and ranges asked for, the answer judged, the body read within its limits. */
import type { Validator } from "../ports.ts";
import { type Budget, overCap } from "./downloader-budget.ts";
import type { Failure } from "./downloader-failure.ts";
import type { Dispatchers } from "./http-dispatcher.ts";
import { type Answer, exchange, type Headers, ignore } from "./http-exchange.ts";
import { failureOf, failureOfStatus } from "./http-failure.ts";
import { Part } from "./http-part.ts";
import { withoutCredentials } from "./http-url.ts";
import { startWatchdog, type Watchdog } from "./http-watchdog.ts";

export interface HttpJob {
  /** May hold credentials. */
  readonly url: URL;
  readonly userAgent: string;
  /** Given only when it came from this URL. */
  readonly validator: Validator | undefined;
  readonly pastCaches: boolean;
  readonly maxBytes: number;
  readonly timeoutMs: number;
  readonly budget: Budget;
  readonly dispatchers: Dispatchers;
  /** Ends the run. */
  readonly signal: AbortSignal;
  readonly onBytes: (done: number, total: number | undefined) => void;
}

export type Attempt =
  | { readonly kind: "fetched"; readonly bytes: Buffer; readonly validator: Validator | undefined }
  | { readonly kind: "not-modified" }
  | { readonly kind: "absent" }
  /** `part` is what came, when a later attempt can go on from there. */
  | { readonly kind: "failed"; readonly failure: Failure; readonly part: Part | undefined };

/** The answer fits nothing that was asked; a plain question may bring a better one. */
type Asked = Attempt | { readonly kind: "restart"; readonly found: string };

export async function attempt(job: HttpJob, part: Part | undefined): Promise<Attempt> {
  const first = await ask(job, part, part === undefined ? job.validator : undefined);
  if (first.kind !== "restart") return first;
  const second = await ask(job, undefined, undefined);
  if (second.kind !== "restart") return second;
  return broke(second.found, "a plain question must get a plain answer", false);
}

async function ask(job: HttpJob, part: Part | undefined, validator: Validator | undefined): Promise<Asked> {
  const watchdog = startWatchdog(job.timeoutMs, job.signal);
  const read: { part: Part | undefined } = { part: undefined };
  try {
    const headers = headersFor(job, part, validator);
    const answer = await exchange(job.dispatchers, job.url, headers, job.timeoutMs, watchdog);
    if (answer.kind === "failed") return { ...answer, part };
    const judged = judge(job, answer, part, validator !== undefined);
    if (judged.kind !== "body") {
      await ignore(answer, watchdog);
      return judged;
    }
    read.part = judged.part;
    return await readBody(job, answer, judged.part, watchdog);
  } catch (thrown) {
    job.signal.throwIfAborted();
    const progress = read.part === undefined ? "" : ` after ${extent(read.part)}`;
    const tripped = watchdog.tripped === undefined ? undefined : { ...watchdog.tripped, found: `${watchdog.tripped.found}${progress}` };
    const failure = tripped ?? failureOf(thrown, progress);
    if (failure === undefined) throw thrown;
    return { kind: "failed", failure, part: resumable(read.part ?? part) };
  } finally {
    watchdog.stop();
  }
}

function headersFor(job: HttpJob, part: Part | undefined, validator: Validator | undefined): Headers {
  const headers: Record<string, string> = { "User-Agent": job.userAgent, Accept: "*/*", "Accept-Encoding": "identity" };
  if (job.pastCaches) {
    headers["Cache-Control"] = "no-cache";
    headers.Pragma = "no-cache";
  }
  // The validator may come from a state file: it goes through the same eye as one from a server.
  const { etag, lastModified } = soundValidator(job.url, validator?.etag, validator?.lastModified) ?? {};
  if (etag !== undefined) headers["If-None-Match"] = etag;
  if (lastModified !== undefined) headers["If-Modified-Since"] = lastModified;
  if (part?.condition !== undefined) {
    headers.Range = `bytes=${part.length}-`;
    headers["If-Range"] = part.condition;
  }
  return headers;
}

type Judged = Asked | { readonly kind: "body"; readonly part: Part };

function judge(job: HttpJob, answer: Answer, part: Part | undefined, conditional: boolean): Judged {
  const { status } = answer;
  if (status === 404 || status === 410) return { kind: "absent" };
  if (status === 304) return conditional ? { kind: "not-modified" } : { kind: "restart", found: "it answered 304 to no condition" };
  if (status === 416 && part !== undefined) return { kind: "restart", found: "it answered 416 to no range" };
  if (status === 206) return judgeRange(answer, part);
  if (status === 200) {
    const length = answer.header("content-length");
    const total = length !== undefined && /^[0-9]{1,15}$/.test(length) ? Number(length) : undefined;
    if (total !== undefined && total > job.maxBytes) return { kind: "failed", failure: overCap(job.maxBytes, total), part: undefined };
    const validator = soundValidator(job.url, answer.header("etag"), answer.header("last-modified"));
    return { kind: "body", part: new Part(total, validator) };
  }
  return { kind: "failed", failure: failureOfStatus(status, answer.header("retry-after"), new Date()), part: resumable(part) };
}

/** Whether a 206 goes on where the part ends. */
function judgeRange(answer: Answer, part: Part | undefined): Judged {
  if (part === undefined) return broke("it answered 206 to no range", "it must answer 200", false);
  const range = answer.header("content-range");
  const [, first, last, whole] = /^bytes ([0-9]{1,15})-([0-9]{1,15})\/([0-9]{1,15}|\*)$/i.exec(range ?? "") ?? [];
  if (first === undefined || Number(first) !== part.length || Number(last) < Number(first)) {
    const found = first === undefined ? "it answered 206 without a range" : `it answered 206 with bytes from ${first}`;
    return broke(found, `it must go on from byte ${part.length}`, false);
  }
  const etag = answer.header("etag");
  const otherFile = etag !== undefined && part.validator?.etag !== undefined && etag !== part.validator.etag;
  const otherLength = whole !== "*" && part.total !== undefined && Number(whole) !== part.total;
  if (otherFile || otherLength) return { kind: "restart", found: "the file changed while it was read" };
  if (whole !== "*") part.total = Number(whole);
  return { kind: "body", part };
}

async function readBody(job: HttpJob, { body }: Answer, part: Part, watchdog: Watchdog): Promise<Attempt> {
  const chunks: AsyncIterable<unknown> = body;
  for await (const chunk of chunks) {
    if (!(chunk instanceof Uint8Array)) throw new Error("Cannot read a body: it came as text, it must be bytes");
    watchdog.got(chunk.length);
    if (part.length + chunk.length > job.maxBytes) return { kind: "failed", failure: overCap(job.maxBytes, undefined), part: undefined };
    const spent = job.budget.spend(chunk.length);
    if (spent !== undefined) return { kind: "failed", failure: spent, part: undefined };
    part.append(chunk);
    job.onBytes(part.length, part.total);
  }
  if (part.total !== undefined && part.length !== part.total) {
    const found = `the body ended after ${extent(part)}`;
    const failure: Failure = { code: "MIRROR_BROKE_OFF", found, wanted: "the whole file must come", again: true };
    return { kind: "failed", failure, part: part.length < part.total ? resumable(part) : undefined };
  }
  return { kind: "fetched", bytes: part.bytes(), validator: part.validator };
}

const resumable = (part: Part | undefined): Part | undefined =>
  part !== undefined && part.length > 0 && part.condition !== undefined ? part : undefined;

const extent = ({ length, total }: Part): string => (total === undefined ? `${length} bytes` : `${length} of ${total} bytes`);

function broke(found: string, wanted: string, again: boolean): Attempt {
  return { kind: "failed", failure: { code: "MIRROR_BROKE_OFF", found, wanted, again }, part: undefined };
}

/** What may be sent back to a server later. Hostile: anything but a plain ETag or date is dropped. */
function soundValidator(url: URL, etag: string | undefined, lastModified: string | undefined): Validator | undefined {
  const tag = etag !== undefined && /^(W\/)?"[\x21\x23-\x7e]{0,256}"$/.test(etag) ? { etag } : {};
  const date = lastModified !== undefined && /^[A-Za-z0-9,: +-]{10,64}$/.test(lastModified) ? { lastModified } : {};
  return "etag" in tag || "lastModified" in date ? { url: withoutCredentials(url), ...tag, ...date } : undefined;
}
