import assert from "node:assert/strict";
import { test } from "node:test";
import { packages } from "../../lib/kinds/packages.ts";
import { forksBehind } from "../../lib/merge/fork-age.ts";
import { AMD64, deb, input, mergeIndex, type PolicyChanges, pin } from "./inputs.ts";

const fork = input("fork", 0, [deb("old", "1"), deb("new", "5"), deb("same", "1.0")]);
const base = input("base", 1, [deb("old", "2"), deb("old", "3"), deb("new", "4"), deb("same", "0:1.0-0"), deb("only", "1")]);
const behind = (policy: PolicyChanges) =>
  forksBehind(mergeIndex(packages, AMD64, [fork, base], policy).decisions).map(
    ({ winner, newer }) => `${winner.version} of ${winner.input.mirror} < ${newer.version} of ${newer.input.mirror}`,
  );

test("forksBehind: names won by rank while a lower mirror has a higher version, with the highest", () => {
  assert.deepEqual(behind("priority"), ["1 of fork < 3 of base"]);
});

test("forksBehind: names won by a pin too", () => {
  assert.deepEqual(behind({ winner: "newest", pins: [pin("package", "new", "base")] }), ["4 of base < 5 of fork"]);
});

test("forksBehind: the newest is never behind, and neither is who keeps all", () => {
  assert.deepEqual([behind("newest"), behind("all")], [[], []]);
});
