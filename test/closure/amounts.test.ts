/** Hostile amounts: what one mirror writes must not take the run's time or memory. */
import assert from "node:assert/strict";
import test from "node:test";
import { dependentsOfBans } from "../../lib/closure/ban-dependents.ts";
import { stillUninstallable } from "../../lib/closure/still-uninstallable.ts";
import { findUninstallable } from "../../lib/closure/uninstallable.ts";
import { ban } from "../merge/inputs.ts";
import { blocksOf, p, stanzas } from "./stanzas.ts";

const MANY = 50_000;
const LIMIT_MS = 10_000;

function timed<Result>(work: () => Result): Result {
  const started = performance.now();
  const result = work();
  assert.ok(performance.now() - started < LIMIT_MS);
  return result;
}

const line = Array.from({ length: MANY }, (_, position) => p(`p${position}`, `p${position + 1}`));

test("dependents of bans: 50,000 packages in one line fall in linear time, and long chains are told by their ends", () => {
  const [last] = stanzas(p(`p${MANY}`));
  assert.ok(last);
  const { dropped } = timed(() => dependentsOfBans(stanzas(...line), [{ ...last, ban: 0 }], [ban("package", `p${MANY}`)], "amd64"));
  assert.equal(dropped.length, MANY);
  const first = dropped.find(({ chain }) => chain[0] === "p0");
  assert.deepEqual([first?.chain.length, first?.chain[1], first?.chain.at(-2), first?.chain.at(-1)], [51, "p1", "…", `p${MANY}`]);
});

test("findUninstallable: the same line, hanging on nothing", () => {
  const found = timed(() => findUninstallable(stanzas(...line), "amd64").broken);
  assert.deepEqual([found.length, found[0]?.chain.at(-1), found[0]?.relation], [MANY, `p${MANY - 1}`, `Depends: p${MANY}`]);
});

test("stillUninstallable: a line that is mended from its end is followed, and one that is too long is soon given up", async () => {
  for (const [length, names] of [
    [90, []],
    [MANY, undefined],
  ] as const) {
    const own = line.slice(0, length);
    const before = { names: own.map(({ name }) => name), partly: [] };
    const since = { changed: new Set([`p${length}`]), provided: new Set<string>() };
    const started = performance.now();
    const found = await stillUninstallable(blocksOf(stanzas(...own, p(`p${length}`)), 64), "amd64", before, since);
    assert.deepEqual(found?.names, names);
    assert.ok(performance.now() - started < LIMIT_MS);
  }
});

test("stillUninstallable: more names than can have moved in an archive are given up at once", async () => {
  const provided = new Set(Array.from({ length: 100_001 }, (_, position) => `v${position}`));
  const found = await stillUninstallable(
    blocksOf(stanzas(p("a")), 1),
    "amd64",
    { names: [], partly: [] },
    { changed: new Set(["a"]), provided },
  );
  assert.equal(found, undefined);
});

test("dependents of bans: a name with 20,000 givers that 20,000 packages need", () => {
  const givers = Array.from({ length: 20_000 }, (_, position) => p(`g${position}`, "banned", { provides: "v" }));
  const takers = Array.from({ length: 20_000 }, (_, position) => p(`t${position}`, "v"));
  const [out] = stanzas(p("banned"));
  assert.ok(out);
  const { dropped } = timed(() =>
    dependentsOfBans(stanzas(...givers, ...takers), [{ ...out, ban: 0 }], [ban("package", "banned")], "amd64"),
  );
  assert.equal(dropped.length, 40_000);
});

test("two stanzas with thousands of versions of one name are refused for their amount, not compared one by one", () => {
  const versions = (form: (position: number) => string) => Array.from({ length: 8000 }, (_, position) => form(position)).join(", ");
  const two = stanzas(
    p("a", "", { provides: versions((n) => `x (= ${n})`) }),
    p(
      "b",
      versions((n) => `x (>> ${n}a)`),
    ),
  );
  assert.throws(() => timed(() => findUninstallable(two, "amd64")), { code: "INDEX_TOO_LARGE" });
});

test("one name provided by many and asked for in many versions is refused for its amount", () => {
  const givers = Array.from({ length: 5000 }, (_, position) => p(`g${position}`, "", { provides: "v (= 9999)" }));
  const takers = Array.from({ length: 5000 }, (_, position) => p(`t${position}`, `v (>= ${position})`));
  assert.throws(() => timed(() => findUninstallable(stanzas(...givers, ...takers), "amd64")), {
    code: "INDEX_TOO_LARGE",
    message: /"v" is provided and asked for/,
  });
});

test("a name that many provide, asked for in many groups, counts once: 4,000 packages do not stop what they are in", () => {
  const all = Array.from({ length: 4000 }, (_, position) => p(`p${position}`, `x${position} | v`, { provides: "v" }));
  assert.deepEqual(timed(() => findUninstallable(stanzas(...all), "amd64")).broken, []);
});

test("names of many bytes in a long line take their own memory once, not once for each chain", () => {
  const long = "n".repeat(2000);
  const all = Array.from({ length: 10_000 }, (_, position) => p(`${long}${position}`, `${long}${position + 1}`));
  const chains = findUninstallable(stanzas(...all), "amd64").broken.map(({ chain }) => chain);
  const used = process.memoryUsage().heapUsed;
  assert.equal(chains.length, 10_000);
  assert.ok(used < 600e6, `${Math.round(used / 1e6)} MB`);
});
