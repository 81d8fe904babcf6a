/** Finds what the binaries of a merged index need of Sources: of blocks that are as they were it is known. */
import { CatchUp } from "../archive/catch-up.ts";
import { lazily } from "../archive/lazily.ts";
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

export interface NeedsCollector {
  /** Goes on with the blocks that there are so far. */
  ahead(): void;
  /** When there are all. */
  done(): Promise<TargetNeeds>;
}

/** @param blocks of all components, in their order, as they come */
export function collectNeeds(
  { suite }: MergeOrder,
  target: Target,
  blocks: readonly KeptBlock[],
  { state }: World,
  { full }: RunRequest,
): NeedsCollector {
  const name = outcomeName(target);
  const read = lazily(async () => {
    const before = full ? undefined : await readIndexNeeds(state, suite.name, name);
    return { before, known: new Map(before?.blocks.map((block) => [block.raw, block])) };
  });
  const found: BlockNeeds[] = [];
  const collecting = new CatchUp(blocks, async ({ raw, kept, edited }) => {
    const { known } = await read();
    const beyond = beyondText(kept, edited);
    const old = known.get(raw);
    found.push(old?.beyond === beyond ? old : { raw, beyond, needs: needsOfBlock(kept) });
  });
  return {
    ahead: () => collecting.ahead(),
    async done() {
      await collecting.done();
      const { before } = await read();
      const needs = indexNeeds(found);
      return { ...needs, remember: () => writeIndexNeeds(state, suite.name, name, needs, before) };
    },
  };
}
