/** Functions run in another thread: what they give, what they refuse, and threads that come to no end. */
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { test } from "node:test";
import { MergeError } from "../../lib/errors.ts";
import { aside } from "../../lib/io/aside.ts";
import type { AsideTask } from "../../lib/ports.ts";

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

test("aside: a thread that was prepared does the task that it was prepared for, and the next one gets another", async () => {
  const counted = task<undefined, number>("counted");
  aside.prepare(counted);
  aside.prepare(counted);
  assert.deepEqual([await aside.run(counted, undefined), await aside.run(counted, undefined)], [1, 1]);
  aside.prepare({ module: new URL("not-there.ts", import.meta.url).href, name: "nothing" });
  await assert.rejects(aside.run({ module: new URL("not-there.ts", import.meta.url).href, name: "nothing" }, 0), /not-there/);
});
