/** What is gathered while inputs arrive must be what is gathered when all of them are there. */
import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { StanzaScanner } from "../../lib/deb822/stanza-scanner.ts";
import { packages } from "../../lib/kinds/packages.ts";
import { NO_FINDINGS } from "../../lib/merge/contest-rules.ts";
import { type LoadedTarget, loadTarget } from "../../lib/pipeline/decide-target.ts";
import { GatherAhead } from "../../lib/pipeline/gather-ahead.ts";
import { LoadedInput } from "../../lib/pipeline/loaded-input.ts";
import type { SuiteSettings } from "../../lib/settings.ts";
import { AMD64, ban, deb, input, pin, policyOf } from "../merge/inputs.ts";

const TARGET = { kind: packages, architecture: AMD64 };
const SUITE = {
  policy: policyOf({ pins: [pin("package", "pinned", "m1")], bans: [ban("package", "banned")] }),
} as unknown as SuiteSettings;

/** Sound ones, and all that may be wrong with one. */
const STANZAS = [
  ...["a", "b", "c", "pinned", "banned", "Capital", "capital"].flatMap((name) => [deb(name, "1"), deb(name, "2")]),
  deb("other", "1", { Architecture: "arm64" }),
  deb("twice", "1", { version: "2" }),
  deb("bad\u0001byte", "1"),
  deb("a", "1", { Filename: "../escape" }),
  deb("a", "not a version"),
].map((text) => `${text.toString("latin1").trimEnd()}\n\n`);

interface Arriving {
  readonly input: LoadedInput;
  readonly text: Buffer;
  readonly whole: Buffer;
  readonly scanner: StanzaScanner;
  filled: number;
}

function arriving(mirror: string, rank: number, stanzas: readonly string[], limited: boolean): Arriving {
  const { table: _, ...facts } = input(mirror, rank, [], { limited });
  const text = Buffer.from(stanzas.join(""), "latin1");
  const judge = (table: Parameters<typeof packages.fault>[0], stanza: number) => packages.fault(table, stanza, false);
  const scanner = new StanzaScanner(packages.fields, { mirror, suite: "stable", file: "Packages" }, {}, judge);
  return { input: new LoadedInput({ ...facts, watched: false }), text, whole: Buffer.alloc(text.length + 100), scanner, filled: 0 };
}

/** All that can be asked of it. */
function told({ gathered, rules }: LoadedTarget): unknown {
  const facts = (entry: number) => [
    gathered.inputOf(entry).mirror,
    gathered.stanzaOf(entry),
    gathered.pinOf(entry),
    gathered.nameOf(entry),
  ];
  return {
    names: gathered.names.map((name) => [name, gathered.entriesOf(name).map(facts), gathered.onlyOf(name)]),
    refused: gathered.refused.map(({ input: { mirror }, ...one }) => ({ mirror, ...one })),
    left: gathered.left,
    aside: gathered.aside,
    owned: [...gathered.owned],
    paths: gathered.names.flatMap((name) =>
      gathered.entriesOf(name).map((entry) => gathered.paths.mayRepeat(gathered.inputOf(entry), gathered.stanzaOf(entry))),
    ),
    fitted: [[...rules.fitted.ban], [...rules.fitted.pin]],
  };
}

const stanzas = fc.array(fc.constantFrom(...STANZAS), { maxLength: 30 });

test("law: in whatever pieces and order inputs arrive, the same is gathered as from all of them at once", () => {
  fc.assert(
    fc.property(
      fc.array(fc.tuple(stanzas, fc.boolean()), { minLength: 1, maxLength: 3 }),
      fc.array(fc.tuple(fc.nat(2), fc.integer({ min: 1, max: 3000 })), { maxLength: 30 }),
      fc.option(fc.nat(2)),
      (texts, pieces, restarted) => {
        const all = texts.map(([text, limited], rank) => arriving(`m${rank}`, rank, text, limited && rank > 0));
        const inputs = all.map((one) => one.input);
        const ahead = new GatherAhead(TARGET, SUITE, NO_FINDINGS);
        ahead.begin(inputs);
        for (const [place, bytes] of pieces) {
          const one = all[place];
          if (one === undefined) continue;
          const filled = Math.min(one.text.length, one.filled + bytes);
          one.text.copy(one.whole, one.filled, one.filled, filled);
          one.filled = filled;
          one.scanner.read(one.whole, filled);
          const table = one.scanner.soFar();
          if (table !== undefined) one.input.show(table, false);
          ahead.moved();
        }
        for (const [place, one] of all.entries()) {
          one.text.copy(one.whole);
          // Other bytes than those that were read: a copy of them.
          const bytes = place === restarted ? Buffer.from(one.text) : one.whole.subarray(0, one.text.length);
          const table = one.scanner.finish(bytes);
          if (one.scanner.isRestarted) ahead.restarted();
          one.input.show(table, true);
          ahead.moved();
        }
        assert.deepEqual(told(ahead.finish()), told(loadTarget(TARGET, inputs, SUITE, NO_FINDINGS)));
      },
    ),
    { numRuns: 300 },
  );
});

test("GatherAhead: what was gathered of bytes that were replaced is forgotten", () => {
  const one = arriving("m0", 0, [STANZAS[0] ?? ""], false);
  const ahead = new GatherAhead(TARGET, SUITE, NO_FINDINGS);
  ahead.begin([one.input]);
  one.text.copy(one.whole);
  one.scanner.read(one.whole, one.text.length);
  const table = one.scanner.soFar();
  assert.equal(table?.count, 1);
  if (table !== undefined) one.input.show(table, false);
  ahead.moved();
  one.input.show(one.scanner.finish(Buffer.from(STANZAS[2] ?? "", "latin1")), true);
  assert.ok(one.scanner.isRestarted);
  ahead.restarted();
  ahead.moved();
  assert.deepEqual(ahead.finish().gathered.names, ["b"]);
});
