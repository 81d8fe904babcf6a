import assert from "node:assert/strict";
import { test } from "node:test";
import { type Breakage, stillUninstallable } from "../../lib/closure/still-uninstallable.ts";
import { findUninstallable } from "../../lib/closure/uninstallable.ts";
import { numbers } from "../support/numbers.ts";
import { blocksOf, p, stanzas, type Written } from "./stanzas.ts";

function breakageOf(all: readonly Written[]): Breakage {
  const { broken, partly } = findUninstallable(stanzas(...all), "amd64");
  return { names: broken.map(({ name }) => name), partly };
}

function changedNames(before: readonly Written[], now: readonly Written[]): ReadonlySet<string> {
  const textsOf = (all: readonly Written[], name: string): string =>
    JSON.stringify(
      all
        .filter((one) => one.name === name)
        .map((one) => JSON.stringify(one))
        .sort(),
    );
  const names = new Set([...before, ...now].map(({ name }) => name));
  return new Set([...names].filter((name) => textsOf(before, name) !== textsOf(now, name)));
}

/** As a run tells it that compared both indices. */
async function after(before: readonly Written[], now: readonly Written[]): Promise<Breakage | undefined> {
  const changed = changedNames(before, now);
  const provided = new Set(
    before.flatMap(({ name, provides }) => (changed.has(name) && provides !== undefined ? namesProvided(provides) : [])),
  );
  return stillUninstallable(blocksOf(stanzas(...now), 2), "amd64", breakageOf(before), { changed, provided });
}

const namesProvided = (provides: string): readonly string[] => provides.split(",").map((one) => one.trim().split(" ")[0] ?? "");

for (const [name, before, now, found] of [
  ["nothing changed", [p("a", "gone"), p("b")], [p("a", "gone"), p("b")], ["a"]],
  ["one that was broken is mended by what is new", [p("a", "n")], [p("a", "n"), p("n")], []],
  ["one that was broken is mended by a new Provides", [p("a", "v"), p("b")], [p("a", "v"), p("b", "", { provides: "x, v" })], []],
  ["one whose need went is broken anew", [p("a", "b"), p("b")], [p("a", "b")], undefined],
  ["one whose need was provided by what is gone", [p("a", "v"), p("b", "", { provides: "v (= 1)" })], [p("a", "v")], undefined],
  ["one whose need is another version now", [p("a", "b (= 1)"), p("b")], [p("a", "b (= 1)"), p("b", "", { version: "2" })], undefined],
  ["one whose need can no longer be installed", [p("a", "b"), p("b")], [p("a", "b"), p("b", "gone")], undefined],
  ["one that is new and cannot be installed", [p("a")], [p("a"), p("b", "gone")], undefined],
  ["one whose Pre-Depends went", [p("a", "", { preDepends: "b" }), p("b")], [p("a", "", { preDepends: "b" })], undefined],
  ["one whose other alternative went", [p("a", "b | c"), p("b"), p("c")], [p("a", "b | c"), p("c")], []],
  [
    "one whose last alternative goes after one that was broken",
    [p("a", "b | c"), p("b"), p("c", "gone")],
    [p("a", "b | c"), p("c", "gone")],
    undefined,
  ],
  ["a circle that was broken and is mended", [p("a", "b, n"), p("b", "a")], [p("a", "b, n"), p("b", "a"), p("n")], []],
  ["one of two versions goes and the other never could", [p("a", "gone"), p("a", "", { version: "2" })], [p("a", "gone")], undefined],
  ["an architecture that nobody asks for", [p("a", "b:any"), p("b", "", { multiArch: "allowed" })], [p("a", "b:any"), p("b")], undefined],
] as const satisfies readonly (readonly [string, readonly Written[], readonly Written[], readonly string[] | undefined])[]) {
  test(`stillUninstallable: ${name}`, async () => assert.deepEqual((await after(before, now))?.names, found));
}

const sorted = ({ names, partly }: Breakage): Breakage => ({ names: names.toSorted(), partly: partly.toSorted() });

const ROUNDS = Number(process.env.FUZZ_ROUNDS ?? 1000);

/** Relations of few names, so that most of them meet. */
function world(number: (below: number) => number): readonly Written[] {
  const name = (): string => `n${number(9)}`;
  const pick = (among: readonly string[]): string => among[number(among.length)] ?? "";
  const alternative = (): string => name() + pick(["", "", "", ":any", ":i386"]) + pick(["", "", "", " (>= 2)", " (= 1)", "(<< 3)"]);
  const group = (): string => alternative() + pick(["", "", ` | ${alternative()}`, `|${alternative()}`]);
  const groups = (most: number): string => Array.from({ length: number(most) }, group).join(pick([", ", ","]));
  const one = (): Written => ({
    name: name(),
    version: pick(["1", "2", "3"]),
    depends: groups(4) + pick(["", "", "", ", broken relation"]),
    preDepends: groups(2),
    provides: pick(["", "", name(), `${name()} (= 2), ${name()}`]),
    multiArch: pick(["", "", "allowed"]),
  });
  return Array.from({ length: 2 + number(9) }, one);
}

test("stillUninstallable finds what findUninstallable finds, and asks for it when something is newly broken, in random worlds", async () => {
  const number = numbers(5);
  let [told, asked, mended] = [0, 0, 0];
  for (let round = 0; round < ROUNDS; round++) {
    const before = world(number);
    const other = world(number);
    const [goes, comes] = [2 + number(8), 2 + number(8)];
    const now = before.flatMap((one) => (number(goes) === 0 ? [] : [one])).concat(other.filter(() => number(comes) === 0));
    const [was, is, changed] = [breakageOf(before), breakageOf(now), changedNames(before, now)];
    const isWorse =
      is.names.some((name) => !was.names.includes(name)) ||
      is.partly.some((name) => ![...was.names, ...was.partly].includes(name) && !changed.has(name));
    const found = await after(before, now);
    assert.deepEqual(found && sorted(found), isWorse ? undefined : sorted(is), JSON.stringify({ round, before, now }));
    if (isWorse) asked++;
    else told++;
    if (!isWorse && is.names.length < was.names.length) mended++;
  }
  // All that there is to find is found often.
  assert.ok(told > ROUNDS / 5 && asked > ROUNDS / 5 && mended > ROUNDS / 20, `${told}, ${asked} and ${mended}`);
});
