/**
 * Decides which neighbouring blocks of an index are compressed together, as one run. Large runs make a small file; small ones let an update keep
 * what did not change. So what is settled lies in large runs, and what changed in runs of its own: the text around it is cut off there once,
 * and changes again at a small price.
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
  /** Whether it is to be compressed quickly, because it is only what is left of a run in which something changed. */
  readonly hasty: boolean;
}

export interface RunPlanner {
  /** @returns runs that are complete now */
  add(block: PlannedBlock): readonly PlannedRun[];
  end(): readonly PlannedRun[];
}

export interface RunSizes {
  /** A settled run ends at the next place that opens one, once it is so long. */
  readonly least: number;
  /** No run is longer, unless a single block is. */
  readonly most: number;
  /** Whatever is shorter is joined to its neighbour, changed or not; what is left of a cut run is compressed quickly when it is longer. */
  readonly small: number;
}

/** Deflate looks back 32 kB only, so that its runs can be small at little cost. Measured in test/bench/RESULTS.md, chosen in DECISIONS.md. */
export const RUN_SIZES: Readonly<Record<Codec, RunSizes>> = {
  gz: { least: 128 * 1024, most: 256 * 1024, small: 64 * 1024 },
  xz: { least: 640 * 1024, most: 1024 * 1024, small: 64 * 1024 },
};

/** @param settle cut as if nothing had been published, and keep only runs that come out the same */
export function planRuns(known: KnownRuns, settle: boolean, sizes: RunSizes): RunPlanner {
  return settle || known.runs.length === 0 ? settledRuns(known, sizes) : updatedRuns(known, sizes);
}

function settledRuns(known: KnownRuns, { least, most }: RunSizes): RunPlanner {
  let pending: PlannedBlock[] = [];
  let bytes = 0;
  const take = (): PlannedRun[] => {
    if (pending.length === 0) return [];
    const same = known.beginningWith(pending[0]?.raw);
    const isKept = same !== undefined && !same.hasty && sameBlocks(same.blocks, pending);
    const run = { blocks: pending, known: isKept ? same : undefined, hasty: false };
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

function updatedRuns(known: KnownRuns, { most, small }: RunSizes): RunPlanner {
  let pending: PlannedBlock[] = [];
  let bytes = 0;
  /** The published run that `pending` has been equal to so far. */
  let match: KnownRun | undefined;
  /** Whether something in `pending` is in no published run. */
  let isNew = false;
  const push = (next: PlannedBlock): void => {
    pending.push(next);
    bytes += next.block.bytes.length;
  };
  const take = (run: Omit<PlannedRun, "blocks">): PlannedRun[] => {
    const blocks = pending;
    pending = [];
    bytes = 0;
    match = undefined;
    isNew = false;
    return blocks.length === 0 ? [] : [{ blocks, ...run }];
  };
  /** What is left of a run, or changed. */
  const takeCut = (): PlannedRun[] => take({ known: undefined, hasty: !isNew && bytes > small });
  const takeWhole = (): PlannedRun[] => (match?.blocks.length === pending.length ? take({ known: match, hasty: match.hasty }) : []);
  return {
    add(next) {
      if (match !== undefined && match.blocks[pending.length]?.raw === next.raw) {
        push(next);
        return takeWhole();
      }
      // What matched so far is the beginning of a run in which something changed.
      match = undefined;
      const run = known.beginningWith(next.raw);
      const nextIsNew = !known.has(next.raw);
      const joins = run === undefined && (bytes < small || isNew === nextIsNew) && bytes + next.block.bytes.length <= most;
      const runs = joins ? [] : takeCut();
      if (pending.length === 0) match = run;
      isNew ||= nextIsNew;
      push(next);
      return [...runs, ...takeWhole()];
    },
    end: takeCut,
  };
}
