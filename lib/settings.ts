/**
 * What a run is told to do: the config after reading, defaults filled in, names parsed, paths absolute. Plain data. `config/` makes it, the
 * pipeline reads it.
 */
import type { Architecture, ComponentName, Fingerprint, MirrorName, SuiteName, SuitePath } from "./archive/names.ts";
import type { VersionConstraint } from "./archive/version.ts";

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
/** watched: what it says beyond its own packages is told. limited: it may add names, not take over those of others, nor say such things. */
export type Privilege = "full" | "watched" | "limited";

export interface MirrorSettings {
  readonly name: MirrorName;
  /** In order of preference; http, https or file URLs without a slash at the end. Folders have become file URLs. */
  readonly urls: readonly string[];
  readonly keyring: KeyringSettings;
  /** Prefix put into Filename and Directory; undefined leaves them. */
  readonly pool: string | undefined;
  readonly checkValidUntil: boolean;
  /** Oldest Release that is accepted, by its Date; undefined = any. */
  readonly maxAgeMs: number | undefined;
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
  /** Most stanzas of one index. */
  readonly maxStanzas: number;
  readonly privilege: Privilege;
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
/** Index kinds whose stanzas are contested by name; one file each in lib/kinds. */
export type StanzaKindName = "packages" | "sources" | "udeb";
/** Index kinds that follow what those contests came to; one file each in lib/kinds. */
export type FollowerKindName = "translation" | "contents" | "dep11" | "cnf";
export type IndexKindName = StanzaKindName | FollowerKindName;

export interface SuiteSettings {
  readonly name: SuiteName;
  readonly aliases: readonly SuiteName[];
  readonly from: readonly MirrorSuite[];
  readonly components: readonly ComponentName[];
  /** Without `all` and `source`. */
  readonly architectures: readonly Architecture[];
  /** Whether `source` stands among the architectures. */
  readonly sources: boolean;
  /** Of Translation files, such as `en` and `pt_BR`; "all" takes every one that a mirror lists. */
  readonly languages: readonly string[] | "all";
  readonly indices: readonly IndexKindName[];
  readonly essential: readonly IndexKindName[];
  /** Fields of Release as the config gives them, in its order; never Date, Valid-Until or anything that aptmerge writes itself. */
  readonly release: ReadonlyMap<string, string>;
  readonly validForMs: number | undefined;
  readonly policy: Policy;
}

/** keep: a losing source stays while a kept binary needs it; strict: a binary whose source another mirror won goes too. */
export type SourcesRule = "keep" | "strict" | "off";

export interface Policy {
  readonly winner: Winner;
  readonly sources: SourcesRule;
  /** In force for this suite, the first that fits counts: the suite's own, then the shared ones. */
  readonly pins: readonly PinRule[];
  /** In force for this suite, the suite's own and the shared ones. */
  readonly bans: readonly BanRule[];
  /** Largest share of stanzas (0 to 1) that a suite may lose in one run. */
  readonly maxShrink: number;
  /** What is done when packages cannot be installed that the last generation could install or did not have. */
  readonly uninstallable: "hold" | "report" | "off";
  /** Whether dose-debcheck is asked too, which also looks at Conflicts and Breaks. */
  readonly debcheck: boolean;
}

/** A mirror, or one suite of it. */
export interface MirrorChoice {
  readonly mirror: MirrorName;
  readonly suite: SuitePath | undefined;
}

/** Of which stanzas a policy rule speaks. */
interface PolicyRule {
  /** `package` compares the stanza's own name, `source` the name of the source that it is or was built from. */
  readonly by: "package" | "source";
  /** A name, or a glob with `*` and `?`. */
  readonly pattern: string;
  /** Only in the merged index of this architecture; `source` for Sources. */
  readonly architecture: Architecture | undefined;
  /** Only these versions: of the stanza, or with `source` of its source. */
  readonly version: VersionConstraint | undefined;
  /** Where it stands in the config, such as `policy.ban[2]`. */
  readonly place: string;
}

export interface PinRule extends PolicyRule {
  /** Who wins, whatever the order. */
  readonly mirror: MirrorChoice;
  /** The pin ends by itself as soon as another mirror offers this package in this version or a higher one. */
  readonly until: { readonly package: string; readonly version: string } | undefined;
}

/** drop: what needs the banned package goes too; report: it stays and is told; keep: it stays. */
export type Dependents = "drop" | "report" | "keep";
export type WeakRelation = "Recommends" | "Suggests";

export interface BanRule extends PolicyRule {
  /** Undefined = of every mirror. */
  readonly mirror: MirrorChoice | undefined;
  readonly dependents: Dependents;
  /** Weaker relations to what is banned that are to be told. */
  readonly reportWeak: readonly WeakRelation[];
  readonly reason: string | undefined;
}

/** A rule of a YAML override file. */
export interface OverrideRuleSettings {
  readonly file: string;
  /** Of the rule, counted from 1. */
  readonly line: number;
  readonly match: {
    readonly types: readonly ("deb" | "udeb" | "source")[];
    /** Name or glob; undefined = every package. */
    readonly package: string | undefined;
    /** Name or glob of the source that it is or was built from. */
    readonly source: string | undefined;
    /** Of the merged archive; undefined = every suite. */
    readonly suite: SuiteName | undefined;
    readonly component: ComponentName | undefined;
    readonly mirror: MirrorChoice | undefined;
    /** The stanza's own Architecture, also `all`. */
    readonly architecture: string | undefined;
    readonly version: VersionConstraint | undefined;
  };
  /** Field to value; lines are joined by newline, without the blank that continues a field. */
  readonly set: ReadonlyMap<string, string>;
  readonly remove: readonly string[];
  /** Relation field to names or globs of packages that are taken out of it. */
  readonly dropRelations: ReadonlyMap<string, readonly string[]>;
  /** Fields taken from the first stanza of the name that lost, where the winner has none. */
  readonly inherit: readonly string[];
  readonly reason: string | undefined;
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
  /** Whether the packages that bans took out are listed beside the tree, in OUTPUT/bans.json. */
  readonly banReport: boolean;
  /** Earlier states of an index from which a patch leads to the newest; 0 writes no patches. */
  readonly pdiffStates: number;
  /** Whether the real apt must read a merged suite before it is published. */
  readonly checkWithApt: boolean;
  /** Least time between two runs that settle a compressed file, see run-planner.ts. */
  readonly settleEveryMs: number;
}
