/** Functions run in another thread: what they give, what they refuse, and threads that come to no end. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { MergeError } from "../../lib/errors.ts";
import { aside } from "../../lib/io/aside.ts";
import type { AsideTask } from "../../lib/ports.ts";

const task = <In, Out>(name: string): AsideTask<In, Out> => ({ module: new URL("aside-functions.ts", import.meta.url).href, name });

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
