/** Which blocks are compressed together. Blocks are written as letters here: a capital one opens a run. */
import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { sha256Of } from "../../lib/archive/digests.ts";
import type { Sha256 } from "../../lib/archive/names.ts";
import { type KnownRuns, knownRuns, NO_KNOWN_RUNS, type RunPlace } from "../../lib/compose/known-runs.ts";
import { type PlannedBlock, type PlannedRun, planRuns } from "../../lib/compose/run-planner.ts";

const SIZES = { least: 40, most: 80 };
/** What a run may grow to by updates. */
const GROWN = 100;
const BLOCK_BYTES = 10;
/** Of a block that is no letter: larger than any run should be. */
const LARGE_BYTES = 78;

const raw = (letter: string): Sha256 => sha256Of(letter);
const letters = new Map<string, string>();
const planned = (letter: string): PlannedBlock => {
  letters.set(raw(letter), letter);
  const opensRun = letter !== letter.toLowerCase();
  return {
    raw: raw(letter),
    block: { bytes: Buffer.alloc(/[%&]/.test(letter) ? LARGE_BYTES : BLOCK_BYTES), stanzas: 1, overridden: 0, opensRun, release: () => {} },
  };
};

function plan(text: string, known: KnownRuns = NO_KNOWN_RUNS, settle = false): readonly PlannedRun[] {
  const planner = planRuns(known, settle, SIZES);
  return [...[...text].flatMap((letter) => planner.add(planned(letter))), ...planner.end()];
}

const textOf = ({ blocks }: PlannedRun): string => blocks.map(({ raw: digest }) => letters.get(digest)).join("");

/** Runs by bars; `=` before one that is taken over, `~` before one that is made from an older one. */
const shape = (runs: readonly PlannedRun[]): string =>
  runs.map((run) => `${run.known !== undefined ? "=" : run.source !== undefined ? "~" : ""}${textOf(run)}`).join("|");

/** What is known when these runs are published. */
function published(runs: readonly PlannedRun[]): KnownRuns {
  const places = runs.map(({ blocks, source }, offset): RunPlace => {
    const known = blocks.map((one) => ({ raw: one.raw, plainBytes: one.block.bytes.length }));
    return { blocks: known, offset, bytes: 1, unpaddedBytes: 1, edited: source !== undefined, bond: sha256Of("") };
  });
  return knownRuns({ runs: places }, async () => undefined);
}

const FIRST = "AbcdefGhijKlmnopqrstuvwxyz";

test("planRuns: from nothing, a run ends where one may begin once it is long enough, and at its greatest length", () => {
  assert.equal(shape(plan(FIRST)), "Abcdef|Ghij|Klmnopqr|stuvwxyz");
});

test("planRuns: an insertion moves the borders of its own neighbourhood only", () => {
  assert.equal(shape(plan("AbcdefGhij1KlmnopqrStuvwxyz")), "Abcdef|Ghij1|Klmnopqr|Stuvwxyz");
});

