/** The published generation as a merge sees it: to compare with, and to take compressed blocks from. */
import { sha256Of } from "../archive/digests.ts";
import type { IndexPath, Sha256, SuiteName } from "../archive/names.ts";
import { parseRelease, type Release } from "../archive/release.ts";
import { sealed, unsealed } from "../archive/sealed.ts";
import { type KnownRuns, knownRuns, NO_KNOWN_RUNS, parseRunLayout, type RunLayout } from "../compose/known-runs.ts";
import { OWN_LIMITS, type StanzaTable, scanStanzas } from "../deb822/stanza-table.ts";
import { MergeError } from "../errors.ts";
import type { Codec, Folder } from "../ports.ts";
import { type Generation, liveGeneration } from "../publish/generations.ts";
import { type InputsRecord, readInputs, type SuiteRecord } from "../state/inputs-record.ts";
import type { World } from "./world.ts";

export interface LastGeneration {
  readonly generation: Generation;
  readonly inputs: InputsRecord;
}

export async function readLast(world: Pick<World, "output">): Promise<LastGeneration | undefined> {
  const generation = await liveGeneration(world.output);
  return generation === undefined ? undefined : { generation, inputs: await readInputs(world.output, generation.path) };
}

/** What the last generation has of one suite; everything undefined on a first run. */
export interface LastSuite {
  readonly record: SuiteRecord | undefined;
  /** Path of the suite below OUTPUT. */
  readonly path: string | undefined;
}

export function lastSuite(last: LastGeneration | undefined, suite: string): LastSuite {
  const record = last === undefined || !Object.hasOwn(last.inputs.suites, suite) ? undefined : last.inputs.suites[suite];
  return { record, path: last === undefined || record === undefined ? undefined : `${last.generation.path}/dists/${suite}` };
}

/** Our own Release of the suite as it is published; undefined when there is none or it cannot be read. */
export async function lastRelease(last: LastSuite, output: Folder): Promise<Release | undefined> {
  const bytes = last.path === undefined ? undefined : await output.read(`${last.path}/Release`);
  // Changed by hand it is made anew, and says nothing about what clients have seen.
  if (bytes === undefined || sha256Of(bytes) !== last.record?.release) return undefined;
  return parseRelease(bytes, { mirror: "our own tree", suite: last.path ?? "" });
}

/** Whether the suite's Release files are still those that were published: someone may have changed the tree by hand. */
export const isIntact = async (last: LastSuite, output: Folder, signed: boolean): Promise<boolean> =>
  last.record !== undefined && (await suiteFault(last, output, signed)) === undefined;

/** What is wrong with the suite as it lies there: file, found, wanted. Presence and size of each file; `verify` digests them. */
export async function suiteFault({ record, path }: LastSuite, output: Folder, signed: boolean): Promise<string | undefined> {
  const release = await output.read(`${path}/Release`);
  if (release === undefined) return `${path}/Release is not there`;
  if (sha256Of(release) !== record?.release)
    return `${path}/Release has the SHA256 ${sha256Of(release)}, inputs.json says ${record?.release}`;
  const listed = parseRelease(release, { mirror: "our own tree", suite: path ?? "" }).entries;
  const paths = new Set<string>(listed.keys());
  for (const { path: file, bytes } of listed.values()) {
    // An uncompressed index is listed for its digest alone.
    if (paths.has(`${file}.gz`) || paths.has(`${file}.xz`)) continue;
    const found = (await output.stat(`${path}/${file}`))?.bytes;
    if (found !== bytes)
      return `${path}/${file} ${found === undefined ? "is not there" : `has ${found} bytes`}, Release says ${bytes} bytes`;
  }
  if (!signed) return undefined;
  const inRelease = await output.read(`${path}/InRelease`);
  if (inRelease?.includes(release) !== true || !signatureEnds(inRelease)) return `${path}/InRelease is not Release, signed`;
  return signatureEnds(await output.read(`${path}/Release.gpg`)) ? undefined : `${path}/Release.gpg is no signature`;
}

const signatureEnds = (file: Buffer | undefined): boolean =>
  file?.toString("latin1").trimEnd().endsWith("-----END PGP SIGNATURE-----") ?? false;

/**
 * The last generation's index, decompressed and checked; undefined when it had none or it is damaged.
 *
 * @param fields whose places are noted, in lower case; those of the kind come first
 */
