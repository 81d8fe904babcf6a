/** Finds what the binaries of a merged index need of Sources: of blocks that are as they were it is known. */
import { FairTurns } from "../archive/fair-turns.ts";
import type { Sha256 } from "../archive/names.ts";
import { beyondText, needsOfBlock } from "../merge/block-needs.ts";
import type { Kept } from "../merge/candidate.ts";
import { type BlockNeeds, type IndexNeeds, indexNeeds, readIndexNeeds, writeIndexNeeds } from "../state/known-needs.ts";
import type { MergeOrder } from "./merge-suite.ts";
import type { Target } from "./suite-targets.ts";
import { outcomeName } from "./target-outcome.ts";
import type { RunRequest, World } from "./world.ts";

/** A block of the composed index, and what it was made of. */
export interface KeptBlock {
  readonly raw: Sha256;
  readonly kept: readonly Kept[];
  /** Of all blocks: those of which it has other text than their mirror gave. */
  readonly edited: ReadonlySet<Kept>;
}

export interface TargetNeeds extends IndexNeeds {
  /** Keeps them for the next run. */
  remember(): Promise<void>;
}

/** @param blocks of all components, in their order */
export async function targetNeeds(
  { suite }: MergeOrder,
  target: Target,
  blocks: readonly KeptBlock[],
  { state }: World,
  { full }: RunRequest,
): Promise<TargetNeeds> {
  const name = outcomeName(target);
  const before = full ? undefined : await readIndexNeeds(state, suite.name, name);
  const known = new Map(before?.blocks.map((block) => [block.raw, block]));
  const turns = new FairTurns();
  const found: BlockNeeds[] = [];
  for (const { raw, kept, edited } of blocks) {
    const beyond = beyondText(kept, edited);
    const old = known.get(raw);
    found.push(old?.beyond === beyond ? old : { raw, beyond, needs: needsOfBlock(kept) });
    // Compressors and other threads are not to wait for all of them.
    if (turns.due) await turns.pass();
  }
  const needs = indexNeeds(found);
  return { ...needs, remember: () => writeIndexNeeds(state, suite.name, name, needs, before) };
}
