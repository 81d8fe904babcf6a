/**
 * What a run is told to do: the config after reading, defaults filled in, names parsed, paths absolute. Plain data. `config/` makes it, the
 * pipeline reads it.
 */
import type { Architecture, ComponentName, Fingerprint, MirrorName, SuiteName, SuitePath } from "./archive/names.ts";

export interface Settings {
  /** Absolute paths of folders. */
  readonly state: string;
  readonly output: string;
  /** Folder of override indices; undefined when the config names none and the default folder does not exist. */
  readonly overrides: string | undefined;
  readonly sign: readonly SigningKey[];
  readonly mirrors: ReadonlyMap<MirrorName, MirrorSettings>;
  /** In the order of the config. */
  readonly suites: readonly SuiteSettings[];
  readonly publish: PublishSettings;
}

export type SigningKey =
  | { readonly kind: "file"; readonly path: string; readonly passphrase: string }
  | { readonly kind: "gpg"; readonly fingerprint: Fingerprint; readonly homedir: string | undefined };

export interface KeyringSettings {
  /** Absolute paths of OpenPGP keyrings, binary or armored. */
  readonly files: readonly string[];
  /** When not empty, only these primary keys count; `exact` pins one signing (sub)key, written `FPR!`. */
  readonly pins: readonly { readonly fingerprint: Fingerprint; readonly exact: boolean }[];
}

export type OnFailure = "hold" | "cached" | "skip";

export interface MirrorSettings {
  readonly name: MirrorName;
  /** In order of preference; http, https or file URLs without a slash at the end. Folders have become file URLs. */
  readonly urls: readonly string[];
  readonly keyring: KeyringSettings;
  /** Prefix put into Filename and Directory; undefined leaves them. */
  readonly pool: string | undefined;
  readonly checkValidUntil: boolean;
  readonly allowWeak: boolean;
  readonly onFailure: OnFailure;
  /** Least time between two checks; 0 = every run, Infinity = never again once fetched. */
  readonly pollMs: number;
  /** Connect, header and idle limit of one request. */
  readonly timeoutMs: number;
  /** Further attempts after the first, at each URL. */
  readonly retries: number;
  /** Largest uncompressed index that is read, in bytes. */
  readonly maxIndexBytes: number;
}

/** One line of `from:`: a suite of a mirror that takes part in a merged suite. */
export interface MirrorSuite {
  readonly mirror: MirrorSettings;
  readonly suite: SuitePath;
  /** 0 wins. */
  readonly rank: number;
  /** Upstream component to merged component, in the order of the config. A flat archive has one entry under "". */
  readonly components: ReadonlyMap<string, ComponentName>;
  /** Suite or Codename that its Release says when it is not the folder's name. */
  readonly codename: string | undefined;
}

export type Winner = "priority" | "newest" | "all";
/** The index kinds that can be merged; one file each in lib/kinds. */
export type IndexKindName = "packages" | "sources" | "udeb";

export interface SuiteSettings {
  readonly name: SuiteName;
  readonly aliases: readonly SuiteName[];
  readonly from: readonly MirrorSuite[];
  readonly components: readonly ComponentName[];
  /** Without `all` and `source`. */
  readonly architectures: readonly Architecture[];
  /** Whether `source` stands among the architectures. */
  readonly sources: boolean;
  readonly indices: readonly IndexKindName[];
  readonly essential: readonly IndexKindName[];
  /** Fields of Release as the config gives them, in its order; never Date, Valid-Until or anything that aptmerge writes itself. */
  readonly release: ReadonlyMap<string, string>;
  readonly validForMs: number | undefined;
  readonly policy: Policy;
}

export interface Policy {
  readonly winner: Winner;
  /** Whether a losing source stanza stays while a kept binary needs it. */
  readonly keepSources: boolean;
  /** Largest share of stanzas (0 to 1) that a suite may lose in one run. */
  readonly maxShrink: number;
}

export type ExtraDigest = "SHA512" | "MD5Sum";

export interface PublishSettings {
  /** Compression level of each form that is written. */
  readonly compress: { readonly gz: number | undefined; readonly xz: number | undefined };
  readonly digests: readonly ExtraDigest[];
  /** How long superseded by-hash files stay; undefined writes no by-hash. */
  readonly byHashKeepMs: number | undefined;
  /** Generations kept on disk, the live one included. */
  readonly generations: number;
}
