import assert from "node:assert/strict";
import { test } from "node:test";
import { SOURCE } from "../../lib/archive/names.ts";
import { packages } from "../../lib/kinds/packages.ts";
import { sources } from "../../lib/kinds/sources.ts";
import { describeReason, type Reason } from "../../lib/merge/candidate.ts";
import { AMD64, contestOf, deb, input, mergeIndex, source, told } from "./inputs.ts";

test("contestOf: the same decision that the merge makes", () => {
  const inputs = [input("one", 0, [deb("x", "1"), deb("y", "1")]), input("two", 1, [deb("x", "2")])];
  for (const winner of ["priority", "newest", "all"] as const) {
    const [decision] = mergeIndex(packages, AMD64, inputs, winner).decisions;
    assert.deepEqual(contestOf(packages, AMD64, inputs, winner, "x")?.decision, decision);
  }
});

test("contestOf: a name that nobody has is no contest", () => {
  assert.equal(contestOf(packages, AMD64, [input("one", 0, [deb("x", "1")])], "priority", "y"), undefined);
});

test("contestOf: a name that was refused only is told with its reason", () => {
  const contest = contestOf(packages, AMD64, [input("one", 0, [deb("x", "1_0")])], "priority", "x");
  assert.deepEqual([contest?.decision.reason, contest?.decision.winners], ["owner-refused", []]);
  assert.match(contest?.refused[0]?.because ?? "", /Version/);
});

test("contestOf: a source that stands aside is told beside the decision and has no part in it", () => {
  const [extra, plain] = [source("x", "9", { "Extra-Source-Only": "yes" }), source("x", "1")];
  const contest = contestOf(sources, SOURCE, [input("one", 0, [extra, plain], { kind: sources })], "newest", "x");
  assert.deepEqual([told(contest?.decision.winners ?? []), told(contest?.aside ?? [])], [["x 1 any one"], ["x 9 any one"]]);
});

test("contestOf: a name that has nothing but such a source is told too", () => {
  const inputs = [input("one", 0, [source("x", "1", { "Extra-Source-Only": "yes" })], { kind: sources })];
  const contest = contestOf(sources, SOURCE, inputs, "priority", "x");
  assert.deepEqual([contest?.decision.winners, told(contest?.aside ?? [])], [[], ["x 1 any one"]]);
});

test("describeReason: every reason has words of its own", () => {
  const reasons: readonly Reason[] = ["only-candidate", "best-rank", "newest-version", "all-versions", "owner-refused"];
  assert.equal(new Set(reasons.map(describeReason)).size, reasons.length);
});
