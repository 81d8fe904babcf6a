/** Makes trusted indices of bytes: size and digest of the file as fetched and of what is in it, both as the signed Release lists them. */
import { hash } from "node:crypto";
import type { IndexPath } from "../archive/names.ts";
import type { FileEntry } from "../archive/release.ts";
import { type TrustedIndex, type TrustedRelease, vouch } from "../archive/trusted.ts";
import { MergeError, type Where } from "../errors.ts";
import { ArrivalDigest } from "./arrival-digest.ts";

export interface IndexBytes {
  /** Path without the compression's ending. */
  readonly path: IndexPath;
  readonly plain: Buffer;
  /** That followed the bytes of `plain` as they came; without it they are digested now. */
  readonly arrival?: ArrivalDigest;
  /** The file that `plain` was decompressed from. May be left out when the Release lists the uncompressed path too. */
  readonly compressed: { readonly path: IndexPath; readonly bytes: Buffer } | undefined;
}

/**
 * Checks a file as fetched, before anything reads it.
 *
 * @param entry what the signed Release lists for it
 * @param allowWeak whether SHA1 or MD5 do where the Release has nothing better
 * @param arrival may know the SHA256 of these bytes in part
 * @throws MergeError INDEX_MISMATCH; RELEASE_WEAK when the entry has no digest that counts
 */
export function verifyCompressed(
  bytes: Buffer,
  entry: FileEntry,
  where: Where,
  allowWeak: boolean,
  arrival: ArrivalDigest = new ArrivalDigest(),
): void {
  const at: Where = { ...where, file: entry.path };
  const what = `"${entry.path}" of ${where.mirror}/${where.suite}`;
  const wanted = digestOf(entry, allowWeak);
  if (wanted === undefined) {
    throw new MergeError("RELEASE_WEAK", `Cannot use ${what}: the signed Release gives it no SHA256, it must have one`, at);
  }
  // The size first: it is free, and a file that was cut off or replaced by an error page seldom has the right one.
  const right = bytes.length === entry.bytes;
  const digest = () => (wanted.algorithm === "sha256" ? arrival.sha256Of(bytes) : hash(wanted.algorithm, bytes));
  const got = right ? digest() : undefined;
  if (got === wanted.digest) return;
  const found = right ? `${wanted.algorithm.toUpperCase()} is ${got}` : `size is ${bytes.length} bytes`;
  const listed = right ? wanted.digest : `${entry.bytes} bytes`;
  const message = `Cannot use ${what}: its ${found}, the signed Release says ${listed}, the mirror may be in the middle of an update`;
  throw new MergeError("INDEX_MISMATCH", message, at);
}

/**
 * Vouches for an index. Where the Release lists the uncompressed path, the plain bytes must match it: one that disagrees with its compressed
 * form would be read differently by different clients. Where it does not, the compressed file must have been listed and match.
 *
 * @throws MergeError INDEX_MISMATCH, RELEASE_WEAK, INDEX_ABSENT when the Release lists neither
 */
export function verifyIndex(index: IndexBytes, release: TrustedRelease, allowWeak: boolean): TrustedIndex {
  const { entries } = release.release;
  const where: Where = { mirror: release.mirror, suite: release.suite, file: index.path };
  const { arrival = new ArrivalDigest() } = index;
  const plain = entries.get(index.path);
  const compressed = index.compressed === undefined ? undefined : entries.get(index.compressed.path);
  if (plain === undefined && compressed === undefined) {
    const message = `Cannot use "${index.path}" of ${release.mirror}/${release.suite}: the signed Release does not list it`;
    throw new MergeError("INDEX_ABSENT", message, where);
  }
  if (index.compressed !== undefined && compressed !== undefined) verifyCompressed(index.compressed.bytes, compressed, where, allowWeak);
  // An entry without a digest that counts vouches for nothing; it may be passed over only when the compressed file's did.
  const checked = plain !== undefined && (compressed === undefined || digestOf(plain, allowWeak) !== undefined);
  if (checked) verifyCompressed(index.plain, plain, where, allowWeak, arrival);
  const sha256 = (checked ? plain.sha256 : undefined) ?? arrival.sha256Of(index.plain);
  return vouch({ mirror: release.mirror, suite: release.suite, path: index.path, sha256, bytes: index.plain });
}

interface Digest {
  readonly algorithm: "sha256" | "sha1" | "md5";
  readonly digest: string;
}

function digestOf(entry: FileEntry, allowWeak: boolean): Digest | undefined {
  if (entry.sha256 !== undefined) return { algorithm: "sha256", digest: entry.sha256 };
  if (!allowWeak || entry.weak === undefined) return undefined;
  return { algorithm: entry.weak.length === 40 ? "sha1" : "md5", digest: entry.weak };
}
