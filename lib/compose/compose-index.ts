/** Composes one merged index: its blocks are joined to runs, each run is compressed once, the pieces are joined, everything is digested. */
import { crc32 } from "node:zlib";
import type { Block } from "../archive/block.ts";
import { type DigestName, type Digests, digester, sha256Of } from "../archive/digests.ts";
import { FairTurns } from "../archive/fair-turns.ts";
import { giveBack } from "../archive/give-back.ts";
import type { Sha256 } from "../archive/names.ts";
import { blockOf, isBlockOf } from "../archive/xz-stream.ts";
import type { Codec, Compressor, EditedBlock } from "../ports.ts";
import { type ComposedFile, openBlockFile } from "./block-file.ts";
import { sideBySide } from "./block-rooms.ts";
import { endsInFlush } from "./gzip-splice.ts";
import type { CompressedRun, KnownRun, KnownRuns } from "./known-runs.ts";
import { type PlannedRun, planRuns, RUN_SIZES } from "./run-planner.ts";

export interface CodecPlan {
  readonly codec: Codec;
  readonly level: number;
  readonly known: KnownRuns;
  /** Whether runs are cut as if from nothing, so that the file becomes small, also where that means to compress again what did not change. */
  readonly settle: boolean;
  /** Takes the file as it is made. When the pieces end in an error, so must it. Each is good until the next one is asked for. */
  sink(pieces: AsyncIterable<Buffer>): Promise<void>;
}

export interface ComposeOrder {
  /** Of the merged index, in order. */
  readonly blocks: Iterable<Block> | AsyncIterable<Block>;
  /** None for a dry run: then the index is digested only. */
  readonly codecs: readonly CodecPlan[];
  readonly digests: readonly DigestName[];
  /** Sees each block and the digest of its text, in order, and does not keep it. */
  observe?(block: Block, raw: Sha256): void;
  /** Told whenever compressors are waited for: there is time for other work then. */
  meanwhile?(): void;
  /** Told when all is composed and nothing is left but to wait for compressors. */
  waiting?(): void;
}

export interface ComposedIndex {
  readonly stanzas: number;
  readonly overridden: number;
  /** The uncompressed index: listed, not written. */
  readonly plain: { readonly bytes: number; readonly digests: Digests };
  readonly files: readonly ComposedFile[];
}

interface World {
  readonly compressor: Compressor;
  /** Called with runs finished and runs begun. */
  progress(done: number, begun: number): void;
}

export async function composeIndex(order: ComposeOrder, world: World): Promise<ComposedIndex> {
  const { compressor } = world;
  const plain = digester(order.digests);
  /** Wakes the loop below when a run is done, or a file has room again. */
  let wake = (): void => {};
  const moved = (): void => wake();
  const writers = order.codecs.map(({ codec, level, known, settle, sink }) => ({
    codec,
    level,
    planner: planRuns(known, settle, RUN_SIZES[codec]),
    file: openBlockFile(codec, order.digests, sink, moved),
    runs: 0,
  }));
  const files = writers.map(({ file }) => file);
  const rooms = runRooms();
  const running = new Set<Promise<unknown>>();
  const failures: unknown[] = [];
  let [plainBytes, crc, stanzas, overridden, asked, done, runningBytes] = [0, 0, 0, 0, 0, 0, 0];
  const failed = (): boolean => failures.length > 0 || files.some(({ failure }) => failure !== undefined);

  /** How many files still read a block. */
  const users = new Map<Block, number>();
  const give = ({ blocks }: PlannedRun): void => {
    for (const { block } of blocks) {
      const left = (users.get(block) ?? 1) - 1;
      if (left > 0) users.set(block, left);
      else {
        users.delete(block);
        block.release();
      }
    }
  };

  const begin = (writer: (typeof writers)[number], run: PlannedRun): void => {
    const { codec, level, file } = writer;
    const place = writer.runs++;
    const bytes = run.blocks.reduce((sum, { block }) => sum + block.bytes.length, 0);
    const load = codec === "xz" && run.source !== undefined ? bytes * EDITED_SHARE : bytes;
    asked++;
    runningBytes += load;
    const settled: Promise<unknown> = compressed(run, bytes, codec, level, compressor, rooms)
      .then((piece) => {
        file.put(place, piece, run);
        world.progress(++done, asked);
      })
      .catch((error: unknown) => void failures.push(error))
      .finally(() => {
        running.delete(settled);
        runningBytes -= load;
        give(run);
        moved();
      });
    running.add(settled);
  };
  const turns = new FairTurns();
  try {
    for await (const block of order.blocks) {
      plain.update(block.bytes);
      crc = crc32(block.bytes, crc);
      plainBytes += block.bytes.length;
      stanzas += block.stanzas;
      overridden += block.overridden;
      const raw = sha256Of(block.bytes);
      order.observe?.(block, raw);
      if (writers.length === 0) block.release();
      else users.set(block, writers.length);
      for (const writer of writers) for (const run of writer.planner.add({ block, raw })) begin(writer, run);
      // Memory stays bounded whatever the size of the index; each core has work, and as much again waits for it. A slow disk is waited for.
      while (runningBytes > compressor.parallel * BYTES_PER_CORE || files.some(({ waitingBytes }) => waitingBytes > MAX_WAITING_BYTES)) {
        if (failed()) break;
        order.meanwhile?.();
        await new Promise<void>((resolve) => {
          wake = resolve;
        });
      }
      if (failed()) break;
      if (turns.due) await turns.pass();
    }
    if (!failed()) for (const writer of writers) for (const run of writer.planner.end()) begin(writer, run);
    if (!failed()) order.waiting?.();
    await Promise.all(running);
    if (failures.length > 0) throw failures[0];
    const finished = await Promise.all(files.map((file) => file.finish(crc, plainBytes)));
    return { stanzas, overridden, plain: { bytes: plainBytes, digests: plain.digests() }, files: finished };
  } catch (error) {
    // Nothing goes on behind our back, and no part of a file is left.
    await Promise.all(running);
    await Promise.all(files.map((file) => file.abort(error)));
    throw error;
  }
}

