import assert from "node:assert/strict";
import { test } from "node:test";
import { firstLine, watchChanges } from "../../lib/archive/block-changes.ts";
import { sha256Of } from "../../lib/archive/digests.ts";
import { diffUnits } from "../../lib/archive/unit-diff.ts";
import { blockStep } from "../../lib/pdiff/block-diff.ts";
import { formatEdScript } from "../../lib/pdiff/edit-script.ts";
import { createStepWriter, decodeStep, encodeStep, forward, type Step } from "../../lib/pdiff/step.ts";

const stanza = (name: string, ...lines: readonly string[]): string => [`Package: ${name}`, ...lines, "", ""].join("\n");

function stepOf(old: string, fresh: string): Step {
  const writer = createStepWriter();
  diffUnits(Buffer.from(old), Buffer.from(fresh), "stanza", writer);
  return writer.finish();
}

const edOf = (step: Step | undefined): string => (step === undefined ? "none" : (formatEdScript(forward(step))?.toString() ?? "none"));

test("diffUnits: of a stanza that changed only the lines that did", () => {
  const old = stanza("a", "Version: 1", "Depends: x", "Size: 1") + stanza("b", "Version: 1");
  const fresh = stanza("a", "Version: 2", "Depends: x", "Size: 2") + stanza("b", "Version: 1");
  assert.equal(edOf(stepOf(old, fresh)), "4c\nSize: 2\n.\n2c\nVersion: 2\n.\n");
});

test("diffUnits: neighbours that changed are compared each with its own", () => {
  const old = ["a", "b", "c"].map((name) => stanza(name, "Version: 1", "Depends: x")).join("");
  const fresh = ["a", "b", "c"].map((name) => stanza(name, "Version: 2", "Depends: x")).join("");
  assert.equal(edOf(stepOf(old, fresh)), "10c\nVersion: 2\n.\n6c\nVersion: 2\n.\n2c\nVersion: 2\n.\n");
});

test("diffUnits: a stanza that came, and one that went", () => {
  const old = stanza("a", "Version: 1") + stanza("c", "Version: 1");
  assert.equal(
    edOf(stepOf(old, stanza("a", "Version: 1") + stanza("b", "Version: 1") + stanza("c", "Version: 1"))),
    "3a\nPackage: b\nVersion: 1\n\n.\n",
  );
  assert.equal(edOf(stepOf(old, stanza("c", "Version: 1"))), "1,3d\n");
});

const STEP = stepOf(stanza("a", "Version: 1"), stanza("a", "Version: 2") + stanza("b"));

for (const [what, bytes] of [
  ["nothing", Buffer.alloc(0)],
  ["half of it", encodeStep(STEP).subarray(0, -3)],
  ["more than it", Buffer.concat([encodeStep(STEP), Buffer.from("x")])],
  ["no JSON", Buffer.from("x\n")],
  ["no list", Buffer.from("{}\n")],
  ["a row that is none", Buffer.from("[[1,2,3]]\n")],
  ["a negative number", Buffer.from("[[-1,0,0,1,2]]\nx\n")],
  ["lines that are not so many", Buffer.from("[[0,0,0,2,2]]\nx\n")],
  ["a text that does not end with a line", Buffer.from("[[0,0,0,1,2]]\nxy")],
  ["places out of order", Buffer.from("[[5,0,0,1,2],[4,0,0,1,2]]\nx\ny\n")],
  ["a row that does nothing", Buffer.from("[[0,0,0,0,0]]\n")],
] as const) {
  test(`decodeStep: ${what} is no step`, () => assert.equal(decodeStep(bytes), undefined));
}

/** Blocks by their text. */
async function watched(
  old: readonly string[],
  fresh: readonly string[],
  lost: readonly number[] = [],
): Promise<{ step: Step | undefined; read: number }> {
  let read = 0;
  const step = blockStep("stanza");
  const watch = watchChanges(
    {
      raw: old.map((text) => sha256Of(text)),
      read: async (position) => {
        read++;
        return lost.includes(position) ? undefined : Buffer.from(old[position] ?? "");
      },
    },
    firstLine,
    [step],
  );
  for (const text of fresh) {
    const room = Buffer.from(text);
    step.see({ bytes: room }, watch.see(room, sha256Of(text)));
    room.fill(0); // The room is used again.
  }
  return { step: (await watch.tell()) ? step.finish() : undefined, read };
}

const [A, B, C, D] = ["a", "b", "c", "d"].map((name) => stanza(name, "Version: 1"));
const B2 = stanza("b", "Version: 2");

test("blocks: only blocks that changed are read", async () => {
  const { step, read } = await watched([A ?? "", B ?? "", C ?? ""], [A ?? "", B2, C ?? ""]);
  assert.deepEqual([edOf(step), read], ["5c\nVersion: 2\n.\n", 1]);
});

for (const [what, fresh, ed] of [
  ["a block that came", [A, B, C, D], "9a\nPackage: d\nVersion: 1\n\n.\n"],
  ["a block that went", [A, C], "4,6d\n"],
  ["blocks in another order", [B, A, C], "6a\nPackage: a\nVersion: 1\n\n.\n1,3d\n"],
  ["nothing left", [], "1,9d\n"],
  ["nothing changed", [A, B, C], ""],
  ["a block twice", [A, A, B, C], "3a\nPackage: a\nVersion: 1\n\n.\n"],
] as const) {
  test(`blocks: ${what}`, async () => {
    const { step } = await watched(
      [A ?? "", B ?? "", C ?? ""],
      fresh.map((text) => text ?? ""),
    );
    assert.equal(edOf(step), ed);
  });
}

test("blocks: a block whose text is lost makes no step", async () => {
  assert.equal((await watched([A ?? "", B ?? ""], [A ?? "", B2], [1])).step, undefined);
});
