/** Laws of edit scripts and steps. Texts are made of few different lines, so that they repeat and meet. */
import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { firstLine, watchChanges } from "../../lib/archive/block-changes.ts";
import { sha256Of } from "../../lib/archive/digests.ts";
import { diffUnits, type Unit } from "../../lib/archive/unit-diff.ts";
import { blockStep } from "../../lib/pdiff/block-diff.ts";
import type { EditScript } from "../../lib/pdiff/edit-script.ts";
import { applyScript, applyToStream, composeScripts, formatEdScript, parseEdScript } from "../../lib/pdiff/edit-script.ts";
import { provePatches } from "../../lib/pdiff/proof.ts";
import { backward, createStepWriter, decodeStep, encodeStep, forward, type Step } from "../../lib/pdiff/step.ts";

const line = fc.constantFrom("a", "b", "c", "", "Package: x", " more", "é").map((text) => `${text}\n`);
const text = fc.array(line, { maxLength: 25 }).map((lines) => Buffer.from(lines.join("")));
const unit = fc.constantFrom<Unit>("line", "stanza");
/** States of a text, each with some lines of the one before. */
const history = fc.array(text, { minLength: 2, maxLength: 5 });

function stepOf(old: Buffer, fresh: Buffer, kind: Unit = "line"): Step {
  const writer = createStepWriter();
  diffUnits(old, fresh, kind, writer);
  return writer.finish();
}

const parsed = (patch: Buffer): EditScript => {
  const script = parseEdScript(patch);
  return "fault" in script ? assert.fail(script.fault) : script;
};

/** Patches from each state to the last, as they are published. */
function patchesOf(steps: readonly Step[]): readonly Buffer[] {
  const patches: Buffer[] = [];
  let script: EditScript = [];
  for (const step of steps.toReversed()) {
    script = composeScripts(forward(step), script);
    patches.unshift(formatEdScript(script) ?? assert.fail("a line is a lone dot"));
  }
  return patches;
}

test("law: a step leads from the old text to the new one and back, and survives storing", () => {
  fc.assert(
    fc.property(text, text, unit, (old, fresh, kind) => {
      const step = stepOf(old, fresh, kind);
      assert.deepEqual(applyScript(old, forward(step)), fresh);
      assert.deepEqual(applyScript(fresh, backward(step)), old);
      assert.deepEqual(decodeStep(encodeStep(step)), step);
    }),
    { numRuns: 2000 },
  );
});

test("law: a text that comes in blocks makes the step of the whole text, wherever blocks begin", async () => {
  const blocks = fc.array(
    fc.array(line, { minLength: 1, maxLength: 6 }).map((lines) => lines.join("")),
    { maxLength: 8 },
  );
  await fc.assert(
    fc.asyncProperty(blocks, blocks, fc.nat(8), unit, async (first, second, shared, kind) => {
      // Some blocks are those of before, in their places or others.
      const fresh = second.map((text, position) => (position % 3 === shared % 3 ? (first[position] ?? first[shared] ?? text) : text));
      const blocksOf = { raw: first.map((text) => sha256Of(text)), read: async (position: number) => Buffer.from(first[position] ?? "") };
      const writer = blockStep(kind);
      const watch = watchChanges(blocksOf, firstLine, [writer]);
      for (const [position, text] of fresh.entries()) {
        writer.see({ bytes: Buffer.from(text) }, watch.see(Buffer.from(text), sha256Of(text)));
        // Now and then there is time to tell some of it.
        if (position % 3 === shared % 2) watch.ahead();
        if (position % 2 === shared % 2) await new Promise(setImmediate);
      }
      assert.ok(await watch.tell());
      const step = writer.finish();
      const [old, now] = [Buffer.from(first.join("")), Buffer.from(fresh.join(""))];
      assert.deepEqual(applyScript(old, forward(step)), now);
      assert.deepEqual(applyScript(now, backward(step)), old);
    }),
    { numRuns: 3000 },
  );
});

test("law: scripts joined do what they do one after the other, also written out and read again", () => {
  fc.assert(
    fc.property(history, (states) => {
      const steps = states.slice(1).map((fresh, position) => stepOf(states[position] ?? Buffer.alloc(0), fresh));
      for (const [position, patch] of patchesOf(steps).entries())
        assert.deepEqual(applyScript(states[position] ?? Buffer.alloc(0), parsed(patch)), states.at(-1));
    }),
    { numRuns: 2000 },
  );
});

test("law: a text that comes in pieces of any size is patched as one that comes whole", async () => {
  await fc.assert(
    fc.asyncProperty(text, text, fc.array(fc.integer({ min: 1, max: 9 }), { minLength: 1 }), async (old, fresh, sizes) => {
      const script = forward(stepOf(old, fresh));
      async function* pieces(): AsyncGenerator<Buffer> {
        for (let at = 0, turn = 0; at < old.length; turn++) {
          const size = sizes[turn % sizes.length] ?? 1;
          yield old.subarray(at, at + size);
          at += size;
        }
      }
      const parts: Buffer[] = [];
      for await (const part of applyToStream(pieces(), script)) parts.push(Buffer.from(part));
      assert.deepEqual(Buffer.concat(parts), fresh);
    }),
    { numRuns: 1000 },
  );
});

test("law: what leads to the newest state is proven, and what does not is not", () => {
  let refused = 0;
  fc.assert(
    fc.property(history, fc.nat(), fc.nat(), fc.nat(255), (states, which, where, value) => {
      const steps = states.slice(1).map((fresh, position) => stepOf(states[position] ?? Buffer.alloc(0), fresh));
      const patches = patchesOf(steps);
      assert.deepEqual(provePatches(steps, patches), [...patches.keys()]);
      const position = which % patches.length;
      const spoiled = Buffer.from(patches[position] ?? "");
      if (spoiled.length === 0) return;
      spoiled[where % spoiled.length] = value;
      const script = parseEdScript(spoiled);
      let made: Buffer | undefined;
      try {
        made = "fault" in script ? undefined : applyScript(states[position] ?? Buffer.alloc(0), script);
      } catch {
        made = undefined;
      }
      if (made?.equals(states.at(-1) ?? Buffer.alloc(0))) return;
      refused++;
      assert.ok(!provePatches(steps, patches.with(position, spoiled)).includes(position), spoiled.toString());
    }),
    { numRuns: 3000 },
  );
  assert.ok(refused > 500, `only ${refused} patches were spoiled`);
});

test("law: any bytes are a script or a fault, and a script applies or is refused", () => {
  const command = fc.tuple(
    fc.nat(12),
    fc.option(fc.nat(14)),
    fc.constantFrom("a", "c", "d", "i", ""),
    fc.constantFrom("x\n.\n", "", ".\n", "y\n"),
  );
  const script = fc
    .array(command, { maxLength: 4 })
    .map((all) => all.map(([from, to, name, body]) => `${from}${to === null ? "" : `,${to}`}${name}\n${body}`).join(""));
  fc.assert(
    fc.property(fc.oneof(script.map(Buffer.from), fc.uint8Array().map(Buffer.from)), text, (bytes, old) => {
      const read = parseEdScript(Buffer.from(bytes));
      if ("fault" in read) return assert.match(read.fault, /^line \d+ is /);
      try {
        applyScript(old, read);
      } catch (error) {
        assert.match(String(error), /Cannot apply a patch/);
      }
    }),
    { numRuns: 3000 },
  );
});
