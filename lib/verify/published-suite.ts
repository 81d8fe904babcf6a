/**
 * Proves a published suite from its own files: the three Release files agree and are signed, every listed file has its size and digest, and
 * every listed file's by-hash link holds the same. Used on a staged tree before the switch, and by `aptmerge verify`.
 */
import { type DigestName, digestsOf } from "../archive/digests.ts";
import type { IndexPath, Sha256 } from "../archive/names.ts";
import type { FileEntry, Release } from "../archive/release.ts";
import { parseRelease, words } from "../archive/release.ts";
import { MergeError, type Where } from "../errors.ts";
import { parsePdiffIndex } from "../pdiff/index-file.ts";
import type { Folder, SignatureChecker } from "../ports.ts";
import type { KeyringSettings } from "../settings.ts";
import { splitClearsigned } from "./clearsign.ts";
import { decideSigners } from "./signers.ts";

export interface PublishedSuite {
  readonly release: Release;
  /** Listed files that are there, by path below the suite. */
  readonly files: ReadonlyMap<string, FileEntry>;
  /** Of the keys that signed. */
  readonly signedBy: readonly string[];
}

/** A file that was digested a moment ago, wherever it lay then. */
export interface SoundFile extends FileFacts {
  readonly sha256: Sha256;
}

type FileFacts = NonNullable<Awaited<ReturnType<Folder["stat"]>>>;

/** Whether two looks at a file have seen the same one, which nobody has written to in between. */
const isSameFile = (left: FileFacts, right: FileFacts): boolean =>
  left.id === right.id && left.bytes === right.bytes && left.modified.getTime() === right.modified.getTime();

interface World {
  readonly signatures: SignatureChecker;
  readonly now: Date;
  /** Files that need not be read again, by path below the suite. */
  readonly sound?: ReadonlyMap<string, SoundFile>;
}

/**
 * @param dists folder that holds the suite
 * @param keyring keys that must have signed; undefined for a tree that is meant to be unsigned
 * @throws MergeError SIGNATURE_*, CLEARSIGN_MALFORMED, RELEASE_MALFORMED, TREE_UNSOUND
 */
