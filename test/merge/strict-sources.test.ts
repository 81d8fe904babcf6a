import assert from "node:assert/strict";
import { test } from "node:test";
import { SOURCE } from "../../lib/archive/names.ts";
import { packages } from "../../lib/kinds/packages.ts";
import { sources } from "../../lib/kinds/sources.ts";
import type { IndexInput } from "../../lib/merge/candidate.ts";
import { contestRules, NO_FINDINGS } from "../../lib/merge/contest-rules.ts";
import { gather } from "../../lib/merge/gather.ts";
import { decideIndex } from "../../lib/merge/merge-index.ts";
import { ownedSources, sourceOwners } from "../../lib/merge/source-owners.ts";
import { AMD64, deb, input, mergeIndex, policyOf, source, told } from "./inputs.ts";

/** Binaries that are kept when the sources were contested so. */
function strict(binaries: readonly IndexInput[], offered: readonly IndexInput[]): readonly string[] {
  const rules = contestRules(sources, SOURCE, policyOf({}), NO_FINDINGS);
  const gathered = gather(sources, SOURCE, offered, rules);
  const owners = sourceOwners(ownedSources(gathered, decideIndex(gathered, rules)));
  const merged = mergeIndex(packages, AMD64, binaries, { sources: "strict" }, undefined, { ...NO_FINDINGS, owners });
  return told(merged.kept).map((one) => one.replace(" amd64", ""));
}

const src = (mirror: string, rank: number, ...names: readonly (readonly [string, string])[]): IndexInput =>
  input(
    mirror,
    rank,
    names.map(([name, version]) => source(name, version)),
    { kind: sources },
  );

test("strict: a binary whose source another mirror won goes, and its name stays free", () => {
  const binaries = [
    input("fork", 0, [deb("x", "2", { Source: "s" })]),
    input("base", 1, [deb("x", "1", { Source: "s" }), deb("x-doc", "1", { Source: "s" })]),
  ];
  assert.deepEqual(strict(binaries, [src("fork", 0, ["s", "2"]), src("base", 1, ["s", "1"])]), ["x 2 fork"]);
});

test("strict: the next mirror may win the name", () => {
  const binaries = [
    input("a", 0, [deb("y", "1", { Source: "y" })]),
    input("b", 1, [deb("tool", "1", { Source: "s" })]),
    input("c", 2, [deb("tool", "2", { Source: "tool" })]),
  ];
  assert.deepEqual(strict(binaries, [src("a", 0, ["s", "9"]), src("b", 1, ["s", "1"]), src("c", 2, ["tool", "2"])]), ["tool 2 c", "y 1 a"]);
});

test("strict: a mirror that does not offer the source is exempt", () => {
  const binaries = [input("fork", 0, [deb("z", "1")]), input("base", 1, [deb("x-doc", "1", { Source: "s" })])];
  assert.deepEqual(strict(binaries, [src("fork", 0, ["s", "2"])]), ["x-doc 1 base", "z 1 fork"]);
});

test("strict: a mirror without Sources is exempt", () => {
  const binaries = [input("fork", 0, [deb("x", "2", { Source: "s" })]), input("bare", 1, [deb("x-extra", "1", { Source: "s" })])];
  assert.deepEqual(strict(binaries, [src("fork", 0, ["s", "2"])]), ["x 2 fork", "x-extra 1 bare"]);
});

test("strict: an older suite of the mirror that won the source is no other mirror", () => {
  const updates = input("base", 0, [deb("x", "2", { Source: "s" })]);
  const release = { ...input("base", 1, [deb("x-old", "1", { Source: "s" })]), suite: "release" as IndexInput["suite"] };
  assert.deepEqual(strict([updates, release], [src("base", 0, ["s", "2"]), src("base", 1, ["s", "1"])]), ["x 2 base", "x-old 1 base"]);
});

test("strict: a limited mirror's source of a full mirror's name has lost", () => {
  const limited = { ...src("vendor", 0, ["s", "9"]), limited: true };
  const binaries = [
    input("vendor", 0, [deb("x-plugin", "9", { Source: "s" })], { limited: true }),
    input("full", 1, [deb("x", "1", { Source: "s" })]),
  ];
  assert.deepEqual(strict(binaries, [limited, src("full", 1, ["s", "1"])]), ["x 1 full"]);
});
