import assert from "node:assert/strict";
import { test } from "node:test";
import { setImmediate as turn } from "node:timers/promises";
import { CatchUp } from "../../lib/archive/catch-up.ts";

test("CatchUp: each item is worked on once and in order, however often it is asked to go ahead", async () => {
  const items: number[] = [];
  const seen: [item: number, position: number][] = [];
  let atOnce = 0;
  const work = new CatchUp(items, async (item, position) => {
    assert.equal(++atOnce, 1, "one after the other");
    await turn();
    seen.push([item, position]);
    atOnce--;
  });
  for (let item = 10; item < 60; item++) {
    items.push(item);
    if (item % 3 === 0) work.ahead();
    if (item % 7 === 0) await turn();
  }
  assert.ok(seen.length > 0 && seen.length < items.length, `${seen.length} were done ahead`);
  await work.done();
  assert.deepEqual(
    seen,
    items.map((item, position) => [item, position]),
  );
  await work.done();
  assert.equal(seen.length, items.length);
});

test("CatchUp: what fails ahead is heard of at the end, and nothing behind it is worked on", async () => {
  const seen: number[] = [];
  const work = new CatchUp([1, 2, 3], (item) => {
    if (item === 2) throw new Error("two");
    seen.push(item);
  });
  work.ahead();
  await turn();
  await assert.rejects(work.done(), /two/);
  assert.deepEqual(seen, [1]);
});

test("CatchUp: what failed once is not tried again, since a part of it may be done", async () => {
  let tries = 0;
  const work = new CatchUp([1], () => {
    if (tries++ === 0) throw new Error("the first time");
  });
  work.ahead();
  await turn();
  work.ahead();
  await assert.rejects(work.done(), /the first time/);
  assert.equal(tries, 1);
});

test("CatchUp: an item that comes as the work ends is not passed over", async () => {
  for (let ticks = 0; ticks < 12; ticks++) {
    const items = [1];
    const seen: number[] = [];
    const work = new CatchUp(items, (item) => void seen.push(item));
    work.ahead();
    for (let tick = 0; tick < ticks; tick++) await Promise.resolve();
    items.push(2);
    await work.done();
    assert.deepEqual(seen, [1, 2], `after ${ticks} ticks`);
  }
});

test("CatchUp: long work lets others have their turn", async () => {
  let turns = 0;
  const ticking = setInterval(() => turns++, 1);
  const busy = (): void => {
    for (const until = performance.now() + 10; performance.now() < until; );
  };
  await new CatchUp(Array(20).fill(0), busy).done();
  clearInterval(ticking);
  assert.ok(turns > 5, `${turns}`);
});