export async function verifyPublishedSuite(
  dists: Folder,
  suite: string,
  keyring: KeyringSettings | undefined,
  world: World,
): Promise<PublishedSuite> {
  const where: Where = { mirror: "published tree", suite };
  const unsound = (file: string, found: string, wanted: string): MergeError =>
    new MergeError("TREE_UNSOUND", `Cannot vouch for ${dists.root}/${suite}/${file}: ${found}, ${wanted}`, { ...where, file });
  const need = async (file: string): Promise<Buffer> => {
    const bytes = await dists.read(`${suite}/${file}`);
    if (bytes === undefined) throw unsound(file, "it is not there", "it must be");
    return bytes;
  };

  const text = await need("Release");
  const release = parseRelease(text, where);
  const signedBy = keyring === undefined ? [] : await verifySignatures(text, await need("InRelease"), await need("Release.gpg"), keyring);

  const files = new Map<string, FileEntry>();
  const listed = new Set<string>(release.entries.keys());
  const entries = [...release.entries.values()];
  for (let first = 0; first < entries.length; first += AT_ONCE) {
    const outcomes = await Promise.allSettled(entries.slice(first, first + AT_ONCE).map(verifyEntry));
    for (const outcome of outcomes) {
      if (outcome.status === "rejected") throw outcome.reason;
      if (outcome.value !== undefined) files.set(outcome.value.path, outcome.value);
    }
  }
  return { release, files, signedBy };

  /** Undefined for what is listed and need not be there. */
  async function verifyEntry(entry: FileEntry): Promise<FileEntry | undefined> {
    const own = await dists.stat(`${suite}/${entry.path}`);
    const found = own === undefined ? undefined : await digestOf(entry.path, own);
    if (own === undefined || found === undefined) {
      // An uncompressed index is listed for its digest alone, when a compressed form of it is listed too.
      if (listed.has(`${entry.path}.gz`) || listed.has(`${entry.path}.xz`)) return undefined;
      throw unsound(entry.path, "it is not there", "its Release lists it");
    }
    const digest = found.sha256;
    if (found.bytes !== entry.bytes) throw unsound(entry.path, `it has ${found.bytes} bytes`, `its Release says ${entry.bytes}`);
    if (digest !== entry.sha256) throw unsound(entry.path, `its SHA256 is ${digest}`, `its Release says ${entry.sha256}`);
    if (words(release, "Acquire-By-Hash").includes("yes")) {
      const link = byHash(entry.path, "SHA256", digest);
      const there = await dists.stat(`${suite}/${link}`);
      if (there === undefined) throw unsound(link, "it is not there", "Release says Acquire-By-Hash: yes");
      const same = there.id === own.id || (await dists.digest(`${suite}/${link}`, []))?.digests.SHA256 === digest;
      if (!same) throw unsound(link, "it holds other bytes", `it must be the same as ${entry.path}`);
    }
    if (entry.path.endsWith(PATCH_LIST)) await verifyPatches(entry, await need(entry.path));
    return entry;
  }

  async function digestOf(path: string, own: FileFacts): Promise<Pick<SoundFile, "bytes" | "sha256"> | undefined> {
    const known = world.sound?.get(path);
    if (known !== undefined && isSameFile(known, own)) return known;
    const found = await dists.digest(`${suite}/${path}`, []);
    return found && { bytes: found.bytes, sha256: found.digests.SHA256 };
  }

  /** Release lists the list of patches, the list the patches. */
  async function verifyPatches({ path }: FileEntry, bytes: Buffer): Promise<void> {
    const index = parsePdiffIndex(bytes, { ...where, file: path });
    const target = release.entries.get(path.slice(0, -PATCH_LIST.length) as IndexPath)?.sha256;
    if (index.current.sha256 !== target) throw unsound(path, `it leads to ${index.current.sha256}`, `its Release lists ${target}`);
    for (const { name, download } of index.patches) {
      const patch = `${path.slice(0, -"Index".length)}${name}.gz`;
      const file = await dists.read(`${suite}/${patch}`);
      if (file === undefined) throw unsound(patch, "it is not there", `${path} lists it`);
      const digest = digestsOf(file, []).SHA256;
      if (digest !== download.sha256) throw unsound(patch, `its SHA256 is ${digest}`, `${path} says ${download.sha256}`);
    }
  }

  /** What reads signatures does not know where they stood. */
  async function named<T>(file: string, work: () => Promise<T>): Promise<T> {
    try {
      return await work();
    } catch (error) {
      if (!(error instanceof MergeError) || error.where.file !== undefined) throw error;
      throw new MergeError(
        error.code,
        `Cannot vouch for ${dists.root}/${suite}/${file}: ${error.message}`,
        { ...where, file },
        { cause: error },
      );
    }
  }

  async function verifySignatures(plain: Buffer, inRelease: Buffer, detached: Buffer, keys: KeyringSettings): Promise<readonly string[]> {
    const split = splitClearsigned(inRelease, { ...where, file: "InRelease" });
    if (!split.text.equals(plain)) throw unsound("InRelease", "its text is not that of Release", "both must be the same");
    const clear = await named("InRelease", () => world.signatures.check(split.toVerify, split.signature, "text", keys, world.now));
    const beside = await named("Release.gpg", () => world.signatures.check(plain, detached, "detached", keys, world.now));
    const signers = decideSigners(clear, keys, world.now, { ...where, file: "InRelease" });
    decideSigners(beside, keys, world.now, { ...where, file: "Release.gpg" });
    return signers.signedBy;
  }
}

/** Files that are looked at at one time. */
const AT_ONCE = 8;

const PATCH_LIST = ".diff/Index";

/** Folders inside a suite that have a small Release of their own, or none. */
const INSIDE_A_SUITE = /^(binary-.*|source|by-hash)$/;

/** Suites below dists, by their Release files; symlinks are aliases and no suites of their own. */
export async function listPublishedSuites(dists: Folder): Promise<readonly string[]> {
  const suites: string[] = [];
  const walk = async (path: string): Promise<void> => {
    for (const { name, kind } of (await dists.list(path)) ?? []) {
      if (kind !== "folder" || INSIDE_A_SUITE.test(name)) continue;
      const below = path === "" ? name : `${path}/${name}`;
      if ((await dists.stat(`${below}/Release`)) !== undefined) suites.push(below);
      await walk(below);
    }
  };
  await walk("");
  return suites;
}

function byHash(path: string, name: DigestName, digest: string): string {
  const folder = path.includes("/") ? `${path.slice(0, path.lastIndexOf("/"))}/` : "";
  return `${folder}by-hash/${name}/${digest}`;
}