/** Text whose compression runs or waits, for each core. */
const BYTES_PER_CORE = 3 * 1024 * 1024;
/** What counts of a run that is edited: how many wait says whether another thread is worth its beginning. */
const EDITED_SHARE = 0.5;

/** Of a file, compressed: what waits for the disk, or for a run before it that is still compressed. */
const MAX_WAITING_BYTES = 16 * 1024 * 1024;

/** Rooms in which blocks are joined to runs, used again: to be given fresh memory takes longer than to copy. */
interface RunRooms {
  take(bytes: number): Buffer;
  give(room: Buffer): void;
}

function runRooms(): RunRooms {
  const free: Buffer[] = [];
  return {
    take(bytes) {
      const room = free.pop();
      return room !== undefined && room.length >= bytes ? room : Buffer.allocUnsafeSlow(Math.max(bytes, RUN_SIZES.xz.most));
    },
    give: (room) => void free.push(room),
  };
}

async function compressed(
  run: PlannedRun,
  bytes: number,
  codec: Codec,
  level: number,
  compressor: Compressor,
  rooms: RunRooms,
): Promise<CompressedRun> {
  const known = run.known === undefined ? undefined : await takenOver(run, run.known, bytes, codec);
  if (known !== undefined) return known;
  const together = sideBySide(run.blocks.map(({ block }) => block.bytes));
  const room = together === undefined ? rooms.take(bytes) : undefined;
  let used = 0;
  if (room !== undefined) for (const { block } of run.blocks) used += block.bytes.copy(room, used);
  const text = together ?? room?.subarray(0, used) ?? Buffer.alloc(0);
  try {
    const plainBytes = text.length;
    const made = codec === "xz" ? await madeFrom(run.source, text, compressor) : undefined;
    // Garbage of some megabytes a second otherwise, which nobody sees for long: little else is made meanwhile.
    if (made !== undefined) return { ...made, plainBytes, edited: true, written: () => giveBack(made.bytes) };
    const packed = await compressor.compressBlock(text, codec, level);
    const block = codec === "xz" ? blockOf(packed) : { bytes: packed, plainBytes, unpaddedBytes: packed.length };
    return { ...block, edited: false, written: () => giveBack(packed) };
  } finally {
    if (room !== undefined) rooms.give(room);
  }
}

/** What xz would take its time for is known of a run of which most stayed. */
async function madeFrom(source: KnownRun | undefined, text: Buffer, compressor: Compressor): Promise<EditedBlock | undefined> {
  const block = await source?.read();
  if (source === undefined || block === undefined) return undefined;
  return compressor.editXzBlock({ block, plainBytes: source.plainBytes, text });
}

/**
 * A known run of the same blocks, when it is still there as it was. Where it lies was read from the cache, which may be damaged: it must be what
 * these blocks were compressed to, and a block of xz must end in the check of the text.
 */
async function takenOver(run: PlannedRun, known: KnownRun, bytes: number, codec: Codec): Promise<CompressedRun | undefined> {
  const { plainBytes, unpaddedBytes, edited, bond } = known;
  const found = plainBytes === bytes ? await known.read() : undefined;
  if (found === undefined) return undefined;
  if (codec === "gz") return endsInFlush(found) ? { bytes: found, plainBytes, unpaddedBytes: found.length, edited, bond } : undefined;
  const check = run.blocks.reduce((crc, { block }) => crc32(block.bytes, crc), 0);
  return isBlockOf(check, found, unpaddedBytes) ? { bytes: found, plainBytes, unpaddedBytes, edited, bond } : undefined;
}
