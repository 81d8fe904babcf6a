/**
 * Decides which neighbouring blocks of an index are compressed together, as one run. Large runs make a small file; small ones let an update keep
 * what did not change. So what is settled lies in large runs, and what changed in runs of its own: the text around it is cut off there once,
 * and changes again at a small price.
 */
import type { Block } from "../archive/block.ts";
import type { Sha256 } from "../archive/names.ts";
import type { KnownRun, KnownRuns } from "./known-runs.ts";

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

/** Measured in test/bench/RESULTS.md, chosen in DECISIONS.md. */
export const RUN_SIZES: RunSizes = { least: 640 * 1024, most: 1024 * 1024, small: 96 * 1024 };

/** @param settle cut as if nothing had been published, and keep only runs that come out the same */
export function planRuns(known: KnownRuns, settle: boolean, sizes: RunSizes = RUN_SIZES): RunPlanner {
  return settle || known.runs.length === 0 ? settledRuns(known, sizes) : updatedRuns(known, sizes);
}

const bytesOf = (blocks: readonly PlannedBlock[]): number => blocks.reduce((sum, { block }) => sum + block.bytes.length, 0);

function settledRuns(known: KnownRuns, { least, most }: RunSizes): RunPlanner {
  let pending: PlannedBlock[] = [];
  const take = (): PlannedRun[] => {
    if (pending.length === 0) return [];
    const same = known.beginningWith(pending[0]?.raw);
    const run = { blocks: pending, known: same !== undefined && !same.hasty && holds(same, pending) ? same : undefined, hasty: false };
    pending = [];
    return [run];
  };
  return {
    add(next) {
      const bytes = bytesOf(pending);
      const ends = (bytes >= least && next.block.opensRun) || bytes + next.block.bytes.length > most;
      const runs = ends ? take() : [];
      pending.push(next);
      return runs;
    },
    end: take,
  };
}

const holds = ({ blocks }: KnownRun, pending: readonly PlannedBlock[]): boolean =>
  blocks.length === pending.length && blocks.every(({ raw }, position) => raw === pending[position]?.raw);

function updatedRuns(known: KnownRuns, { most, small }: RunSizes): RunPlanner {
  let pending: PlannedBlock[] = [];
  /** The published run that `pending` has been equal to so far. */
  let match: KnownRun | undefined;
  let isNew = false;
  const take = (): PlannedRun[] => {
    const blocks = pending;
    pending = [];
    match = undefined;
    return blocks.length === 0 ? [] : [{ blocks, known: undefined, hasty: !isNew && bytesOf(blocks) > small }];
  };
  const begin = (next: PlannedBlock, run: KnownRun | undefined): void => {
    pending = [next];
    match = run;
    isNew = run === undefined && !known.has(next.raw);
  };
  const whole = (): PlannedRun[] => {
    if (match === undefined || match.blocks.length !== pending.length) return [];
    const run = { blocks: pending, known: match, hasty: match.hasty };
    pending = [];
    match = undefined;
    return [run];
  };
  return {
    add(next) {
      if (match !== undefined && match.blocks[pending.length]?.raw === next.raw) {
        pending.push(next);
        return whole();
      }
      // What matched so far is the beginning of a run in which something changed.
      match = undefined;
      const run = known.beginningWith(next.raw);
      const bytes = bytesOf(pending);
      const joins = run === undefined && pending.length > 0 && (bytes < small || isNew === !known.has(next.raw));
      if (joins && bytes + next.block.bytes.length <= most) {
        isNew ||= !known.has(next.raw);
        pending.push(next);
        return [];
      }
      const runs = take();
      begin(next, run);
      return [...runs, ...whole()];
    },
    end: take,
  };
}
