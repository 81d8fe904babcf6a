import assert from "node:assert/strict";
import { test } from "node:test";
import { SOURCE } from "../../lib/archive/names.ts";
import { packages } from "../../lib/kinds/packages.ts";
import { sources } from "../../lib/kinds/sources.ts";
import { NO_FINDINGS } from "../../lib/merge/contest-rules.ts";
import type { PinRule, Winner } from "../../lib/settings.ts";
import { AMD64, deb, input, mergeIndex, pin, source, told } from "./inputs.ts";

const upper = input("upper", 0, [deb("x", "1"), deb("linux-image", "1", { Source: "linux" })]);
const lower = input("lower", 1, [deb("x", "2"), deb("x", "3"), deb("linux-image", "2", { Source: "linux" }), deb("y", "1")]);
const third = input("third", 2, [deb("x", "9")]);

for (const [name, winner, pins, kept] of [
  ["a pin gives a name to a lower mirror, with all its versions", "priority", [pin("package", "x", "lower")], ["x 2 lower", "x 3 lower"]],
  ["a glob pins what it fits", "priority", [pin("package", "?", "third")], ["x 9 third"]],
  ["a pin to a mirror without the name does nothing", "priority", [pin("package", "x", "nobody")], ["x 1 upper"]],
  [
    "the first pin whose mirror offers the name counts",
    "priority",
    [pin("package", "x", "nobody"), pin("package", "x", "third"), pin("package", "x", "lower")],
    ["x 9 third"],
  ],
  ["with newest only the pinned mirror's stanzas are left", "newest", [pin("package", "x", "upper")], ["x 1 upper"]],
  ["with all too", "all", [pin("package", "x", "lower")], ["x 2 lower", "x 3 lower"]],
  [
    "a version narrows the pin to the stanzas that fit it",
    "priority",
    [pin("package", "x", "lower", { version: { operator: "<<", version: "3" } })],
    ["x 2 lower"],
  ],
  [
    "a pin none of whose mirror's versions fits does nothing",
    "priority",
    [pin("package", "x", "lower", { version: { operator: ">>", version: "5" } })],
    ["x 1 upper"],
  ],
  ["a pin for another architecture does nothing", "priority", [pin("package", "x", "lower", { architecture: SOURCE })], ["x 1 upper"]],
] as const satisfies readonly (readonly [string, Winner, readonly PinRule[], readonly string[]])[]) {
  test(`pin: ${name}`, () => {
    const merged = mergeIndex(packages, AMD64, [upper, lower, third], { winner, pins });
    assert.deepEqual(
      told(merged.kept)
        .filter((one) => one.startsWith("x "))
        .map((one) => one.replace(" amd64", "")),
      kept,
    );
  });
}

test("pin by source: every binary of the source, and the source itself", () => {
  const policy = { pins: [pin("source", "linux", "lower")] };
  assert.ok(told(mergeIndex(packages, AMD64, [upper, lower], policy).kept).includes("linux-image 2 amd64 lower"));
  const inputs = [
    input("upper", 0, [source("linux", "1")], { kind: sources }),
    input("lower", 1, [source("linux", "2")], { kind: sources }),
  ];
  assert.deepEqual(told(mergeIndex(sources, SOURCE, inputs, policy).kept), ["linux 2 any lower"]);
});

test("pin by source: the version is that of the source", () => {
  const inputs = [input("upper", 0, [deb("b", "1")]), input("lower", 1, [deb("b", "2+b1", { Source: "s (7)" })])];
  const at = (version: string) =>
    told(mergeIndex(packages, AMD64, inputs, { pins: [pin("source", "s", "lower", { version: { operator: "=", version } })] }).kept);
  assert.deepEqual([at("7"), at("2+b1")], [["b 2+b1 amd64 lower"], ["b 1 amd64 upper"]]);
});

test("pin by package: sources of that name have a contest of their own", () => {
  const inputs = [input("upper", 0, [source("x", "1")], { kind: sources }), input("lower", 1, [source("x", "2")], { kind: sources })];
  assert.deepEqual(told(mergeIndex(sources, SOURCE, inputs, { pins: [pin("package", "x", "lower")] }).kept), ["x 1 any upper"]);
});

test("pin to one suite of a mirror: its other suites stay out", () => {
  const updates = { ...input("lower", 0, [deb("x", "5")]), suite: "updates" as typeof lower.suite };
  const rule = pin("package", "x", "lower", { mirror: { mirror: lower.mirror, suite: lower.suite } });
  assert.deepEqual(told(mergeIndex(packages, AMD64, [updates, { ...lower, rank: 1 }], { pins: [rule] }).kept).slice(1, 3), [
    "x 2 amd64 lower",
    "x 3 amd64 lower",
  ]);
});

test("pin: when the pinned mirror's stanza was refused, nobody inherits the name", () => {
  const bad = input("lower", 1, [deb("x", "2", { Filename: "../x" })]);
  const merged = mergeIndex(packages, AMD64, [input("upper", 0, [deb("x", "1")]), bad], {
    winner: "newest",
    pins: [pin("package", "x", "lower")],
  });
  assert.deepEqual([told(merged.kept), merged.decisions[0]?.reason], [[], "owner-refused"]);
});

test("pin: the decision names it", () => {
  const [decision] = mergeIndex(packages, AMD64, [upper, third], {
    pins: [pin("package", "y", "upper"), pin("package", "x", "third")],
  }).decisions;
  assert.deepEqual([decision?.name, decision?.reason, decision?.pin], ["x", "pinned", 1]);
});

test("pin: one that has come to its until decides nothing", () => {
  const rule = pin("package", "x", "third", { until: { package: "x", version: "3" } });
  const findings = { ...NO_FINDINGS, ended: new Set([rule]) };
  const merged = mergeIndex(packages, AMD64, [upper, third], { pins: [rule] }, undefined, findings);
  assert.ok(told(merged.kept).includes("x 1 amd64 upper"));
});
