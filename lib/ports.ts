/**
 * What the steps need of the world. lib/io implements these for a real machine, tests for an in-memory one; nothing else in lib touches
 * network, disk, processes, terminal or clock.
 */
import type { DigestName, Digests } from "./archive/digests.ts";
import type { Fingerprint } from "./archive/names.ts";
import type { Release } from "./archive/release.ts";
import type { Problem, Where } from "./errors.ts";
import type { KeyringSettings } from "./settings.ts";

/** What a server said of a file, to ask for it again only if it changed. Valid only for the URL it came from. */
export interface Validator {
  readonly url: string;
  readonly etag?: string;
  readonly lastModified?: string;
}

export interface DownloadRequest {
  /** Named in messages. */
  readonly where: Where;
  /** Base URLs in order of preference, without a slash at the end. */
  readonly bases: readonly string[];
  /** Paths below a base, tried in this order at each base: an absent one leads to the next. */
  readonly paths: readonly string[];
  /** The body may not be longer, in bytes. */
  readonly maxBytes: number;
  readonly validator?: Validator;
  /** Ask caches on the way to go back to the origin. */
  readonly pastCaches?: boolean;
  /** Ask only after this time. */
  readonly pauseMs?: number;
  readonly timeoutMs: number;
  readonly retries: number;
}

export type DownloadOutcome =
  | { readonly kind: "fetched"; readonly bytes: Buffer; readonly base: string; readonly validator: Validator | undefined }
  | { readonly kind: "not-modified"; readonly base: string }
  /** Every base answered that it has none of the paths. */
  | { readonly kind: "absent" };

export interface Downloader {
  /** @throws MergeError MIRROR_UNREACHABLE, MIRROR_BROKE_OFF, MIRROR_TOO_SLOW, MIRROR_REFUSED, REDIRECT_REFUSED, DOWNLOAD_LIMIT */
  download(request: DownloadRequest): Promise<DownloadOutcome>;
}

/** One signature of a file, judged. */
export type SignatureVerdict =
  | {
      readonly kind: "good";
      /** Key or subkey that signed. */
      readonly fingerprint: Fingerprint;
      readonly primary: Fingerprint;
      readonly keyExpires: Date | undefined;
    }
  /** The key is known and the bytes are not what it signed. */
  | { readonly kind: "bad"; readonly fingerprint: Fingerprint }
  | { readonly kind: "unknown-key"; readonly keyId: string }
  /** Expired or revoked key, expired signature, weak digest or key: `because` says which, since when and of which key. */
  | { readonly kind: "refused"; readonly keyId: string; readonly because: string };

export interface SignatureChecker {
  /**
   * Judges every signature in `signature` (armored or binary) over exactly the bytes of `text`.
   *
   * @param kind "text" for clear-signed text: line ends count as CR LF, as OpenPGP says; "detached" for Release.gpg
   * @throws MergeError KEYRING_UNUSABLE, CLEARSIGN_MALFORMED when the signature block cannot be read
   */
  check(
    text: Uint8Array,
    signature: Uint8Array,
    kind: "text" | "detached",
    keyring: KeyringSettings,
    now: Date,
  ): Promise<readonly SignatureVerdict[]>;
}

/** Both signed forms of a Release. */
export interface SignedRelease {
  readonly inRelease: Buffer;
  readonly releaseGpg: Buffer;
}

export interface Signer {
  /** Fingerprints of the keys that sign, in the order of the config; empty when the tree is to stay unsigned. */
  readonly fingerprints: readonly Fingerprint[];
  /** Armored public keys, as published in key.asc. */
  readonly publicKeys: Buffer;
  /** `publicKeys` with those of an older key.asc behind them: a suite that keeps its last state is signed by the old ones. */
  publicKeysBeside(older: Buffer): Promise<Buffer>;
  /** What an operator should know of the keys, such as one that expires soon. */
  readonly problems: readonly Problem[];
  /**
   * Signs with every key. The result was verified against `publicKeys` before it is returned.
   *
   * @throws MergeError SIGNING_FAILED
   */
  sign(release: Buffer, at: Date): Promise<SignedRelease>;
}

export type Codec = "gz" | "xz";
export type Compression = Codec | "bz2" | "zst" | "plain";

