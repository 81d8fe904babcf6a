/** Digests bytes while they come into their buffer: when the last one is there, the digest nearly is, too. */
import { createHash } from "node:crypto";
import { parseSha256, type Sha256 } from "../archive/names.ts";
import { SeenBytes } from "../archive/seen-bytes.ts";

export class ArrivalDigest {
  readonly #seen = new SeenBytes();
  readonly #hash = createHash("sha256");

  /** @param filled bytes at the beginning of `whole` that are there and do not change any more */
  take(whole: Buffer, filled: number): void {
    this.#hash.update(this.#seen.next(whole, filled).bytes);
  }

  /** Digests what was not taken: all of them, when what was taken lies elsewhere or is more. */
  sha256Of(bytes: Buffer): Sha256 {
    const seen = this.#seen.of(bytes);
    const hash = seen === 0 ? createHash("sha256") : this.#hash.copy();
    const digest = parseSha256(hash.update(bytes.subarray(seen)).digest("hex"));
    if (digest === undefined) throw new Error("Cannot read a SHA256 that was just computed");
    return digest;
  }
}
