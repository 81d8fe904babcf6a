import assert from "node:assert/strict";
import { test } from "node:test";
import { SOURCE } from "../../lib/archive/names.ts";
import { packages } from "../../lib/kinds/packages.ts";
import { sources } from "../../lib/kinds/sources.ts";
import type { IndexInput } from "../../lib/merge/candidate.ts";
import type { MergedIndex } from "../../lib/merge/merge-index.ts";
import type { Winner } from "../../lib/settings.ts";
import { AMD64, deb, input, mergeIndex, source, told } from "./inputs.ts";

const merge = (inputs: readonly IndexInput[], winner: Winner = "priority"): MergedIndex => mergeIndex(packages, AMD64, inputs, winner);
const sourceInput = (mirror: string, rank: number, ...stanzas: readonly (Buffer | string)[]): IndexInput =>
  input(mirror, rank, stanzas, { kind: sources });

test("mergeIndex: names in byte order, then versions by Debian's rule, then architecture", () => {
  const one = input("one", 0, [deb("b", "1.10"), deb("b", "1.9"), deb("C", "1"), deb("a-b", "1"), deb("a", "1"), deb("2048", "1")]);
  const two = input("two", 1, [deb("a+", "1"), deb("Z", "1")]);
  assert.deepEqual(told(merge([one, two]).kept), [
    "2048 1 amd64 one",
    "C 1 amd64 one",
    "Z 1 amd64 two",
    "a 1 amd64 one",
    "a+ 1 amd64 two",
    "a-b 1 amd64 one",
    "b 1.9 amd64 one",
    "b 1.10 amd64 one",
  ]);
});

test("mergeIndex: the contest is over all components: a name of one component shadows it in the others", () => {
  const upper = input("upper", 0, [deb("x", "1")], { component: "contrib", componentOrder: 1 });
  const lower = input("lower", 1, [deb("x", "2"), deb("y", "1")]);
  const merged = merge([upper, lower]);
  assert.deepEqual(told(merged.kept), ["x 1 amd64 upper", "y 1 amd64 lower"]);
  assert.equal(merged.shadowed, 1);
});

test("mergeIndex: all mirrors meet in one decision, the third one too", () => {
  const merged = merge([input("a", 0, [deb("x", "1")]), input("b", 1, [deb("x", "2")]), input("c", 2, [deb("x", "3")])], "newest");
  assert.deepEqual(told(merged.kept), ["x 3 amd64 c"]);
  assert.deepEqual([merged.decisions.length, told(merged.decisions[0]?.losers ?? [])], [1, ["x 1 amd64 a", "x 2 amd64 b"]]);
  assert.equal(merged.shadowed, 2);
});

test("mergeIndex: a name without a contest makes no decision", () => {
  const merged = merge([input("a", 0, [deb("x", "1")]), input("b", 1, [deb("y", "1")])]);
  assert.deepEqual([merged.decisions, merged.shadowed], [[], 0]);
});

test("mergeIndex: an identical stanza twice in one mirror is written once and shadows nothing", () => {
  const merged = merge([input("a", 0, [deb("x", "1"), deb("x", "1")])]);
  assert.deepEqual([told(merged.kept), merged.shadowed, merged.decisions[0]?.conflicts], [["x 1 amd64 a"], 0, []]);
});

test("mergeIndex: the same arch:all stanza in an index of its own and in the architecture's is written once", () => {
  const all = deb("x", "1", { Architecture: "all" });
  assert.deepEqual(told(merge([input("a", 0, [all, deb("y", "1")]), input("a", 0, [all])]).kept), ["x 1 all a", "y 1 amd64 a"]);
});

test("mergeIndex: a stanza of another architecture is refused and its name is not inherited", () => {
  const merged = merge([input("a", 0, [deb("x", "1", { Architecture: "s390x" }), deb("y", "1")]), input("b", 1, [deb("x", "2")])]);
  assert.deepEqual(told(merged.kept), ["y 1 amd64 a"]);
  assert.match(merged.refused[0]?.because ?? "", /Architecture is "s390x"/);
  assert.deepEqual([merged.decisions[0]?.reason, merged.shadowed], ["owner-refused", 1]);
});

