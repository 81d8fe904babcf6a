/**
 * Names that an archive or the config gives us, parsed once into branded types. The casts live here and nowhere else.
 * Names from an archive are hostile until parsed.
 */
import { MergeError } from "../errors.ts";

declare const brand: unique symbol;
export type Branded<T, Name extends string> = T & { readonly [brand]: Name };

/** Key under `mirrors:` in the config. */
export type MirrorName = Branded<string, "MirrorName">;
/** Path of a suite below `dists/`, such as `bookworm` or `buster/updates`; ends in `/` for a flat archive. */
export type SuitePath = Branded<string, "SuitePath">;
/** Name of a merged suite: a path below OUTPUT/dists. */
export type SuiteName = Branded<string, "SuiteName">;
export type ComponentName = Branded<string, "ComponentName">;
/** `amd64`, …; `all` and `source` are special values. */
export type Architecture = Branded<string, "Architecture">;
/** 64 lower-case hexadecimal digits. */
export type Sha256 = Branded<string, "Sha256">;
/** Path of an index below its suite, such as `main/binary-amd64/Packages.xz`. */
export type IndexPath = Branded<string, "IndexPath">;
/** 40 upper-case hexadecimal digits (v4 keys). */
export type Fingerprint = Branded<string, "Fingerprint">;

const SEGMENT = /^[A-Za-z0-9][A-Za-z0-9+._~-]*$/;

function refuse(what: string, text: string, wanted: string): never {
  throw new MergeError("CONFIG_INVALID", `Cannot use ${what} "${text}": ${wanted}`);
}

export function parseMirrorName(text: string): MirrorName {
  if (!SEGMENT.test(text)) refuse("mirror name", text, "it must be letters, digits and . _ + ~ -, starting with a letter or digit");
  return text as MirrorName;
}

export function parseSuiteName(text: string): SuiteName {
  if (!text.split("/").every((part) => SEGMENT.test(part))) {
    refuse("suite", text, "it must be a path of letters, digits and . _ + ~ - below dists");
  }
  return text as SuiteName;
}

/** A suite as a mirror knows it: `bookworm`, `buster/updates`, or a flat one ending in a slash: `./`, `stable/`. */
export function parseSuitePath(text: string): SuitePath {
  const parts = text.replace(/\/$/, "").split("/");
  const flat = text.endsWith("/");
  const sound = parts.every((part, position) => SEGMENT.test(part) || (flat && position === 0 && (part === "." || part === "")));
  if (!sound) refuse("upstream suite", text, "it must be a path below dists, or end in / for a flat archive");
  return text as SuitePath;
}

export const isFlat = (suite: SuitePath): boolean => suite.endsWith("/");

/** The folder of a suite below the mirror's base URL, without slashes at the ends; empty for a flat archive at the base. */
export function suiteFolder(suite: SuitePath): string {
  if (!isFlat(suite)) return `dists/${suite}`;
  return suite.replace(/^(\.?\/)+/, "").replace(/\/+$/, "");
}

export function parseComponentName(text: string): ComponentName {
  if (!SEGMENT.test(text)) refuse("component", text, "it must be letters, digits and . _ + ~ -");
  return text as ComponentName;
}

export function parseArchitecture(text: string): Architecture {
  if (!/^[a-z0-9][a-z0-9-]*$/.test(text)) refuse("architecture", text, "it must be lower-case letters, digits and -, such as amd64");
  return text as Architecture;
}

/** A language as Translation files are named: `en`, `pt_BR`, `sr@latin`. */
export const isLanguage = (text: string): boolean => /^[a-z]{2,3}([_@][A-Za-z@_]{1,20})?$/.test(text);

export const ALL = "all" as Architecture;
export const SOURCE = "source" as Architecture;

export function parseSha256(text: string): Sha256 | undefined {
  return /^[0-9a-f]{64}$/.test(text) ? (text as Sha256) : undefined;
}

export function parseFingerprint(text: string): Fingerprint | undefined {
  const bare = text.replace(/[\s:]/g, "").toUpperCase().replace(/^0X/, "");
  return /^[0-9A-F]{40}$/.test(bare) ? (bare as Fingerprint) : undefined;
}

/** A path named by a Release. Hostile: anything that is not a plain relative path is answered by undefined and so never asked for. */
export function parseIndexPath(text: string): IndexPath | undefined {
  if (text.length === 0 || text.length > 512 || !/^[A-Za-z0-9._+~@:=,-][A-Za-z0-9/._+~@:=,-]*$/.test(text)) return undefined;
  return text.split("/").some((part) => part === "" || part === "." || part === "..") ? undefined : (text as IndexPath);
}
