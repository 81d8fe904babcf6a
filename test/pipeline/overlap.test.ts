import assert from "node:assert/strict";
import { test } from "node:test";
import { setTimeout as wait } from "node:timers/promises";
import { overlapping } from "../../lib/pipeline/overlap.ts";

/** What happened, in order: `+` begun, `~` waits, `-` ended. */
async function story(items: string, steps: Readonly<Record<string, { busy: number; waits: number; fails?: boolean }>>): Promise<string> {
  const told: string[] = [];
  const work = async (item: string, waiting: () => void): Promise<string> => {
    const { busy = 0, waits = 0, fails = false } = steps[item] ?? {};
    told.push(`+${item}`);
    await wait(busy);
    if (waits > 0) {
      told.push(`~${item}`);
      waiting();
      await wait(waits);
    }
    told.push(`-${item}`);
    if (fails) throw new Error(item);
    return item;
  };
  const out: string[] = [];
  try {
    for await (const one of overlapping(items, work)) out.push(one);
    told.push(`= ${out.join("")}`);
  } catch (error) {
    told.push(`! ${(error as Error).message}`);
  }
  return told.join(" ");
}

const BUSY = { busy: 20, waits: 0 };
const LONG = { busy: 5, waits: 60 };

for (const [what, items, steps, want] of [
  ["nothing", "", {}, "= "],
  ["one that never waits is ended before the next", "ab", { a: BUSY, b: BUSY }, "+a -a +b -b = ab"],
  ["the next begins while one waits, and no third", "abc", { a: LONG, b: LONG, c: BUSY }, "+a ~a +b ~b -a +c -b -c = abc"],
  ["order stays though a later one is done first", "ab", { a: { busy: 1, waits: 60 }, b: { busy: 1, waits: 1 } }, "+a ~a +b ~b -b -a = ab"],
  ["a failure is thrown when what was begun has ended", "abc", { a: LONG, b: { busy: 1, waits: 1, fails: true } }, "+a ~a +b ~b -b -a ! b"],
  [
    "the first failure in order counts",
    "ab",
    { a: { ...LONG, fails: true }, b: { busy: 1, waits: 1, fails: true } },
    "+a ~a +b ~b -b -a ! a",
  ],
] as const) {
  test(`overlapping: ${what}`, async () => assert.equal(await story(items, steps), want));
}

test("overlapping: who stops listening has what was begun ended", async () => {
  let ended = 0;
  const work = async (item: number, waiting: () => void): Promise<number> => {
    waiting();
    await wait(10 * item);
    ended++;
    return item;
  };
  for await (const one of overlapping([1, 2, 3], work)) {
    assert.equal(one, 1);
    break;
  }
  assert.equal(ended, 2);
});
