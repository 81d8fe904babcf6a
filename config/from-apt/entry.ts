/** What an apt source says, in whichever of the two formats it was written. */
import { type Problem, problem } from "../../lib/errors.ts";

/** One suite of one archive, as one `deb` or `deb-src` line names it. */
export interface AptEntry {
  /** True for deb-src. */
  readonly source: boolean;
  /** As written: apt names its downloaded files after it. */
  readonly uri: string;
  /** http, https or file, without a slash at the end. */
  readonly url: string;
  /** Below dists, or ending in a slash for a flat archive. */
  readonly suite: string;
  /** Empty for a flat archive. */
  readonly components: readonly string[];
  readonly options: AptOptions;
  /** File and line it stands on, for messages and comments. */
  readonly place: Place;
}

export interface AptOptions {
  readonly architectures: readonly string[];
  readonly signedBy: SignedBy;
  readonly checkValidUntil: boolean;
  readonly allowWeak: boolean;
  /** `trusted=yes`: apt takes this archive without a signature. */
  readonly trusted: boolean;
}

export type SignedBy =
  /** The keyrings that apt trusts for every archive. */
  | { readonly kind: "machine"; readonly pins: readonly string[] }
  | { readonly kind: "files"; readonly files: readonly string[]; readonly pins: readonly string[] }
  /** A key block that stands in the source itself. */
  | { readonly kind: "embedded"; readonly armor: string };

export interface Place {
  readonly file: string;
  /** 1 is the first. */
  readonly line: number;
}

/** What was read from one file: entries that can be used, and a warning for each that cannot. */
export interface ReadSources {
  readonly entries: readonly AptEntry[];
  readonly problems: readonly Problem[];
}

/** The part of the machine's apt configuration that is taken over into entries. */
export interface AptDefaults {
  /** First is the machine's own. */
  readonly architectures: readonly string[];
}

export function skipped(place: Place, found: string, wanted: string): Problem {
  const message = `Cannot take over the apt source at ${place.file}:${place.line}: ${found}, ${wanted}`;
  return problem("warning", "APT_SOURCE_SKIPPED", message, { file: place.file });
}
