/**
 * Runs of blocks of the last generation that need not be compressed again. A published file holds them compressed already; what is stored beside
 * it is only where each begins and what it was made from. So nothing grows.
 */
import { sha256Of } from "../archive/digests.ts";
import { parseSha256, type Sha256 } from "../archive/names.ts";
import type { Codec } from "../ports.ts";

/** Where the runs of a published file lie. Stored as JSON in the cache. */
export interface RunLayout {
  readonly schema: "aptmerge.runs/4";
  readonly codec: Codec;
  readonly level: number;
  /** Digest of the published file. */
  readonly file: Sha256;
  /** When all of it was last cut as if from nothing, in milliseconds since 1970. */
  readonly settled: number;
  /** Whether updates have cut it up since. */
  readonly loose: boolean;
  readonly runs: readonly RunPlace[];
}

export interface RunPlace {
  readonly blocks: readonly KnownBlock[];
  readonly offset: number;
  readonly bytes: number;
  /** xz only: bytes without padding. */
  readonly unpaddedBytes: number;
  /** Made from an older run and not compressed anew, which would make it a little smaller. */
  readonly edited: boolean;
  /** Digest of what it was made from and of its compressed bytes: whatever else may be wrong, they belong together. */
  readonly bond: Sha256;
}

/** @param bytes compressed */
export const bondOf = (blocks: readonly Pick<KnownBlock, "raw">[], bytes: Uint8Array): Sha256 =>
  sha256Of(`${blocks.map(({ raw }) => raw).join()} ${sha256Of(bytes)}`);

export interface KnownBlock {
  /** Digest of the uncompressed block. */
  readonly raw: Sha256;
  readonly plainBytes: number;
}

export interface CompressedRun {
  readonly bytes: Buffer;
  readonly plainBytes: number;
  readonly unpaddedBytes: number;
  readonly edited: boolean;
  /** Where it is known. */
  readonly bond?: Sha256;
  /** Called when its bytes are not needed any more. */
  readonly written?: () => void;
}

/** A run of the published file, read when it is wanted, and sound when it is read. */
export interface KnownRun extends Omit<CompressedRun, "bytes" | "bond" | "written">, Pick<RunPlace, "blocks" | "bond"> {
  /** Undefined when it cannot be had any more. */
  read(): Promise<Buffer | undefined>;
}

export interface KnownRuns {
  /** In order. */
  readonly runs: readonly KnownRun[];
  /** The run that holds a block, in whatever place. */
  holding(raw: Sha256): KnownRun | undefined;
}

/** @param read part of the file whose digest is `layout.file`, checked by the caller */
export function knownRuns(
  layout: Pick<RunLayout, "runs">,
  read: (offset: number, bytes: number) => Promise<Buffer | undefined>,
): KnownRuns {
  const holders = new Map<Sha256, KnownRun>();
  const runs = layout.runs.map(({ blocks, offset, bytes, unpaddedBytes, edited, bond }): KnownRun => {
    const plainBytes = blocks.reduce((sum, block) => sum + block.plainBytes, 0);
    const sound = async (): Promise<Buffer | undefined> => {
      const found = await read(offset, bytes);
      return found !== undefined && bondOf(blocks, found) === bond ? found : undefined;
    };
    return { blocks, plainBytes, unpaddedBytes, edited, bond, read: sound };
  });
  for (const run of runs) for (const { raw } of run.blocks) holders.set(raw, run);
  return { runs, holding: (raw) => holders.get(raw) };
}

/** Whether two runs are made of the same blocks. */
export const sameBlocks = (left: readonly Pick<KnownBlock, "raw">[], right: readonly Pick<KnownBlock, "raw">[]): boolean =>
  left.length === right.length && left.every(({ raw }, position) => raw === right[position]?.raw);

/** Whether two files are cut at the same places of the same text. */
export const sameRuns = (left: readonly Pick<RunPlace, "blocks">[], right: readonly Pick<RunPlace, "blocks">[]): boolean =>
  left.length === right.length && left.every(({ blocks }, position) => sameBlocks(blocks, right[position]?.blocks ?? []));

export const NO_KNOWN_RUNS: KnownRuns = knownRuns({ runs: [] }, async () => undefined);

/** Stored state is input: undefined when it is not a layout for this codec, whatever the reason. The cache is then made anew. */
export function parseRunLayout(text: string, codec: Codec): RunLayout | undefined {
  let value: Partial<RunLayout>;
  try {
    value = JSON.parse(text) as Partial<RunLayout>;
  } catch {
    return undefined;
  }
  if (value?.schema !== "aptmerge.runs/4" || value.codec !== codec || !Array.isArray(value.runs)) return undefined;
  const file = parseSha256(String(value.file));
  const { level, settled, loose } = value;
  const whole = (number: unknown): boolean => typeof number === "number" && Number.isSafeInteger(number) && number >= 0;
  const sound = value.runs.every(
    (run: Partial<RunPlace>) =>
      [run?.offset, run?.bytes, run?.unpaddedBytes].every(whole) &&
      typeof run.edited === "boolean" &&
      parseSha256(String(run.bond)) !== undefined &&
      Array.isArray(run.blocks) &&
      run.blocks.length > 0 &&
      run.blocks.every((block: Partial<KnownBlock>) => parseSha256(String(block?.raw)) !== undefined && whole(block.plainBytes)),
  );
  return file !== undefined &&
    typeof level === "number" &&
    typeof settled === "number" &&
    whole(settled) &&
    typeof loose === "boolean" &&
    sound
    ? { schema: value.schema, codec, level, file, settled, loose, runs: value.runs }
    : undefined;
}
