import type { Digests } from "../archive/digests.ts";

/** A file below a merged suite, as our Release lists it. */
export interface ListedFile {
  /** Below the suite, such as `main/binary-amd64/Packages.xz`. */
  readonly path: string;
  readonly bytes: number;
  readonly digests: Digests;
  /** False for the uncompressed index: apt wants its digest, nobody fetches it. */
  readonly written: boolean;
}