export interface Compressor {
  /**
   * Uncompressed bytes; stops as soon as there are more than `maxBytes`. Damage, garbage after the end and early ends are errors.
   *
   * @param progress is told of bytes as they come, by engines that give them bit by bit
   */
  decompress(bytes: Buffer, compression: Compression, maxBytes: number, progress?: DecompressProgress): Promise<DecompressOutcome>;
  /**
   * The same in pieces, for what is too large to be held. Not bounded: who reads counts. gz comes as it is decompressed; other forms are
   * decompressed whole first.
   */
  decompressing(bytes: Buffer | AsyncIterable<Buffer>, compression: Compression, maxBytes: number): AsyncGenerator<Buffer, StreamEnd>;
  /** gz: one raw deflate piece ended by a full flush; xz: one whole stream holding one block with CRC32. Nobody else has these bytes. */
  compressBlock(block: Buffer, codec: Codec, level: number): Promise<Buffer>;
  /** A block of xz made from an older one, several times as fast as `compressBlock`, and nobody else's either; undefined when the older one is of no use for it. */
  editXzBlock(edit: XzBlockEdit): Promise<EditedBlock | undefined>;
  /** What one raw deflate piece holds; undefined when it is damaged or does not hold exactly so many bytes. */
  inflatePiece(piece: Buffer, plainBytes: number): Promise<Buffer | undefined>;
  /** Blocks that may usefully be compressed at the same time. */
  readonly parallel: number;
}

export interface XzBlockEdit {
  /** As `compressBlock` or an earlier edit has made it, without anything around it. */
  readonly block: Buffer;
  /** Size of its text. */
  readonly plainBytes: number;
  /** Of the new block. */
  readonly text: Buffer;
}

export interface EditedBlock {
  readonly bytes: Buffer;
  /** Without the padding. */
  readonly unpaddedBytes: number;
}

/**
 * Hears how far a buffer is filled, each time with more bytes of the same one; they do not change any more. How they end is not known yet, nor
 * whether the outcome will be these bytes, a copy of them, when these are gone, or none: who needs all of them asks the outcome. Must not throw.
 *
 * @param filled bytes at the beginning of `whole`; what lies behind them is memory as it was found
 */
export type DecompressProgress = (whole: Buffer, filled: number) => void;

export type DecompressOutcome =
  | { readonly kind: "plain"; readonly bytes: Buffer }
  | { readonly kind: "too-long" }
  | { readonly kind: "damaged"; readonly because: string };

export type StreamEnd = { readonly kind: "ended" } | Exclude<DecompressOutcome, { readonly kind: "plain" }>;

/** A second opinion on what can be installed, by a program that may be there. */
export interface Debcheck {
  /** @param packages stanzas of one architecture, as in Packages, with what they need and what they conflict with */
  uninstallable(packages: Buffer, architecture: string): Promise<DebcheckOutcome>;
}

export type DebcheckOutcome =
  /** Package name to the first reason, such as `Depends: libfoo1:amd64 (>= 2)`. */
  | { readonly kind: "checked"; readonly broken: ReadonlyMap<string, string> }
  | { readonly kind: "missing" }
  | { readonly kind: "failed"; readonly because: string };

/** The real apt, as the judge of a tree. */
export interface AptClient {
  /** `apt-get update` in a root of its own that is thrown away. */
  update(order: AptOrder): Promise<AptOutcome>;
}

export interface AptOrder {
  /** Absolute path of the tree, without symlinks. */
  readonly tree: string;
  /** Absolute path; undefined for a tree that is meant to be unsigned. */
  readonly keyring: string | undefined;
  readonly suite: string;
  readonly release: Release;
}

export type AptOutcome =
  | { readonly kind: "accepted" }
  | { readonly kind: "missing" }
  /** `words` are its errors and warnings. */
  | { readonly kind: "refused"; readonly words: string };

/**
 * A folder that aptmerge owns. Paths are relative, separated by `/`. Symlinks are never followed below the root, and only regular files are
 * read. Files come out with mode 0644 and folders with 0755, whatever the umask.
 *
 * @throws MergeError DISK_FAILED from every call; OUTPUT_UNUSABLE when it cannot be made or written at all
 */
