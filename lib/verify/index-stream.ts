/** Verifies an index that is too large to be held: the file as fetched before it is read, what is in it while it is read. */
import { createHash } from "node:crypto";
import type { FileEntry } from "../archive/release.ts";
import type { TrustedRelease } from "../archive/trusted.ts";
import { MergeError, type Where } from "../errors.ts";
import type { StreamEnd } from "../ports.ts";
import { verifyCompressed } from "./index-bytes.ts";

export interface IndexStream {
  /**
   * The file as fetched, and what the signed Release lists for it. "stored": the store has digested it by the digest that the Release lists. "ours":
   * no Release vouches for the file, `plain` is checked alone.
   */
  readonly compressed: { readonly entry: FileEntry; readonly bytes: Buffer } | "stored" | "ours";
  /** What the signed Release lists for what is in it, when it does. */
  readonly plain: FileEntry | undefined;
  readonly pieces: AsyncGenerator<Buffer, StreamEnd>;
  /** Most that may come out, in bytes. */
  readonly maxBytes: number;
}

/**
 * The bytes of the index. The signed Release vouches for the file that they come from; that its entry of the uncompressed path does too is
 * known behind the last piece, so nothing made of them may be published before.
 *
 * @param endedBadly makes the error of a stream that is damaged or too long
 * @throws MergeError INDEX_MISMATCH, RELEASE_WEAK, and what `endedBadly` makes
 */
export async function* verifiedPieces(
  { compressed, plain, pieces, maxBytes }: IndexStream,
  release: TrustedRelease,
  allowWeak: boolean,
  endedBadly: (end: Exclude<StreamEnd, { kind: "ended" }>) => MergeError,
): AsyncGenerator<Buffer> {
  const where: Where = { mirror: release.mirror, suite: release.suite };
  if (typeof compressed === "object") verifyCompressed(compressed.bytes, compressed.entry, where, allowWeak);
  else if (compressed === "ours" && plain?.sha256 === undefined) throw new Error("A stream that no Release vouches for");
  const digest = createHash("sha256");
  let bytes = 0;
  try {
    for (;;) {
      const next = await pieces.next();
      if (next.done === true) {
        if (next.value.kind !== "ended") throw endedBadly(next.value);
        break;
      }
      bytes += next.value.length;
      if (bytes > maxBytes) throw endedBadly({ kind: "too-long" });
      digest.update(next.value);
      yield next.value;
    }
  } finally {
    await pieces.return({ kind: "ended" });
  }
  if (plain === undefined || plain.sha256 === undefined) return;
  const got = digest.digest("hex");
  if (bytes === plain.bytes && got === plain.sha256) return;
  const found = bytes === plain.bytes ? `SHA256 is ${got}` : `size is ${bytes} bytes`;
  const wanted = bytes === plain.bytes ? plain.sha256 : `${plain.bytes} bytes`;
  const text = `Cannot use "${plain.path}" of ${release.mirror}/${release.suite}: its ${found}, the signed Release says ${wanted}`;
  throw new MergeError("INDEX_MISMATCH", text, { ...where, file: plain.path });
}
