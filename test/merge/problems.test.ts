import assert from "node:assert/strict";
import { test } from "node:test";
import { packages } from "../../lib/kinds/packages.ts";
import { mergeProblems } from "../../lib/merge/problems.ts";
import { AMD64, deb, input, mergeIndex } from "./inputs.ts";

const problemsOf = (...inputs: Parameters<typeof mergeIndex>[2]) =>
  mergeProblems(packages, AMD64, mergeIndex(packages, AMD64, inputs, "priority"), "merged");

test("STANZA_CONFLICT names both mirrors and both digests", () => {
  const [first, second] = ["a".repeat(64), "b".repeat(64)];
  const found = problemsOf(input("one", 0, [deb("x", "1", { SHA256: first })]), input("two", 1, [deb("x", "1", { SHA256: second })]));
  assert.deepEqual(
    found.map(({ severity, code, mirror, suite }) => [severity, code, mirror, suite]),
    [["warning", "STANZA_CONFLICT", "two", "stable"]],
  );
  assert.equal(
    found[0]?.message,
    `Two files are called x 1 amd64 in suite "merged": SHA256 ${first} of one/stable is kept, SHA256 ${second} of two/stable is left out`,
  );
});

test("STANZA_REFUSED names the stanza, its index, its mirror and the fault", () => {
  const found = problemsOf(input("one", 0, [deb("x", "1", { Filename: "../x" })]));
  assert.deepEqual([found.length, found[0]?.code, found[0]?.mirror], [1, "STANZA_REFUSED", "one"]);
  assert.equal(
    found[0]?.message,
    'The stanza of "x" in main Packages for amd64 of one/stable is left out of suite "merged": its Filename is "../x": it leaves the archive\'s root',
  );
});

test("STANZA_REFUSED: a stanza without a name says so, and hostile names are escaped", () => {
  const found = problemsOf(input("one", 0, ["Version: 1\n", "Package: \u001b[2J\nVersion: 1\n"]));
  assert.match(found[0]?.message ?? "", /^A stanza without a name in main Packages/);
  assert.match(found[1]?.message ?? "", /^The stanza of "\\u001b\[2J" in/);
});

test("mergeProblems: a plain contest is no problem", () => {
  assert.deepEqual(problemsOf(input("one", 0, [deb("x", "1")]), input("two", 1, [deb("x", "2")])), []);
});