export interface Folder {
  /** Absolute, for messages. */
  readonly root: string;
  read(path: string): Promise<Buffer | undefined>;
  /** The same bytes in pieces, for what is too large to be held. */
  readPieces(path: string): Promise<AsyncIterable<Buffer> | undefined>;
  /** A part of a file; undefined when the file is not there, or has no such part. */
  readPart(path: string, offset: number, bytes: number): Promise<Buffer | undefined>;
  /** Size and digests of what is in a regular file, which is not held for it; undefined when it is not there. SHA256 is always among them. */
  digest(path: string, names: readonly DigestName[]): Promise<{ readonly bytes: number; readonly digests: Digests } | undefined>;
  /** Size and time of last change of a regular file; `id` is the same for two paths that lead to one file. */
  stat(path: string): Promise<{ readonly bytes: number; readonly modified: Date; readonly id: string } | undefined>;
  /** Names in a folder in byte order; undefined when there is no such folder. */
  list(path: string): Promise<readonly { readonly name: string; readonly kind: "file" | "folder" | "link" | "other" }[] | undefined>;
  /** Temporary file, fsync, rename, fsync of the folder: whole or not at all, also after power loss. */
  writeDurably(path: string, bytes: Uint8Array): Promise<void>;
  /** New file in a tree that nothing reads yet: `flush` makes it durable. When the pieces end in an error, that is thrown and no file is left. */
  writeNew(path: string, bytes: Uint8Array | AsyncIterable<Uint8Array>, modified?: Date): Promise<void>;
  /** Hard link, or a copy where the disk has none. */
  link(from: string, to: string): Promise<void>;
  /** New symlink in a tree that nothing reads yet. */
  symlinkNew(path: string, target: string): Promise<void>;
  /** Makes every file and folder below durable. */
  flush(path: string): Promise<void>;
  /** Points a symlink somewhere else in one rename, durably. */
  switchLink(path: string, target: string): Promise<void>;
  readLink(path: string): Promise<string | undefined>;
  rename(from: string, to: string): Promise<void>;
  /** File, link or folder with all that is in it; nothing happens when it is not there. */
  remove(path: string): Promise<void>;
}

/** What a run tells while it goes on. Never decides anything. */
export interface Reporter {
  event(event: ProgressEvent): void;
}

export type ProgressEvent =
  | { readonly kind: "download"; readonly label: string; readonly done: number; readonly total: number | undefined }
  | { readonly kind: "downloaded"; readonly label: string; readonly bytes: number }
  | { readonly kind: "compress"; readonly label: string; readonly done: number; readonly total: number }
  | { readonly kind: "note"; readonly text: string; readonly detail: boolean }
  | { readonly kind: "problem"; readonly problem: Problem };

/** A function that its module exports: it gets what `structuredClone` can copy, and gives back the like. */
export interface AsideTask<In, Out> {
  /** URL. */
  readonly module: string;
  readonly name: string;
  /** Whether the thread waits for more of the same: to start one takes as long as to do a little. */
  readonly often?: true;
  /** Says what goes in and comes out, and is never there. */
  readonly types?: (input: In) => Out;
}

/** What such a function gives when its work comes in parts: what is done with each, in order, and with the question at the end. */
export interface OpenedTask<Part, In, Out> {
  take(part: Part): void;
  answer(question: In): Out;
}

/** The same, seen from outside. */
export interface AsideWork<Part, In, Out> {
  /** @param transfer as for `run` */
  give(part: Part, transfer: readonly ArrayBuffer[]): void;
  /** To be asked once. @throws as `run` does, also what was thrown for a part */
  answer(question: In, transfer: readonly ArrayBuffer[]): Promise<Out>;
  /** Ends the thread, whatever it is at; nothing happens when it has ended. */
  end(): void;
}

/** Another thread. */
export interface Aside {
  /**
   * @param transfer buffers of the input that change hands instead of being copied
   * @throws what the function throws; Error when the thread cannot be started or does not come to its end
   */
  run<In, Out>(task: AsideTask<In, Out>, input: In, transfer?: readonly ArrayBuffer[]): Promise<Out>;
  /** Begins work of which the parts are still to come. While nobody waits for the answer it does not keep the process from ending. */
  open<Opening, Part, In, Out>(task: AsideTask<Opening, OpenedTask<Part, In, Out>>, opening: Opening): Promise<AsideWork<Part, In, Out>>;
}
