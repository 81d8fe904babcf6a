/** The relations of an index block by block, as clients will read them: they are read only of stanzas that are asked for. */
import { CatchUp } from "../archive/catch-up.ts";
import { lazily } from "../archive/lazily.ts";
import type { Sha256 } from "../archive/names.ts";
import type { RelationStanza } from "../closure/relation-fields.ts";
import { type BlockMentions, mentionsOf, type RelationBlock, speakForAll } from "../closure/still-uninstallable.ts";
import type { SuiteSettings } from "../settings.ts";
import { readMentions, writeMentions } from "../state/known-mentions.ts";
import { relationsOf, type TargetOverrides } from "./override-edits.ts";
import type { Target } from "./suite-targets.ts";
import type { KeptBlock } from "./target-needs.ts";
import { outcomeName } from "./target-outcome.ts";
import type { RunRequest, World } from "./world.ts";

export interface RelationCollector {
  /** Goes on with the blocks that there are so far. */
  ahead(): void;
  /** When there are all. */
  done(): Promise<readonly RelationBlock[]>;
  /** Keeps what all blocks speak of for the next run. */
  remember(): Promise<void>;
}

/** What blocks speak of is taken over of those that stayed. @param blocks of all components, as they come */
export function collectRelations(
  suite: SuiteSettings,
  target: Target,
  blocks: readonly KeptBlock[],
  overrides: TargetOverrides,
  { state }: World,
  { full }: RunRequest,
): RelationCollector {
  const name = outcomeName(target);
  const read = lazily(async () => (full ? new Map<Sha256, BlockMentions>() : readMentions(state, suite.name, name)));
  const found = new Map<Sha256, BlockMentions>();
  const all: RelationBlock[] = [];
  const collecting = new CatchUp(blocks, async (block) => {
    const { raw, kept } = block;
    const old = (await read()).get(raw);
    const mentions = old !== undefined && speakForAll(old, kept.length) ? old : mentionsOf(relationsOf(kept, overrides));
    found.set(raw, mentions);
    all.push({ mentions, stanza: stanzasOf(block, overrides) });
  });
  const done = async (): Promise<readonly RelationBlock[]> => {
    await collecting.done();
    return all;
  };
  return {
    ahead: () => collecting.ahead(),
    done,
    async remember() {
      await done();
      const known = await read();
      const isKnown = found.size === known.size && [...found].every(([raw, mentions]) => known.get(raw) === mentions);
      if (!isKnown) await writeMentions(state, suite.name, name, found);
    },
  };
}

/** One by one: few are asked for, all over the index. */
function stanzasOf({ kept, edited }: KeptBlock, overrides: TargetOverrides): (place: number) => RelationStanza {
  const read = new Map<number, RelationStanza>();
  return (place) => {
    const known = read.get(place);
    if (known !== undefined) return known;
    const one = kept[place];
    if (one === undefined) throw new Error(`A block of ${kept.length} stanzas is asked for number ${place}`);
    const [changed] = edited.has(one) ? relationsOf([one], overrides) : [];
    const stanza = changed ?? { table: one.input.table, stanza: one.stanza };
    read.set(place, stanza);
    return stanza;
  };
}
