/**
 * Bytes that a signed Release vouches for. The types carry a mark that only `vouch` can give, and only lib/verify may import `vouch`
 * (test/architecture.test.ts keeps it so): nothing behind the verify step can hold unverified bytes.
 */
import type { Fingerprint, IndexPath, MirrorName, Sha256, SuitePath } from "./names.ts";
import type { Release } from "./release.ts";

declare const trusted: unique symbol;
type Trusted = { readonly [trusted]: true };

interface ReleaseFacts {
  readonly mirror: MirrorName;
  readonly suite: SuitePath;
  readonly release: Release;
  readonly date: Date;
  readonly validUntil: Date | undefined;
  /** SHA256 of the signed text: the same for InRelease and for Release with Release.gpg. */
  readonly sha256: Sha256;
  /** Primary keys of the good signatures, pinned ones only, in byte order. */
  readonly signedBy: readonly Fingerprint[];
  /** The bytes as fetched, to verify them again in the next run. */
  readonly files: ReleaseFiles;
}

/** A Release as it came: one clear-signed file, or a file and its detached signature. */
export type ReleaseFiles =
  | { readonly form: "InRelease"; readonly inRelease: Buffer }
  | { readonly form: "Release.gpg"; readonly release: Buffer; readonly signature: Buffer };

/** The last accepted Release of a mirror's suite: nothing older may follow it. */
export interface Floor {
  readonly date: Date;
  /** SHA256 of the signed text, as in TrustedRelease. */
  readonly sha256: Sha256;
}

interface IndexFacts {
  readonly mirror: MirrorName;
  readonly suite: SuitePath;
  /** Path without the compression's ending, such as `main/binary-amd64/Packages`. */
  readonly path: IndexPath;
  /** SHA256 of the uncompressed bytes. */
  readonly sha256: Sha256;
  /** Uncompressed. */
  readonly bytes: Buffer;
}

export type TrustedRelease = ReleaseFacts & Trusted;
export type TrustedIndex = IndexFacts & Trusted;

/** For lib/verify alone: says that the facts were verified. */
export function vouch(facts: ReleaseFacts): TrustedRelease;
export function vouch(facts: IndexFacts): TrustedIndex;
export function vouch(facts: ReleaseFacts | IndexFacts): TrustedRelease | TrustedIndex {
  return facts as TrustedRelease | TrustedIndex;
}
