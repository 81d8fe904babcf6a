import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { dependentsOfBans } from "../../lib/closure/ban-dependents.ts";
import type { BanRule } from "../../lib/settings.ts";
import { ban } from "../merge/inputs.ts";
import { p, stanzas, type Written } from "./stanzas.ts";

const BANNED = "systemd-sysv";

/** What goes when the names of the bans are taken out of a set of stanzas, as chains. */
function fall(all: readonly Written[], bans: readonly BanRule[] = [ban("package", BANNED)]) {
  const ruleOf = (name: string): number => bans.findIndex(({ pattern }) => pattern === name);
  const kept = all.filter(({ name }) => ruleOf(name) < 0);
  const out = all.filter(({ name }) => ruleOf(name) >= 0);
  const banned = stanzas(...out).map((one, position) => ({ ...one, ban: ruleOf(out[position]?.name ?? "") }));
  const { dropped, told } = dependentsOfBans(stanzas(...kept), banned, bans, "amd64");
  return {
    chains: dropped.map(({ chain }) => chain.join(" <- ")).sort(),
    told: told.map(({ chain, relation }) => `${chain.join(" <- ")}: ${relation}`).sort(),
    dropped,
  };
}

const sysv = p(BANNED, "", { version: "252", provides: "init-like, logind (= 252)", multiArch: "allowed" });

for (const [name, all, chains] of [
  ["who depends on it goes", [sysv, p("a", BANNED)], ["a <- systemd-sysv"]],
  ["who pre-depends on it goes", [sysv, p("a", "", { preDepends: BANNED })], ["a <- systemd-sysv"]],
  ["who needs something else stays", [sysv, p("a", "b"), p("b")], []],
  ["another alternative that is there keeps it", [sysv, p("a", `${BANNED} | b`), p("b")], []],
  ["an alternative that is not there does not", [sysv, p("a", `${BANNED} | gone`)], ["a <- systemd-sysv"]],
  [
    "an alternative that falls itself does not",
    [sysv, p("a", `${BANNED} | b`), p("b", BANNED)],
    ["a <- systemd-sysv", "b <- systemd-sysv"],
  ],
  ["a name that it provided", [sysv, p("a", "init-like")], ["a <- systemd-sysv"]],
  ["a name that somebody else provides too", [sysv, p("a", "init-like"), p("b", "", { provides: "init-like" })], []],
  [
    "a version that only its versioned Provides met",
    [sysv, p("a", "logind (>= 200)"), p("b", "", { provides: "logind" })],
    ["a <- systemd-sysv"],
  ],
  ["a version that another versioned Provides meets", [sysv, p("a", "logind (>= 200)"), p("b", "", { provides: "logind (= 250)" })], []],
  ["a version that nobody met before stays unmet", [sysv, p("a", `${BANNED} (>= 300)`)], []],
  [":any on a package that allows it", [sysv, p("a", `${BANNED}:any`)], ["a <- systemd-sysv"]],
  [":any on one that does not never held", [{ ...sysv, multiArch: "foreign" }, p("a", `${BANNED}:any`)], []],
  ["a relation to its own architecture", [sysv, p("a", `${BANNED}:amd64`)], ["a <- systemd-sysv"]],
  ["a relation to another architecture is judged by this one", [sysv, p("a", `${BANNED}:i386 (>= 1)`)], ["a <- systemd-sysv"]],
  [
    "what needs what goes, goes",
    [sysv, p("a", "b"), p("b", "c"), p("c", BANNED)],
    ["a <- b <- c <- systemd-sysv", "b <- c <- systemd-sysv", "c <- systemd-sysv"],
  ],
  ["a circle that hangs on it goes whole", [sysv, p("a", "b"), p("b", `a, ${BANNED}`)], ["a <- b <- systemd-sysv", "b <- systemd-sysv"]],
  ["a circle of its own stays", [sysv, p("a", "b"), p("b", "a")], []],
  [
    "several versions of a name: one that is left keeps its dependents",
    [sysv, p("a", "b"), p("b", BANNED), p("b", "", { version: "2" })],
    ["b <- systemd-sysv"],
  ],
  ["recommendations take nothing", [sysv, p("a", "", { recommends: BANNED })], []],
  ["a relation for other architectures asks for nothing here", [sysv, p("a", `${BANNED} [arm64]`)], []],
  ["a relation that cannot be read never held", [sysv, p("a", `${BANNED} (>=`)], []],
] as const satisfies readonly (readonly [string, readonly Written[], readonly string[]])[]) {
  test(`dependents of bans: ${name}`, () => assert.deepEqual(fall(all).chains, chains));
}

