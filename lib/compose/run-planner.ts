/**
 * Decides which neighbouring blocks of an index are compressed together, as one run. Large runs make a small file. An update leaves their borders where
 * they are: a run in which something changed is made from the old one, which is known to hold most of it.
 */
import type { Block } from "../archive/block.ts";
import type { Sha256 } from "../archive/names.ts";
import type { Codec } from "../ports.ts";
import { type KnownRun, type KnownRuns, sameBlocks } from "./known-runs.ts";

export interface PlannedBlock {
  readonly block: Block;
  readonly raw: Sha256;
}

export interface PlannedRun {
  readonly blocks: readonly PlannedBlock[];
  /** The published run that holds the same blocks. */
  readonly known: KnownRun | undefined;
  /** Otherwise one that holds some of them. */
  readonly source: KnownRun | undefined;
}

export interface RunPlanner {
  /** @returns runs that are complete now */
  add(block: PlannedBlock): readonly PlannedRun[];
  end(): readonly PlannedRun[];
}

export interface RunSizes {
  /** A settled run ends at the next place that opens one, once it is so long. */
  readonly least: number;
  /** No settled run is longer, unless a single block is. */
  readonly most: number;
}

/** Deflate looks back 32 kB only, so that its runs can be small at little cost. Measured in test/bench/RESULTS.md, chosen in DECISIONS.md. */
export const RUN_SIZES: Readonly<Record<Codec, RunSizes>> = {
  gz: { least: 64 * 1024, most: 128 * 1024 },
  xz: { least: 768 * 1024, most: 1024 * 1024 },
};

/** Of the length of a run: what is new behind that much stood in the next one, or will. */
const NEARLY_ALL = 0.97;

/** How much longer than a settled run one may become by updates. */
const GROWTH = 1.25;

/** @param settle cut as if nothing had been published, and keep only runs that come out the same */
export function planRuns(known: KnownRuns, settle: boolean, sizes: RunSizes): RunPlanner {
  return settle || known.runs.length === 0 ? settledRuns(known, sizes) : updatedRuns(known, sizes.most * GROWTH);
}

function settledRuns(known: KnownRuns, { least, most }: RunSizes): RunPlanner {
  let pending: PlannedBlock[] = [];
  let bytes = 0;
  const take = (): PlannedRun[] => {
    if (pending.length === 0) return [];
    const [first] = pending;
    const same = first === undefined ? undefined : known.holding(first.raw);
    const isKept = same !== undefined && !same.edited && sameBlocks(same.blocks, pending);
    const run = { blocks: pending, known: isKept ? same : undefined, source: undefined };
    pending = [];
    bytes = 0;
    return [run];
  };
  return {
    add(next) {
      const { length } = next.block.bytes;
      const ends = (bytes >= least && next.block.opensRun) || bytes + length > most;
      const runs = ends ? take() : [];
      pending.push(next);
      bytes += length;
      return runs;
    },
    end: take,
  };
}

function updatedRuns(known: KnownRuns, most: number): RunPlanner {
  let pending: PlannedBlock[] = [];
  let bytes = 0;
  /** Blocks behind them that no published run has: which run they belong to shows when one comes that is known. */
  let waiting: PlannedBlock[] = [];
  let waitingBytes = 0;
  /** The published run that `pending` is to replace. */
  let source: KnownRun | undefined;
  /** Whether its last block was there: what is new after it belongs to the next. */
  let isWhole = false;
  const places = new Map(known.runs.map((run, place) => [run, place]));
  /** Of the published run that the last one replaced. */
  let place = -1;
  /** What `pending` most likely replaces where none of it is known: what stood behind the last one. */
  const follower = (): KnownRun | undefined => known.runs[place + 1];
  /** Whether `pending` is about as long as what it replaces. */
  const isFull = (): boolean => isWhole || bytes >= NEARLY_ALL * ((source ?? follower())?.plainBytes ?? most);
  /** @param next run of what follows: that one stays for it */
  const take = (next: KnownRun | undefined): PlannedRun[] => {
    if (pending.length === 0) return [];
    source ??= follower() === next ? undefined : follower();
    if (source !== undefined) place = places.get(source) ?? place;
    const isSame = source !== undefined && sameBlocks(source.blocks, pending);
    const run = { blocks: pending, known: isSame ? source : undefined, source: isSame ? undefined : source };
    pending = [];
    bytes = 0;
    source = undefined;
    isWhole = false;
    return [run];
  };
  const put = (one: PlannedBlock, ends: boolean, next: KnownRun | undefined): PlannedRun[] => {
    const { length } = one.block.bytes;
    const runs = ends || bytes + length > most ? take(next) : [];
    pending.push(one);
    bytes += length;
    return runs;
  };
  /** @param next run of the block behind them; undefined when that is not known */
  const placeWaiting = (next: KnownRun | undefined): PlannedRun[] => {
    const isInside = next !== undefined && next === source;
    const runs = waiting.flatMap((one) => put(one, !isInside && isFull(), next));
    waiting = [];
    waitingBytes = 0;
    return runs;
  };
  return {
    add(next) {
      const holder = known.holding(next.raw);
      if (holder === undefined) {
        waiting.push(next);
        waitingBytes += next.block.bytes.length;
        return bytes + waitingBytes > most ? placeWaiting(undefined) : [];
      }
      const runs = placeWaiting(holder);
      // What is known of no run is one of its own when it is as long as the one that stood there, or goes with what is behind it.
      const ends = source === undefined ? isFull() && holder !== follower() : holder !== source;
      runs.push(...put(next, ends, holder));
      source ??= holder;
      isWhole ||= holder.blocks.at(-1)?.raw === next.raw;
      return runs;
    },
    end: () => [...placeWaiting(undefined), ...take(undefined)],
  };
}
