/** Which index files a merged suite needs of one mirror's suite, by the rules that apt goes by. Pure. */
import {
  ALL,
  type Architecture,
  type ComponentName,
  type IndexPath,
  isFlat,
  parseIndexPath,
  SOURCE,
  suiteFolder,
} from "../archive/names.ts";
import { type FileEntry, type Release, words } from "../archive/release.ts";
import type { TrustedRelease } from "../archive/trusted.ts";
import type { IndexKind } from "../kinds/index-kind.ts";
import type { Compression } from "../ports.ts";
import type { IndexKindName, MirrorSuite } from "../settings.ts";

/** One upstream file that goes into a merged index. */
export interface WantedFile {
  readonly kind: { readonly name: IndexKindName };
  /** Merged component. */
  readonly component: ComponentName;
  /** Upstream path below the suite, without compression. */
  readonly path: IndexPath;
  /** Listed forms that we can read, smallest first. */
  readonly choices: readonly IndexChoice[];
  /** The uncompressed file's entry, when it is listed: its digest is checked after decompressing. */
  readonly plain: FileEntry | undefined;
}

/** One whose stanzas are contested. */
export interface WantedIndex extends WantedFile {
  readonly kind: IndexKind;
  /** Architecture of the merged index it goes into; `source` for Sources. */
  readonly architecture: Architecture;
  /** Whether stanzas of other architectures may stand in it. */
  readonly mixed: boolean;
}

export interface IndexChoice {
  readonly compression: Compression;
  readonly entry: FileEntry;
}

export interface Wish {
  readonly kinds: readonly IndexKind[];
  readonly architectures: readonly Architecture[];
  readonly sources: boolean;
}

const ENDINGS: readonly [Compression, string][] = [
  ["xz", ".xz"],
  ["gz", ".gz"],
  ["bz2", ".bz2"],
  ["zst", ".zst"],
  ["plain", ""],
];

/** An index that the Release does not list is not there, which is no error: mirrors differ in components and architectures. */
export function wantedIndices(release: TrustedRelease, from: MirrorSuite, wish: Wish): readonly WantedIndex[] {
  const wanted: WantedIndex[] = [];
  const add = (kind: IndexKind, architecture: Architecture, component: ComponentName, text: string, mixed: boolean): void => {
    const path = parseIndexPath(text);
    if (path === undefined) return;
    const choices = choicesOf(release.release, path);
    if (choices.length > 0) wanted.push({ kind, architecture, component, path, choices, plain: release.release.entries.get(path), mixed });
  };
  const flat = isFlat(from.suite);
  const all = readsAll(release.release);
  for (const kind of wish.kinds) {
    const targets = kind.perArchitecture ? wish.architectures : wish.sources ? [SOURCE] : [];
    for (const architecture of targets) {
      for (const [upstream, component] of from.components) {
        if (flat) {
          if (kind.type !== "udeb") add(kind, architecture, component, kind.fileName, true);
          continue;
        }
        add(kind, architecture, component, `${kind.folder(upstream, architecture)}/${kind.fileName}`, false);
        if (all && kind.perArchitecture) add(kind, architecture, component, `${kind.folder(upstream, ALL)}/${kind.fileName}`, false);
      }
    }
  }
  return wanted;
}

/** apt reads binary-all when Release lists `all` and does not say that it has no support for it. */
function readsAll(release: Release): boolean {
  return words(release, "Architectures").includes("all") && !words(release, "No-Support-for-Architecture-all").includes("Packages");
}

/** Listed forms of an index that we can read, smallest first. */
export function choicesOf(release: Release, path: IndexPath): readonly IndexChoice[] {
  const choices: IndexChoice[] = [];
  for (const [compression, ending] of ENDINGS) {
    const entry = release.entries.get(`${path}${ending}` as IndexPath);
    if (entry !== undefined) choices.push({ compression, entry });
  }
  // A form with weak digests alone counts as not there while another has a strong one.
  const strong = choices.filter(({ entry }) => entry.sha256 !== undefined);
  // A Release lists the uncompressed file for its digest, mostly without having it: it comes last.
  return (strong.length > 0 ? strong : choices).sort(
    (left, right) => Number(left.compression === "plain") - Number(right.compression === "plain") || left.entry.bytes - right.entry.bytes,
  );
}

/** Paths below the mirror's base URL under which a listed file may be asked for, by-hash first: that one cannot be of another state. */
export function pathsOf(release: TrustedRelease, entry: FileEntry): readonly string[] {
  const byHash = words(release.release, "Acquire-By-Hash").includes("yes") && entry.sha256 !== undefined;
  const parent = entry.path.includes("/") ? `${entry.path.slice(0, entry.path.lastIndexOf("/"))}/` : "";
  const below = (path: string): string => pathBelowBase(release, path);
  return [...(byHash ? [below(`${parent}by-hash/SHA256/${entry.sha256}`)] : []), below(entry.path)];
}

/** Path below the mirror's base URL of a path below the suite. */
export function pathBelowBase({ suite }: TrustedRelease, path: string): string {
  const folder = suiteFolder(suite);
  return folder === "" ? path : `${folder}/${path}`;
}
