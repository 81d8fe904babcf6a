import assert from "node:assert/strict";
import { test } from "node:test";
import { scanStanzas } from "../../lib/deb822/stanza-table.ts";
import { packages } from "../../lib/kinds/packages.ts";
import { beyondText, decodeNeeds, needsOfBlock } from "../../lib/merge/block-needs.ts";
import type { IndexInput, Kept } from "../../lib/merge/candidate.ts";
import { collectNeeded, noNeeds } from "../../lib/merge/needed-sources.ts";
import { numbers } from "../support/numbers.ts";
import { deb, input } from "./inputs.ts";

/** Scanned for what a suite that follows sources asks of its binaries. */
function needing(mirror: string, ...stanzas: readonly Buffer[]): readonly Kept[] {
  const one = input(mirror, 0, stanzas);
  const table = scanStanzas(one.table.bytes, [...packages.fields, "built-using", "static-built-using"], { mirror, file: "Packages" });
  const whole: IndexInput = { ...one, table };
  return Array.from({ length: table.count }, (_, stanza) => ({ input: whole, stanza }));
}

const number = numbers(5);
const pick = <T>(among: readonly T[]): T => among[number(among.length)] as T;

function anyBinary(): Buffer {
  const using = (): string | undefined =>
    pick([undefined, undefined, `go (= ${number(3)}), rust (= 1), odd (>= 2), go (= 1)`, ", ,broken"]);
  const source = pick([undefined, undefined, `s${number(4)}`, `s${number(4)} (${number(3)})`, ""]);
  return deb(`b${number(9)}`, `${number(3)}`, { Source: source, "Built-Using": using(), "Static-Built-Using": using() });
}

test("law: what blocks need, one behind the other, is what all of their binaries need", () => {
  for (let round = 0; round < 300; round++) {
    const blocks = Array.from({ length: number(5) }, () => needing(pick(["hi", "lo"]), ...Array.from({ length: number(6) }, anyBinary)));
    const needed = noNeeds();
    collectNeeded(blocks.flat(), "amd64", needed);
    const decoded = decodeNeeds(Buffer.concat(blocks.map(needsOfBlock)), "amd64");
    assert.deepEqual([[...decoded.built], [...decoded.using]], [[...needed.built], [...needed.using]]);
  }
});

test("needsOfBlock: a source stands there once, by the first binary that needs it", () => {
  const kept = needing("m", deb("a", "1", { Source: "s" }), deb("b", "1"), deb("c", "1", { Source: "s" }));
  assert.equal(needsOfBlock(kept).toString(), `[["s 1","m","a","b 1","m","b"],[]]\n`);
  assert.equal(needsOfBlock([]).toString(), "[[],[]]\n");
});

const NONE: ReadonlySet<Kept> = new Set();

test("beyondText: another mirror of one stanza shows, also where the text is the same", () => {
  const [a, b] = [needing("hi", deb("a", "1")), needing("lo", deb("a", "1"))];
  const both = [...needing("hi", deb("a", "1"), deb("b", "1")), ...needing("lo", deb("c", "1"))];
  assert.equal(beyondText(both, NONE), "hi*2 lo*1");
  assert.notEqual(beyondText(a, NONE), beyondText(b, NONE));
});

test("beyondText: what was said of sources before the stanza was edited shows, and only that", () => {
  const of = (using: string | undefined, isEdited: boolean, section = "x"): string => {
    const kept = needing("m", deb("a", "1", { "Built-Using": using, Section: section }));
    return beyondText(kept, isEdited ? new Set(kept) : NONE);
  };
  assert.notEqual(of("go (= 1)", true), of("go (= 2)", true));
  assert.notEqual(of(undefined, true), of(undefined, false), "the text may have one that is an override's");
  assert.equal(of("go (= 1)", false), of("go (= 2)", false), "the text itself says it");
  assert.equal(of("go (= 1)", true, "x"), of("go (= 1)", true, "y"));
});
