import assert from "node:assert/strict";
import { test } from "node:test";
import type { IndexInput } from "../../lib/merge/candidate.ts";
import { type ContestTerms, choose } from "../../lib/merge/choose.ts";
import type { Winner } from "../../lib/settings.ts";
import { candidates, deb, input, told } from "./inputs.ts";

const terms = (winner: Winner, refusedRanks: readonly number[]): ContestTerms => ({ winner, refusedRanks, pin: undefined });

/** Versions of `x` that each mirror has, first mirror first. */
type Offer = readonly (readonly string[])[];
const NAMES = ["first", "second", "third"];

const inputsOf = (offer: Offer): readonly IndexInput[] =>
  offer.map((versions, rank) =>
    input(
      NAMES[rank] ?? "",
      rank,
      versions.map((version) => deb("x", version, { content: `${rank} ${version}` })),
    ),
  );

for (const [name, winner, offer, winners, reason] of [
  ["a name that one mirror has is its own", "priority", [["1"]], ["1 first"], "only-candidate"],
  ["several versions in one mirror all stay", "priority", [["2", "1", "1.5"]], ["1 first", "1.5 first", "2 first"], "only-candidate"],
  ["the first mirror wins with a lower version", "priority", [["1"], ["9"]], ["1 first"], "best-rank"],
  [
    "the first mirror keeps all its versions",
    "priority",
    [
      ["1", "3"],
      ["2", "9"],
    ],
    ["1 first", "3 first"],
    "best-rank",
  ],
  ["the first mirror that has the name wins", "priority", [[], ["1"], ["2"]], ["1 second"], "best-rank"],
  ["the highest version wins wherever it is", "newest", [["1"], ["3"], ["2"]], ["3 second"], "newest-version"],
  ["the mirror with the highest version keeps all its versions", "newest", [["2"], ["1", "3"]], ["1 second", "3 second"], "newest-version"],
  ["equal versions go to the first mirror", "newest", [["1"], ["1"]], ["1 first"], "newest-version"],
  ["equal by Debian's rule is equal, whatever the text", "newest", [["1.0"], ["0:1.0-0"]], ["1.0 first"], "newest-version"],
  ["an epoch beats any number", "newest", [["99"], ["1:0.1"]], ["1:0.1 second"], "newest-version"],
  ["a tilde is older than nothing", "newest", [["2~rc1"], ["2"]], ["2 second"], "newest-version"],
  ["newest asks one mirror alone too", "newest", [["1", "2"]], ["1 first", "2 first"], "only-candidate"],
  ["every version stays", "all", [["2"], ["1", "3"]], ["1 second", "2 first", "3 second"], "all-versions"],
  ["of equal versions the first mirror's stays", "all", [["2"], ["2", "3"], ["3"]], ["2 first", "3 second"], "all-versions"],
] as const satisfies readonly (readonly [string, Winner, Offer, readonly string[], string])[]) {
  test(`choose ${winner}: ${name}`, () => {
    const decision = choose("x", candidates(...inputsOf(offer)), terms(winner, []));
    assert.deepEqual(
      decision.winners.map((one) => `${one.version} ${one.input.mirror}`),
      winners,
    );
    assert.equal(decision.reason, reason);
    const total = offer.flat().length;
    assert.equal(decision.winners.length + decision.losers.length, total, "every candidate wins or loses");
  });
}

test("choose: the order in which candidates come does not matter", () => {
  const all = candidates(...inputsOf([["2", "1"], ["3", "2"], ["3"]]));
  for (const winner of ["priority", "newest", "all"] as const) {
    assert.deepEqual(choose("x", [...all].reverse(), terms(winner, [])), choose("x", all, terms(winner, [])));
  }
});

test("choose: all for every architecture and one for this one are two stanzas, sorted by architecture", () => {
  const both = input("first", 0, [deb("x", "1"), deb("x", "1", { Architecture: "all" })]);
  const other = input("second", 1, [deb("x", "2", { Architecture: "all" })]);
  assert.deepEqual(told(choose("x", candidates(both, other), terms("priority", [])).winners), ["x 1 all first", "x 1 amd64 first"]);
  assert.deepEqual(told(choose("x", candidates(both, other), terms("newest", [])).winners), ["x 2 all second"]);
  assert.deepEqual(told(choose("x", candidates(both, other), terms("all", [])).winners), [
    "x 1 all first",
    "x 1 amd64 first",
    "x 2 all second",
  ]);
});

for (const winner of ["priority", "newest", "all"] as const) {
  test(`choose ${winner}: one name, version and architecture with two files is one stanza and a conflict that names both`, () => {
    const [mine, other] = [deb("x", "1", { content: "mine" }), deb("x", "1", { content: "other" })];
    const decision = choose("x", candidates(input("first", 0, [mine]), input("second", 1, [other])), terms(winner, []));
    assert.deepEqual(told(decision.winners), ["x 1 amd64 first"]);
    assert.deepEqual(told(decision.losers), ["x 1 amd64 second"]);
    assert.deepEqual(
      decision.conflicts.map(({ kept, other: lost }) => [kept.input.mirror, lost.input.mirror, kept.digest === lost.digest]),
      [["first", "second", false]],
    );
  });

  test(`choose ${winner}: the same file in two mirrors is no conflict`, () => {
    const same = deb("x", "1", { content: "same" });
    const decision = choose("x", candidates(input("first", 0, [same]), input("second", 1, [same])), terms(winner, []));
    assert.deepEqual([told(decision.winners), decision.conflicts], [["x 1 amd64 first"], []]);
  });

  test(`choose ${winner}: twice in one mirror is one stanza, the first component's, then the first in the file`, () => {
    const stanza = (content: string): Buffer => deb("x", "1", { content });
    const later = input("only", 0, [stanza("c")], { component: "contrib", componentOrder: 1 });
    const early = input("only", 0, [stanza("a"), stanza("b")]);
    const decision = choose("x", candidates(later, early), terms(winner, []));
    assert.deepEqual(
      decision.winners.map(({ input: { component }, stanza: at }) => [component, at]),
      [["main", 0]],
    );
    assert.deepEqual(decision.losers, [], "no mirror lost anything");
    assert.equal(decision.conflicts.length, 2);
  });
}

test("choose: digests that differ in case and blanks only are the same", () => {
  const plain = deb("x", "1", { SHA256: "a".repeat(64) });
  const shout = deb("x", "1", { SHA256: "A".repeat(64) });
  assert.deepEqual(choose("x", candidates(input("first", 0, [plain]), input("second", 1, [shout])), terms("priority", [])).conflicts, []);
});

test("choose priority: a mirror whose stanza was refused owns the name all the same", () => {
  const [second] = inputsOf([[], ["1"]]).slice(1);
  assert.ok(second);
  const decision = choose("x", candidates(second), terms("priority", [0]));
  assert.deepEqual([decision.winners, decision.reason, told(decision.losers)], [[], "owner-refused", ["x 1 amd64 second"]]);
});

test("choose priority: a refused stanza of a lower mirror, or beside a sound one, takes nothing", () => {
  const decide = (refused: readonly number[]) =>
    told(choose("x", candidates(...inputsOf([["1"], ["2"]])), terms("priority", refused)).winners);
  assert.deepEqual(decide([1]), ["x 1 amd64 first"]);
  assert.deepEqual(decide([0]), ["x 1 amd64 first"]);
});