const known = published(plan(FIRST));
for (const [what, text, want] of [
  ["nothing changed", FIRST, "=Abcdef|=Ghij|=Klmnopqr|=stuvwxyz"],
  ["a block in the middle of a run changed", "Abc1efGhijKlmnopqrstuvwxyz", "~Abc1ef|=Ghij|=Klmnopqr|=stuvwxyz"],
  ["the first block of all changed", "1bcdefGhijKlmnopqrstuvwxyz", "~1bcdef|=Ghij|=Klmnopqr|=stuvwxyz"],
  ["the first block of another run changed", "Abcdef1hijKlmnopqrstuvwxyz", "=Abcdef|~1hij|=Klmnopqr|=stuvwxyz"],
  ["the last block of a run changed", "Abcde1GhijKlmnopqrstuvwxyz", "~Abcde1|=Ghij|=Klmnopqr|=stuvwxyz"],
  ["the blocks on both sides of a border changed", "Abcde12hijKlmnopqrstuvwxyz", "~Abcde1|~2hij|=Klmnopqr|=stuvwxyz"],
  ["a block was added between two runs", "Abcdef1GhijKlmnopqrstuvwxyz", "=Abcdef|~1Ghij|=Klmnopqr|=stuvwxyz"],
  ["a block was added behind all", "AbcdefGhijKlmnopqrstuvwxyz1", "=Abcdef|=Ghij|=Klmnopqr|=stuvwxyz|1"],
  ["a run went", "AbcdefKlmnopqrstuvwxyz", "=Abcdef|=Klmnopqr|=stuvwxyz"],
  ["the last block of a run went", "AbcdeGhijKlmnopqrstuvwxyz", "~Abcde|=Ghij|=Klmnopqr|=stuvwxyz"],
  ["a run grew too long", "Abc0123456789efGhijKlmnopqrstuvwxyz", "~Abc012|~3456|~789ef|=Ghij|=Klmnopqr|=stuvwxyz"],
  ["runs changed places", "GhijAbcdefKlmnopqrstuvwxyz", "=Ghij|=Abcdef|=Klmnopqr|=stuvwxyz"],
  ["a run grew and changed behind that", "Abc12de3fGhijKlmnopqrstuvwxyz", "~Abc12de3f|=Ghij|=Klmnopqr|=stuvwxyz"],
  ["all of two runs changed", "0123456789Klmnopqrstuvwxyz", "~012345|~6789|=Klmnopqr|=stuvwxyz"],
  ["all is new", "0123456789", "~012345|~6789"],
  ["nothing is left", "", ""],
] as const) {
  test(`planRuns: an update in which ${what}`, () => assert.equal(shape(plan(text, known)), want));
}

const withLarge = published(plan("Abcd%efg"));
for (const [what, text, want] of [
  ["nothing changed", "Abcd%efg", "=Abcd|=%|=efg"],
  ["it changed", "Abcd&efg", "=Abcd|~&|=efg"],
  ["another came to be behind it", "Abcd%&efg", "=Abcd|=%|~&ef|~g"],
  ["it is all that is left, changed", "&", "~&"],
  ["it and the end of the run before changed", "Abc1&efg", "~Abc1|~&|=efg"],
  ["it and what follows changed", "Abcd&1fg", "=Abcd|~&|~1fg"],
  ["it is the last one and changed", "Abcd&", "=Abcd|~&"],
] as const) {
  test(`planRuns: of a block that is a run of its own, ${what}`, () => {
    assert.equal(shape(plan(text, withLarge)), want);
  });
}

test("planRuns: settling keeps what would come out the same, unless it was made from an older run", () => {
  const changed = published(plan("Abc1efGhijKlmnopqrstuvwxyz", known));
  assert.equal(shape(plan("Abc1efGhijKlmnopqrstuvwxyz", changed, true)), "Abc1ef|=Ghij|=Klmnopqr|=stuvwxyz");
});

test("law: whatever was published, every block comes out once and in order, and what is taken over is what was published", () => {
  const text = fc.string({ unit: fc.constantFrom(..."aBcDefgHij0123"), maxLength: 60 });
  fc.assert(
    fc.property(fc.array(text, { maxLength: 5 }), text, fc.boolean(), (history, now, settle) => {
      let before = NO_KNOWN_RUNS;
      for (const earlier of history) before = published(plan(earlier, before));
      const runs = plan(now, before, settle);
      assert.equal(runs.map(textOf).join(""), now);
      for (const run of runs) {
        assert.ok(run.blocks.length > 0);
        if (run.known !== undefined)
          assert.deepEqual(
            run.known.blocks.map((one) => one.raw),
            run.blocks.map((one) => one.raw),
          );
        else assert.ok(run.blocks.length * BLOCK_BYTES <= GROWN);
      }
    }),
  );
});

test("law: settling gives the runs of a first run, whatever was published", () => {
  const text = fc.string({ unit: fc.constantFrom(..."aBcDefgHij0123"), maxLength: 60 });
  fc.assert(
    fc.property(fc.array(text, { maxLength: 5 }), text, (history, now) => {
      let before = NO_KNOWN_RUNS;
      for (const earlier of history) before = published(plan(earlier, before));
      assert.deepEqual(plan(now, before, true).map(textOf), plan(now).map(textOf));
    }),
  );
});