export async function lastTable(last: LastSuite, path: string, fields: readonly string[], world: World): Promise<StanzaTable | undefined> {
  const record = last.record?.indices.find((index) => index.path === path);
  if (record === undefined || last.path === undefined) return undefined;
  for (const codec of ["gz", "xz"] as const) {
    const file = await world.output.read(`${last.path}/${path}.${codec}`);
    if (file === undefined) continue;
    const outcome = await world.compressor.decompress(file, codec, record.bytes);
    if (outcome.kind !== "plain" || sha256Of(outcome.bytes) !== record.sha256) continue;
    try {
      return scanStanzas(outcome.bytes, fields, { mirror: "our own tree", suite: last.path, file: path }, OWN_LIMITS);
    } catch (error) {
      // Written by a version that allowed more: what changed since cannot be told, which must not stop a run.
      if (!(error instanceof MergeError)) throw error;
      return undefined;
    }
  }
  return undefined;
}

/** Mirror that a path of the last generation belongs to, by its pool prefix. */
export function mirrorByPath(last: LastSuite): (path: string) => string {
  const mirrors = last.record?.mirrors ?? [];
  const bare = mirrors.find((mirror) => mirror.pool === undefined)?.mirror ?? "";
  const byPool = new Map(mirrors.flatMap(({ pool, mirror }) => (pool === undefined ? [] : [[pool, mirror] as const])));
  return (path) => byPool.get(path.split("/")[1] ?? "") ?? bare;
}

const layoutFolder = (suite: SuiteName, path: string, codec: Codec): string => `cache/blocks/${suite}/${path}.${codec}`;

/** How the published file is compressed. */
export interface LastRuns {
  readonly codec: Codec;
  readonly known: KnownRuns;
  /** Undefined when nothing is known. */
  readonly layout: RunLayout | undefined;
}

/**
 * The file itself is not digested where our Release lists it: each run that is read must be the one that the layout is bound to.
 *
 * @param published our Release of it; undefined when it cannot be read
 */
export async function lastRuns(
  last: LastSuite,
  published: Release | undefined,
  suite: SuiteName,
  path: string,
  codec: Codec,
  world: World,
): Promise<LastRuns> {
  const nothing: LastRuns = { codec, known: NO_KNOWN_RUNS, layout: undefined };
  const file = `${last.path}/${path}.${codec}`;
  if (last.path === undefined) return nothing;
  const listed = published?.entries.get(`${path}.${codec}` as IndexPath);
  const sha256 = published === undefined ? (await world.output.digest(file, []))?.digests.SHA256 : listed?.sha256;
  const found = await world.output.stat(file);
  if (sha256 === undefined || found === undefined || (listed !== undefined && listed.bytes !== found.bytes)) return nothing;
  const layout = await readLayout(suite, path, codec, sha256, world.state);
  if (layout === undefined) return nothing;
  const read = (offset: number, bytes: number): Promise<Buffer | undefined> => world.output.readPart(file, offset, bytes);
  return { codec, known: knownRuns(layout, inWindows(read, found.bytes)), layout };
}

const WINDOW_BYTES = 1024 * 1024;

/** Reads parts that are asked for in order many at a time: to open a file takes longer than to read a small part of it. */
function inWindows(read: (offset: number, bytes: number) => Promise<Buffer | undefined>, fileBytes: number): typeof read {
  let window: { readonly from: number; readonly to: number; readonly bytes: Promise<Buffer | undefined> } | undefined;
  return async (offset, bytes) => {
    if (window === undefined || offset < window.from || offset + bytes > window.to) {
      const length = Math.max(bytes, Math.min(WINDOW_BYTES, fileBytes - offset));
      window = { from: offset, to: offset + length, bytes: read(offset, length) };
    }
    const { from, bytes: whole } = window;
    return (await whole)?.subarray(offset - from, offset - from + bytes);
  };
}

/** @param digest of the published file */
export async function readLayout(
  suite: SuiteName,
  path: string,
  codec: Codec,
  digest: Sha256,
  state: Folder,
): Promise<RunLayout | undefined> {
  const bytes = unsealed(await state.read(`${layoutFolder(suite, path, codec)}/${digest}`));
  const layout = bytes === undefined ? undefined : parseRunLayout(bytes.toString("utf8"), codec);
  return layout?.file === digest ? layout : undefined;
}

export async function rememberRuns(suite: SuiteName, path: string, layout: RunLayout, state: Folder): Promise<void> {
  await state.writeDurably(`${layoutFolder(suite, path, layout.codec)}/${layout.file}`, sealed(Buffer.from(JSON.stringify(layout))));
}

/** Once the file is live: what is noted of other files under its name, published before or held by a guard, is of no use. */
export async function forgetOtherRuns(suite: SuiteName, path: string, codec: Codec, file: Sha256, state: Folder): Promise<void> {
  const folder = layoutFolder(suite, path, codec);
  for (const { name } of (await state.list(folder)) ?? []) if (name !== file) await state.remove(`${folder}/${name}`);
}