test("mergeIndex: a flat archive holds all architectures in one file, the others are passed over in silence", () => {
  const flat = input("flat", 0, [deb("x", "1", { Architecture: "arm64" }), deb("x", "2"), deb("y", "1", { Architecture: "all" })], {
    mixed: true,
  });
  const merged = merge([flat, input("b", 1, [deb("x", "9")])]);
  assert.deepEqual([told(merged.kept), merged.refused], [["x 2 amd64 flat", "y 1 all flat"], []]);
});

test("mergeIndex: a name that a flat archive has only for another architecture is free for the next mirror", () => {
  const flat = input("flat", 0, [deb("x", "1", { Architecture: "arm64" })], { mixed: true });
  assert.deepEqual(told(merge([flat, input("b", 1, [deb("x", "9")])]).kept), ["x 9 amd64 b"]);
});

for (const [why, stanza] of [
  ["a path out of the archive", deb("x", "1", { Filename: "../../etc/passwd" })],
  ["a malformed version", deb("x", "1_0")],
  ["a field twice", `${deb("x", "1").toString()}Size: 9\n`],
  ["a control byte", deb("x", "1", { Description: "\u001b[2J" })],
] as const) {
  test(`mergeIndex: the owner's stanza with ${why} is refused, and no lower mirror inherits the name`, () => {
    const merged = merge([input("a", 0, [stanza]), input("b", 1, [deb("x", "2"), deb("y", "1")])]);
    assert.deepEqual(told(merged.kept), ["y 1 amd64 b"]);
    assert.deepEqual([merged.refused.length, merged.refused[0]?.name], [1, "x"]);
  });
}

test("mergeIndex: a refused stanza of a lower mirror changes nothing", () => {
  const merged = merge([input("a", 0, [deb("x", "1")]), input("b", 1, [deb("x", "1_0")])]);
  assert.deepEqual([told(merged.kept), merged.refused.length], [["x 1 amd64 a"], 1]);
});

test("mergeIndex: a refused stanza beside a sound one of the same mirror leaves the sound one", () => {
  const merged = merge([input("a", 0, [deb("x", "1_0"), deb("x", "1")]), input("b", 1, [deb("x", "2")])]);
  assert.deepEqual(told(merged.kept), ["x 1 amd64 a"]);
});

test("mergeIndex: nothing in, nothing out", () => {
  assert.deepEqual(merge([input("a", 0, [])]), { kept: [], decisions: [], refused: [], shadowed: 0, banned: [] });
});

test("mergeIndex sources: Extra-Source-Only never competes and stands beside the winner, in order of version", () => {
  const extra = source("x", "1", { "Extra-Source-Only": "yes" });
  const merged = mergeIndex(
    sources,
    SOURCE,
    [sourceInput("a", 0, source("x", "2"), extra), sourceInput("b", 1, source("x", "3"))],
    "priority",
  );
  assert.deepEqual(
    told(merged.kept).map((one) => one.split(" ").slice(1).join(" ")),
    ["1 any a", "2 any a"],
  );
});

test("mergeIndex sources: Extra-Source-Only of a lower mirror is kept too, one of an equal version is not written again", () => {
  const extra = (version: string): Buffer => source("x", version, { "Extra-Source-Only": "yes" });
  const merged = mergeIndex(
    sources,
    SOURCE,
    [
      sourceInput("a", 0, source("x", "2")),
      sourceInput("b", 1, extra("1"), extra("2"), extra("0:1"), source("y", "1", { "Extra-Source-Only": "YES" })),
    ],
    "priority",
  );
  assert.deepEqual(told(merged.kept), ["x 1 any b", "x 2 any a", "y 1 any b"]);
});

test("mergeIndex sources: Extra-Source-Only alone does not take the name from a lower mirror", () => {
  const extra = source("x", "9", { "Extra-Source-Only": "yes" });
  const merged = mergeIndex(sources, SOURCE, [sourceInput("a", 0, extra), sourceInput("b", 1, source("x", "1"))], "newest");
  assert.deepEqual(told(merged.kept), ["x 1 any b", "x 9 any a"]);
});

test("mergeIndex sources: no source is refused for its architecture", () => {
  const merged = mergeIndex(sources, SOURCE, [sourceInput("a", 0, source("x", "1", { Architecture: "linux-any all" }))], "priority");
  assert.deepEqual([merged.kept.length, merged.refused], [1, []]);
});
