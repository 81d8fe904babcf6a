/** Why an attempt to download did not deliver, as data: the downloader decides what to do next and words the problem. */
import { type Code, MergeError, type Where } from "../errors.ts";

export interface Failure {
  readonly code: Extract<
    Code,
    "MIRROR_UNREACHABLE" | "MIRROR_BROKE_OFF" | "MIRROR_TOO_SLOW" | "MIRROR_REFUSED" | "REDIRECT_REFUSED" | "DOWNLOAD_LIMIT"
  >;
  /** State found, as the second part of a message. */
  readonly found: string;
  /** State wanted, as its third part. */
  readonly wanted: string;
  /** Whether the same URL may be asked again. */
  readonly again: boolean;
  /** How long the server asks to be left alone. */
  readonly waitMs?: number;
}

/** What one URL came to, after its retries. */
export interface Failed {
  readonly kind: "failed";
  readonly failure: Failure;
  readonly tries: number;
}

/** @param url without credentials */
export function downloadError({ failure, tries }: Failed, url: string, where: Where): MergeError {
  const owner = [where.mirror, where.suite].filter((name) => name !== undefined).join("/");
  const often = tries > 1 ? ` (tried ${tries} times)` : "";
  const message = `Cannot download ${quoted(url)}${owner === "" ? "" : ` of ${owner}`}: ${failure.found}${often}, ${failure.wanted}`;
  return new MergeError(failure.code, message, where);
}

const MAX_QUOTED_CHARACTERS = 300;

/** Hostile text for a message: bounded, on one line, nothing in it that a terminal would obey. */
export function quoted(text: string): string {
  const short = text.length > MAX_QUOTED_CHARACTERS ? `${text.slice(0, MAX_QUOTED_CHARACTERS)}…` : text;
  return JSON.stringify(short).replace(/[\u007f-\u009f\u2028\u2029\u200e\u200f\u202a-\u202e\u2066-\u2069]/g, (character) => {
    return `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`;
  });
}

/** `30 s`, `250 ms`. */
export const duration = (ms: number): string => (ms >= 1000 ? `${Math.round(ms / 100) / 10} s` : `${Math.round(ms)} ms`);