test("dependents of bans: each is told with the relation that no longer holds and its rule", () => {
  const bans = [ban("package", "other"), ban("package", BANNED)];
  const [first] = fall([sysv, p("other"), p("a", `libc6, ${BANNED} (>= 200) | gone`), p("libc6")], bans).dropped;
  assert.deepEqual([first?.ban, first?.relation], [1, "Depends: systemd-sysv (>= 200) | gone"]);
});

test("dependents: keep drops nothing and tells nothing", () => {
  assert.deepEqual(fall([sysv, p("a", BANNED)], [ban("package", BANNED, { dependents: "keep" })]).chains, []);
  assert.deepEqual(fall([sysv, p("a", BANNED)], [ban("package", BANNED, { dependents: "keep" })]).told, []);
});

test("dependents: report drops nothing and tells all that would fall", () => {
  const { chains, told } = fall([sysv, p("a", "b"), p("b", BANNED)], [ban("package", BANNED, { dependents: "report" })]);
  assert.deepEqual([chains, told], [[], ["a <- b <- systemd-sysv: Depends: b", "b <- systemd-sysv: Depends: systemd-sysv"]]);
});

test("dependents: rules of all three sorts beside each other keep to themselves", () => {
  const bans = [ban("package", "one"), ban("package", "two", { dependents: "report" }), ban("package", "three", { dependents: "keep" })];
  const all = [p("one"), p("two"), p("three"), p("a", "one"), p("b", "two"), p("c", "three"), p("d", "one | two"), p("e", "b, a")];
  const { chains, told } = fall(all, bans);
  assert.deepEqual(chains, ["a <- one", "e <- a <- one"]);
  assert.deepEqual(told, ["b <- two: Depends: two", "d <- one: Depends: one | two"]);
});

test("weaker relations: told when a rule asks for them, and nothing falls", () => {
  const all = [
    sysv,
    p("a", "", { recommends: `x, ${BANNED}` }),
    p("b", "", { suggests: BANNED }),
    p("c", "", { recommends: `${BANNED} | d` }),
    p("d"),
  ];
  assert.deepEqual(fall(all).told, []);
  const asked = fall(all, [ban("package", BANNED, { reportWeak: ["Recommends"] })]);
  assert.deepEqual([asked.chains, asked.told], [[], ["a <- systemd-sysv: Recommends: systemd-sysv"]]);
  const both = fall(all, [ban("package", BANNED, { reportWeak: ["Recommends", "Suggests"] })]);
  assert.deepEqual(both.told, ["a <- systemd-sysv: Recommends: systemd-sysv", "b <- systemd-sysv: Suggests: systemd-sysv"]);
});

test("law: what is left needs nothing that is banned, in the plainest reading of the rule", () => {
  const names = ["a", "b", "c", "d", "e", "x", "y"];
  const name = fc.constantFrom(...names);
  const group = fc.array(name, { minLength: 1, maxLength: 2 }).map((all) => all.join(" | "));
  const written = fc.uniqueArray(
    fc.record({
      name,
      depends: fc.array(group, { maxLength: 2 }).map((all) => all.join(", ")),
      provides: fc.constantFrom("", "x", "y", "v"),
    }),
    { selector: (one) => one.name, maxLength: 7 },
  );
  fc.assert(
    fc.property(written, fc.uniqueArray(name, { minLength: 1, maxLength: 2 }), (all, banned) => {
      const bans = banned.map((one) => ban("package", one));
      const dropped = new Set(fall(all, bans).dropped.map(({ chain }) => chain[0]));
      assert.deepEqual(dropped, plainFall(all, new Set(banned)));
    }),
    { numRuns: 2000 },
  );
});

/** The rule as it is written, without a thought for speed: until nothing changes, who needs a group that held and holds no more goes. */
function plainFall(all: readonly Written[], banned: ReadonlySet<string>): ReadonlySet<string> {
  const gone = new Set<string>();
  const offers = (name: string, there: (one: Written) => boolean): boolean =>
    all.some((one) => there(one) && (one.name === name || one.provides === name));
  for (let before = -1; before !== gone.size; ) {
    before = gone.size;
    const there = (one: Written): boolean => !banned.has(one.name) && !gone.has(one.name);
    for (const one of all) {
      if (!there(one)) continue;
      const broken = (one.depends ?? "").split(", ").some((group) => {
        const names = group.split(" | ").filter((each) => each !== "");
        return names.some((each) => offers(each, () => true)) && !names.some((each) => offers(each, there));
      });
      if (broken) gone.add(one.name);
    }
  }
  return gone;
}
