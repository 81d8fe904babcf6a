/**
 * Makes an index of the one that is stored and the mirror's patches, where that is less to fetch. The result is checked against the Release like
 * any index; whatever goes wrong, the whole file is fetched instead.
 */
import { createHash } from "node:crypto";
import { crc32 } from "node:zlib";
import { sha256Of } from "../archive/digests.ts";
import { parseSha256, type Sha256 } from "../archive/names.ts";
import type { ReleaseFiles } from "../archive/trusted.ts";
import { spliceGzip } from "../compose/gzip-splice.ts";
import { MergeError } from "../errors.ts";
import { type FetchedPatches, fetchPatches } from "../fetch/patches.ts";
import type { WantedFile } from "../fetch/wanted.ts";
import { applyToStream, composeScripts, type EditScript, parseEdScript } from "../pdiff/edit-script.ts";
import type { Compression } from "../ports.ts";
import { readPatched, writePatched } from "../state/patched.ts";
import { indexWorld } from "./index-world.ts";
import type { MirrorIntake } from "./take-in.ts";
import type { RunRequest, World } from "./world.ts";

export interface PatchedIndex {
  /** Downloaded. */
  readonly files: number;
  readonly bytes: number;
}

/** A file as a Release lists it. */
interface ListedOnce {
  readonly sha256: Sha256;
  readonly bytes: number;
}

/** An index of the last accepted Release, as it lies in the store. */
interface OldIndex {
  readonly bytes: Buffer;
  readonly compression: Compression;
  readonly plainBytes: number;
}

/** Undefined when the whole file must be fetched. */
export async function patchIndex(
  intake: MirrorIntake,
  wanted: WantedFile,
  world: World,
  request: RunRequest,
): Promise<PatchedIndex | undefined> {
  const { release, from, base, before } = intake.taken;
  const { plain } = wanted;
  if (before === undefined || plain?.sha256 === undefined || plain.bytes > from.mirror.maxIndexBytes || request.full) return undefined;
  const note = (reason: string): undefined => {
    const text = `${release.mirror}/${release.suite} ${wanted.path}: fetched whole, ${reason}`;
    world.reporter.event({ kind: "note", text, detail: true });
    return undefined;
  };
  try {
    const listed = entriesOf(before);
    const was = listed(wanted.path);
    if (was === undefined || was.sha256 === plain.sha256) return undefined;
    const fetched = await fetchPatches(wanted, was.sha256, release, from.mirror, base, indexWorld(intake, { world, request }));
    if ("reason" in fetched) return note(fetched.reason);
    // Only now: it is large, and most mirrors have no patches.
    const old = await oldIndex(wanted, was, listed, world);
    if (old === undefined) return note("what the patches begin with is not in the store");
    const script = await scriptOf(fetched, world);
    if (script === undefined) return note("a patch is not what its list says");
    const made = await applyTo(old, script, world);
    if (made.sha256 !== plain.sha256 || made.bytes !== plain.bytes) return note("what the patches make is not what the Release lists");
    await writePatched(world.state, plain.sha256, made.gz);
    return { files: fetched.files, bytes: fetched.bytes };
  } catch (error) {
    if (!(error instanceof MergeError) || error.code === "DISK_FAILED" || error.code === "STOPPED") throw error;
    return note(error.message);
  }
}

/** What a Release that was accepted once lists: it is read for names and digests only. */
function entriesOf(before: ReleaseFiles): (name: string) => ListedOnce | undefined {
  const text = (before.form === "InRelease" ? before.inRelease : before.release).toString("latin1");
  return (name) => {
    for (let at = text.indexOf(` ${name}\n`); at >= 0; at = text.indexOf(` ${name}\n`, at + 1)) {
      const [digest, size] = text
        .slice(text.lastIndexOf("\n", at) + 1, at)
        .trim()
        .split(/\s+/);
      const sha256 = parseSha256(digest ?? "");
      if (sha256 !== undefined) return { sha256, bytes: Number(size) };
    }
    return undefined;
  };
}

/** What the store has of the file. */
async function oldIndex(
  { path }: WantedFile,
  was: ListedOnce,
  listed: (name: string) => ListedOnce | undefined,
  world: World,
): Promise<OldIndex | undefined> {
  const patched = await readPatched(world.state, was.sha256);
  if (patched !== undefined) return { bytes: patched, compression: "gz", plainBytes: was.bytes };
  for (const compression of ["gz", "xz", "bz2", "zst"] as const) {
    const entry = listed(`${path}.${compression}`);
    const bytes = entry === undefined ? undefined : await world.store.get(entry.sha256);
    if (bytes !== undefined) return { bytes, compression, plainBytes: was.bytes };
  }
  return undefined;
}

/** All patches as one; undefined when one of them is not what the Index lists, or no patch. */
async function scriptOf({ patches }: FetchedPatches, world: World): Promise<EditScript | undefined> {
  let script: EditScript = [];
  for (const { bytes, plain } of patches) {
    const outcome = await world.compressor.decompress(bytes, "gz", plain.bytes);
    if (outcome.kind !== "plain" || sha256Of(outcome.bytes) !== plain.sha256) return undefined;
    const parsed = parseEdScript(outcome.bytes);
    if ("fault" in parsed) return undefined;
    script = composeScripts(script, parsed);
  }
  return script;
}

/** Bytes that are compressed at a time. */
const PIECE_BYTES = 1024 * 1024;

/** One pass over the old text: the new one is held compressed only. */
async function applyTo(old: OldIndex, script: EditScript, world: World): Promise<{ sha256: string; bytes: number; gz: Buffer }> {
  const digest = createHash("sha256");
  const pieces: Buffer[] = [];
  let [bytes, crc] = [0, 0];
  let waiting: Buffer[] = [];
  let waitingBytes = 0;
  const flush = async (): Promise<void> => {
    if (waitingBytes === 0) return;
    const text = Buffer.concat(waiting, waitingBytes);
    waiting = [];
    waitingBytes = 0;
    digest.update(text);
    crc = crc32(text, crc);
    bytes += text.length;
    // As fast as can be: it is read once or twice and then replaced.
    pieces.push(await world.compressor.compressBlock(text, "gz", 1));
  };
  for await (const chunk of applyToStream(textOf(old, world), script)) {
    waiting.push(Buffer.from(chunk));
    waitingBytes += chunk.length;
    if (waitingBytes >= PIECE_BYTES) await flush();
  }
  await flush();
  return { sha256: digest.digest("hex"), bytes, gz: Buffer.concat(spliceGzip(pieces, crc, bytes)) };
}

/** Damage shows in the digest of what is made of it. */
async function* textOf({ bytes, compression, plainBytes }: OldIndex, world: World): AsyncGenerator<Buffer> {
  yield* world.compressor.decompressing(bytes, compression, plainBytes);
}
