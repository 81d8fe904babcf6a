import assert from "node:assert/strict";
import { test } from "node:test";
import { SOURCE } from "../../lib/archive/names.ts";
import { packages } from "../../lib/kinds/packages.ts";
import { sources } from "../../lib/kinds/sources.ts";
import type { BanRule } from "../../lib/settings.ts";
import { AMD64, ban, deb, input, mergeIndex, source, told } from "./inputs.ts";

const upper = input("upper", 0, [deb("x", "1"), deb("tool", "1", { Source: "s" })]);
const lower = input("lower", 1, [deb("x", "2"), deb("tool", "2", { Source: "s" }), deb("y", "1")]);
const kept = (bans: readonly BanRule[]) =>
  told(mergeIndex(packages, AMD64, [upper, lower], { bans }).kept).map((one) => one.replace(" amd64", ""));

for (const [name, bans, expected] of [
  ["a banned name is out of every mirror", [ban("package", "x")], ["tool 1 upper", "y 1 lower"]],
  ["a glob bans what it fits", [ban("package", "?")], ["tool 1 upper"]],
  [
    "a ban of one mirror lets the next one win the name",
    [ban("package", "x", { mirror: { mirror: upper.mirror, suite: undefined } })],
    ["tool 1 upper", "x 2 lower", "y 1 lower"],
  ],
  [
    "a ban of a lower mirror changes nothing for the winner",
    [ban("package", "x", { mirror: { mirror: lower.mirror, suite: undefined } })],
    ["tool 1 upper", "x 1 upper", "y 1 lower"],
  ],
  [
    "a version bans the stanzas that fit it",
    [ban("package", "x", { version: { operator: "<<", version: "2" } })],
    ["tool 1 upper", "x 2 lower", "y 1 lower"],
  ],
  ["a ban by source takes its binaries", [ban("source", "s")], ["x 1 upper", "y 1 lower"]],
  [
    "a ban for another architecture does nothing here",
    [ban("package", "x", { architecture: SOURCE })],
    ["tool 1 upper", "x 1 upper", "y 1 lower"],
  ],
] as const satisfies readonly (readonly [string, readonly BanRule[], readonly string[]])[]) {
  test(`ban: ${name}`, () => assert.deepEqual(kept(bans), expected));
}

test("ban by source: the source is out too, and by package it is not", () => {
  const inputs = [input("upper", 0, [source("s", "1")], { kind: sources }), input("lower", 1, [source("s", "2")], { kind: sources })];
  assert.deepEqual(told(mergeIndex(sources, SOURCE, inputs, { bans: [ban("source", "s")] }).kept), []);
  assert.deepEqual(told(mergeIndex(sources, SOURCE, inputs, { bans: [ban("package", "s")] }).kept), ["s 1 any upper"]);
});

test("ban by source: Extra-Source-Only stanzas of it are out too", () => {
  const extra = source("s", "1", { "Extra-Source-Only": "yes" });
  assert.deepEqual(told(mergeIndex(sources, SOURCE, [input("a", 0, [extra], { kind: sources })], { bans: [ban("source", "s")] }).kept), []);
});

test("ban: what would be kept without it is told, what would have lost anyway is not", () => {
  const { banned } = mergeIndex(packages, AMD64, [upper, lower], { bans: [ban("package", "x")] });
  assert.deepEqual(
    banned.map(({ candidate, ban: rule, itself }) => [candidate.version, candidate.input.mirror, rule, itself]),
    [["1", "upper", 0, true]],
  );
});

test("ban: a stanza that only won because of a banned one is missed, and is not banned itself", () => {
  const one = input("one", 0, [deb("x", "1"), deb("x", "3")]);
  const two = input("two", 1, [deb("x", "2")]);
  const policy = { winner: "newest", bans: [ban("package", "x", { version: { operator: "=", version: "3" } })] } as const;
  const merged = mergeIndex(packages, AMD64, [one, two], policy);
  assert.deepEqual(told(merged.kept), ["x 2 amd64 two"]);
  assert.deepEqual(
    merged.banned.map(({ candidate, itself }) => [candidate.version, itself]),
    [
      ["1", false],
      ["3", true],
    ],
  );
});

test("ban: a refused stanza of a banned name claims nothing", () => {
  const bad = input("upper", 0, [deb("x", "1", { Filename: "../x" })]);
  const rule = ban("package", "x", { mirror: { mirror: bad.mirror, suite: undefined } });
  assert.deepEqual(told(mergeIndex(packages, AMD64, [bad, lower], { bans: [rule] }).kept)[1], "x 2 amd64 lower");
});

test("ban: twice is once, and the order of rules that fit alike does not matter", () => {
  const once = kept([ban("package", "x")]);
  assert.deepEqual(kept([ban("package", "x"), ban("package", "x")]), once);
  assert.deepEqual(kept([ban("source", "s"), ban("package", "x")]), kept([ban("package", "x"), ban("source", "s")]));
});

test("ban: capitals evade none, because clients read names in small letters", () => {
  const mirror = input("upper", 0, [deb("Systemd-Sysv", "9"), deb("snapd-Tools", "1"), deb("Other", "1", { Source: "SnapD" })]);
  const all = [ban("package", "systemd-sysv"), ban("package", "SNAPD-*"), ban("source", "snapd")];
  assert.deepEqual(told(mergeIndex(packages, AMD64, [mirror], { bans: all }).kept), []);
  assert.equal(told(mergeIndex(packages, AMD64, [mirror], { bans: [ban("package", "other-one")] }).kept).length, 3);
});
