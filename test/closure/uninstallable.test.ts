import assert from "node:assert/strict";
import { test } from "node:test";
import { findUninstallable } from "../../lib/closure/uninstallable.ts";
import { p, stanzas, type Written } from "./stanzas.ts";

for (const [name, all, found] of [
  ["all is well", [p("a", "b"), p("b")], []],
  ["a relation that nobody meets", [p("a", "gone")], ["a: Depends: gone"]],
  [
    "whoever needs such a package",
    [p("a", "b"), p("b", "c"), p("c", "gone (>= 2)")],
    ["a <- b <- c: Depends: gone (>= 2)", "b <- c: Depends: gone (>= 2)", "c: Depends: gone (>= 2)"],
  ],
  ["another alternative keeps it", [p("a", "gone | b"), p("b")], []],
  ["a circle can be installed", [p("a", "b"), p("b", "a")], []],
  ["a circle with a missing part cannot", [p("a", "b"), p("b", "a, gone")], ["a <- b: Depends: gone", "b: Depends: gone"]],
  ["a version that is too old", [p("a", "b (>= 2)"), p("b")], ["a: Depends: b (>= 2)"]],
  ["a name that is provided", [p("a", "v"), p("b", "", { provides: "v" })], []],
  ["a version that an unversioned Provides does not meet", [p("a", "v (>= 1)"), p("b", "", { provides: "v" })], ["a: Depends: v (>= 1)"]],
  ["one of two versions can be installed, so the name can", [p("a", "gone"), p("a", "", { version: "2" })], []],
  ["Pre-Depends count", [p("a", "", { preDepends: "gone" })], ["a: Pre-Depends: gone"]],
] as const satisfies readonly (readonly [string, readonly Written[], readonly string[]])[]) {
  test(`findUninstallable: ${name}`, () => {
    const told = findUninstallable(stanzas(...all), "amd64").broken.map(({ chain, relation }) => `${chain.join(" <- ")}: ${relation}`);
    assert.deepEqual(told.sort(), found);
  });
}
