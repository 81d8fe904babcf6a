import assert from "node:assert/strict";
import { test } from "node:test";
import { type MirrorName, parseMirrorName, SOURCE } from "../../lib/archive/names.ts";
import { sources } from "../../lib/kinds/sources.ts";
import type { IndexInput, Kept } from "../../lib/merge/candidate.ts";
import { collectNeeded, missingSources, type NeededSources, noNeeds, sourceOf } from "../../lib/merge/needed-sources.ts";
import { deb, input, mergeIndex, source, told } from "./inputs.ts";

const keptOf = (one: IndexInput): readonly Kept[] => Array.from({ length: one.table.count }, (_, stanza) => ({ input: one, stanza }));

function neededBy(...binaries: readonly IndexInput[]): NeededSources {
  const needed = noNeeds();
  for (const one of binaries) collectNeeded(keptOf(one), "amd64", needed);
  return needed;
}

const sourceInput = (mirror: string, rank: number, ...stanzas: readonly Buffer[]): IndexInput =>
  input(mirror, rank, stanzas, { kind: sources });

for (const [why, fields, name, version] of [
  ["no Source: the binary's own name and version", {}, "x", "1.2-3"],
  ["a name alone: the binary's version", { Source: "src" }, "src", "1.2-3"],
  ["a version in brackets, as after a binNMU", { Source: "src (1.2-2)" }, "src", "1.2-2"],
  ["no blank before the bracket", { Source: "src(1.2-2)" }, "src", "1.2-2"],
  ["blanks inside the brackets", { Source: "src ( 1.2-2 )" }, "src", "1.2-2"],
  ["a bracket that is not closed", { Source: "src (1.2-2" }, "src", "1.2-2"],
  ["an empty Source", { Source: "" }, "x", "1.2-3"],
] as const) {
  test(`sourceOf: ${why}`, () => {
    const [kept] = keptOf(input("a", 0, [deb("x", "1.2-3", fields)]));
    assert.ok(kept);
    assert.deepEqual(sourceOf(kept), { name, version });
  });
}

/** Sources that stay when `upper` wins the name and `lower` ones lose it. */
function keeps(needed: NeededSources | undefined, ...inputs: readonly IndexInput[]): readonly string[] {
  return told(mergeIndex(sources, SOURCE, inputs, "priority", needed).kept).map((one) => one.replace(" any", ""));
}

test("sources keep: a losing source stays while a kept binary names it", () => {
  const needed = neededBy(input("lower", 1, [deb("libx", "1+b1", { Source: "x (1)" })]));
  assert.deepEqual(keeps(needed, sourceInput("upper", 0, source("x", "2")), sourceInput("lower", 1, source("x", "1"), source("x", "3"))), [
    "x 1 lower",
    "x 2 upper",
  ]);
});

test("sources keep: without a binary that names it a losing source goes", () => {
  const needed = neededBy(input("lower", 1, [deb("liby", "1", { Source: "y" })]));
  assert.deepEqual(keeps(needed, sourceInput("upper", 0, source("x", "2")), sourceInput("lower", 1, source("x", "1"))), ["x 2 upper"]);
});

test("sources off: a losing source goes even when a binary names it", () => {
  assert.deepEqual(keeps(undefined, sourceInput("upper", 0, source("x", "2")), sourceInput("lower", 1, source("x", "1"))), ["x 2 upper"]);
});

test("sources keep: every older version that some binary names stays", () => {
  const needed = neededBy(input("lower", 1, [deb("a", "1", { Source: "x (1)" }), deb("b", "2", { Source: "x (2)" })]));
  assert.deepEqual(keeps(needed, sourceInput("upper", 0, source("x", "9")), sourceInput("lower", 1, source("x", "1"), source("x", "2"))), [
    "x 1 lower",
    "x 2 lower",
    "x 9 upper",
  ]);
});

test("sources keep: the binary's mirror gives the stanza, else the first that offers it", () => {
  const offers = [
    sourceInput("upper", 0, source("x", "2")),
    sourceInput("middle", 1, source("x", "1")),
    sourceInput("lower", 2, source("x", "1")),
  ];
  const from = (mirror: string, rank: number) => keeps(neededBy(input(mirror, rank, [deb("libx", "1", { Source: "x" })])), ...offers);
  assert.deepEqual(from("lower", 2), ["x 1 lower", "x 2 upper"]);
  assert.deepEqual(from("upper", 0), ["x 1 middle", "x 2 upper"]);
});

test("sources keep: what stays did not lose", () => {
  const needed = neededBy(input("lower", 1, [deb("libx", "1", { Source: "x" })]));
  const inputs = [sourceInput("upper", 0, source("x", "2")), sourceInput("lower", 1, source("x", "1"))];
  assert.equal(mergeIndex(sources, SOURCE, inputs, "priority", needed).shadowed, 0);
  assert.equal(mergeIndex(sources, SOURCE, inputs, "priority").shadowed, 1);
});

test("collectNeeded: the first binary that names a source stands for it", () => {
  const needed = neededBy(input("upper", 0, [deb("a", "1", { Source: "x" })]), input("lower", 1, [deb("b", "1", { Source: "x" })]));
  assert.deepEqual([...needed.built], [["x 1", { mirror: "upper", binary: "a", architecture: "amd64" }]]);
});

test("collectNeeded: neighbours of one source, of one source in two versions, and without Source are told apart", () => {
  const of = (name: string, version: string, source?: string): Buffer => deb(name, version, source === undefined ? {} : { Source: source });
  const needed = neededBy(
    input("a", 0, [
      of("p", "1", "s"),
      of("q", "1", "s"),
      of("r", "2", "s"),
      of("s", "2", "s (1)"),
      of("t", "2", "s (1)"),
      of("u", "2"),
      of("v", "2"),
    ]),
    input("b", 1, [of("v", "2", "s"), of("w", "2", "s2")]),
  );
  assert.deepEqual(
    [...needed.built].map(([key, { binary, mirror }]) => `${key}: ${binary} of ${mirror}`),
    ["s 1: p of a", "s 2: r of a", "u 2: u of a", "v 2: v of a", "s2 2: w of b"],
  );
});

test("missingSources: binaries whose source is not there under that version, but for mirrors without Sources", () => {
  const needed = neededBy(
    input("upper", 0, [deb("a", "1", { Source: "x" }), deb("b", "2", { Source: "x" })]),
    input("third", 1, [deb("c", "1", { Source: "third-source" })]),
  );
  const offering = new Set<MirrorName>([parseMirrorName("upper")]);
  assert.deepEqual(missingSources(needed, keptOf(sourceInput("upper", 0, source("x", "1"))), offering).orphans, [
    { package: "b", source: "x", version: "2" },
  ]);
  assert.deepEqual(missingSources(needed, keptOf(sourceInput("upper", 0, source("x", "1"), source("x", "2"))), offering).orphans, []);
});
