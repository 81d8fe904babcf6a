/** Functions run in another thread: what they give, what they refuse, and threads that come to no end. */
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { test } from "node:test";
import { MergeError } from "../../lib/errors.ts";
import { aside } from "../../lib/io/aside.ts";
import { buffersOf } from "../../lib/io/transferable.ts";
import type { AsideTask, OpenedTask } from "../../lib/ports.ts";

const MODULE = new URL("aside-functions.ts", import.meta.url).href;
const task = <In, Out>(name: string): AsideTask<In, Out> => ({ module: MODULE, name });
const often = <In, Out>(name: string): AsideTask<In, Out> => ({ module: MODULE, name, often: true });

test("aside: input and output are copies, or change hands", async () => {
  const bytes = Uint8Array.of(1, 2, 3);
  assert.deepEqual((await aside.run(task<object, { bytes: Uint8Array }>("doubled"), { bytes })).bytes, Uint8Array.of(2, 4, 6));
  assert.equal(bytes.length, 3);
  await aside.run(task("doubled"), { bytes }, [bytes.buffer]);
  assert.equal(bytes.length, 0);
  assert.equal(Buffer.from((await aside.run(task<string, { bytes: Uint8Array }>("pooled"), "small")).bytes).toString(), "small");
});

test("aside: a refusal arrives with its code and its place", async () => {
  await assert.rejects(aside.run(task("refusing"), "that"), (error) => {
    assert.ok(error instanceof MergeError);
    assert.deepEqual([error.code, error.message, error.where], ["INDEX_TOO_LARGE", "Cannot do that", { suite: "one" }]);
    return true;
  });
});

test("aside: a slip, a thread that ends and a function that is not there are errors, and nothing is waited for", async () => {
  await assert.rejects(aside.run(task("broken"), "that"), /a slip with that/);
  await assert.rejects(aside.run(task("ending"), 3), /ending in a thread of its own ended with status 3 and without an answer/);
  await assert.rejects(aside.run(task("missing"), ""), /There is no function missing/);
});

test("aside: what is asked for often is done in a thread that stays, one thing at a time in each", async () => {
  const first = await aside.run(often<undefined, number>("counted"), undefined);
  assert.deepEqual([first, await aside.run(often<undefined, number>("counted"), undefined)], [1, 2]);
  const twice = await Promise.all([1, 2].map(() => aside.run(often<undefined, number>("counted"), undefined)));
  assert.deepEqual(twice.toSorted(), [1, 3], "the thread that was there, and another one");
  assert.equal(await aside.run(task<undefined, number>("counted"), undefined), 1, "what is not asked for often has a thread of its own");
});

test("aside: a thread that stays does one task alone", async () => {
  const first = await aside.run(often<undefined, number>("counted"), undefined);
  assert.equal((await aside.run(often<object, { bytes: Uint8Array }>("doubled"), { bytes: Uint8Array.of(1) })).bytes[0], 2);
  assert.equal(await aside.run(often<undefined, number>("doublyCounted"), undefined), 2, "in a thread that has not counted yet");
  assert.equal(await aside.run(often<undefined, number>("counted"), undefined), first + 1);
});

test("aside: buffers in the fields of what comes out change hands, however deep they lie", async () => {
  const { bytes, inner } = await aside.run(task<undefined, { bytes: Uint8Array; inner: { numbers: Int32Array } }>("nested"), undefined);
  assert.deepEqual([bytes, inner.numbers], [Uint8Array.of(1), Int32Array.of(2)]);
  assert.deepEqual(buffersOf({ bytes, inner, list: [bytes], text: "x", none: undefined }), [bytes.buffer, inner.numbers.buffer]);
  assert.deepEqual(buffersOf({ small: Buffer.from("in a pool of Node's") }), []);
});

test("aside: after a refusal a thread does more, after a slip another one is started", async () => {
  await assert.rejects(aside.run(often("refusing"), "that"), { code: "INDEX_TOO_LARGE" });
  await assert.rejects(aside.run(often("broken"), "that"), /a slip with that/);
  await assert.rejects(aside.run(often("ending"), 3), /ended with status 3 and without an answer/);
  assert.ok((await aside.run(often<undefined, number>("counted"), undefined)) > 0);
});

test("aside: threads that wait for more do not keep the process from ending, those at work do", () => {
  const script = `
    import { aside } from ${JSON.stringify(new URL("../../lib/io/aside.ts", import.meta.url).href)};
    const task = (name) => ({ module: ${JSON.stringify(MODULE)}, name, often: true });
    await aside.run(task("counted"), undefined);
    void aside.run(task("slow"), 300).then((ms) => console.log("slept", ms));
  `;
  const { stdout, status, signal } = spawnSync(process.execPath, ["--input-type=module", "--eval", script], {
    encoding: "utf8",
    timeout: 20_000,
  });
  assert.deepEqual([stdout, status, signal], ["slept 300\n", 0, null]);
});

const adding = task<number, OpenedTask<number, string, string>>("adding");

test("aside: work that is opened takes its parts in order, and one question", async () => {
  const works = await Promise.all([aside.open(adding, 1), aside.open(adding, 10)]);
  for (const part of [2, 3]) for (const work of works) work.give(part, []);
  assert.deepEqual(await Promise.all(works.map((work) => work.answer("sum", []))), ["sum 1+2+3", "sum 10+2+3"]);
});

test("aside: what happens to a part is told to who asks, and no part is taken behind it", async () => {
  for (const [part, want] of [
    [400, { code: "INDEX_TOO_LARGE" }],
    [500, /a slip with 500/],
    [600, /adding in a thread of its own ended with status 6 and without an answer/],
  ] as const) {
    const work = await aside.open(adding, 1);
    for (const one of [2, part, 3]) work.give(one, []);
    await assert.rejects(work.answer("sum", []), want);
  }
  const missing = await aside.open(task<number, OpenedTask<number, string, string>>("missing"), 1);
  missing.give(1, []);
  await assert.rejects(missing.answer("sum", []), /There is no function missing/);
});

test("aside: work that is given up ends, and is no failure", async () => {
  const work = await aside.open(adding, 1);
  work.give(2, []);
  work.end();
  work.give(3, []);
  work.end();
  await assert.rejects(work.answer("sum", []), /ended with status/);
});

test("aside: work that is opened and not asked does not keep the process from ending", () => {
  const script = `
    import { aside } from ${JSON.stringify(new URL("../../lib/io/aside.ts", import.meta.url).href)};
    const work = await aside.open({ module: ${JSON.stringify(MODULE)}, name: "adding" }, 1);
    work.give(2, []);
    console.log("opened");
  `;
  const { stdout, status, signal } = spawnSync(process.execPath, ["--input-type=module", "--eval", script], {
    encoding: "utf8",
    timeout: 20_000,
  });
  assert.deepEqual([stdout, status, signal], ["opened\n", 0, null]);
});
