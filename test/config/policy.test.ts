/** What pins, bans and the rest of a policy become. */
import assert from "node:assert/strict";
import test from "node:test";
import { load, withLines } from "./config-file.ts";

/** Policies of the suites of a config with two suites, "daedalus" and "other". */
async function policies(t: Parameters<typeof load>[0], shared: string, own = "{}") {
  const text = withLines({
    10: `    policy: ${own}\n  other: { from: [debian/bookworm], components: [main], architectures: [amd64] }\npolicy: ${shared}`,
  });
  const { settings, messages } = await load(t, text);
  assert.deepEqual(messages, []);
  return settings?.suites.map(({ policy }) => policy) ?? [];
}

test("every key of a pin and of a ban arrives", async (t) => {
  const pin = `{ package: "linux-*", mirror: debian/bookworm, suite: [daedalus], architecture: amd64, version: "<< 2.0", until: { package: linux-image-amd64, version: "7" } }`;
  const ban = `{ source: "snapd*", mirror: debian, suite: daedalus, architecture: amd64, version: ">= 1:3", dependents: report, report: [recommends, suggests], reason: not here }`;
  const [first, second] = await policies(t, `{ pin: [${pin}], ban: [${ban}] }`);
  assert.deepEqual(first?.pins, [
    {
      by: "package",
      pattern: "linux-*",
      architecture: "amd64",
      version: { operator: "<<", version: "2.0" },
      place: "policy.pin[0]",
      mirror: { mirror: "debian", suite: "bookworm" },
      until: { package: "linux-image-amd64", version: "7" },
    },
  ]);
  assert.deepEqual(first?.bans, [
    {
      by: "source",
      pattern: "snapd*",
      architecture: "amd64",
      version: { operator: ">=", version: "1:3" },
      place: "policy.ban[0]",
      mirror: { mirror: "debian", suite: undefined },
      dependents: "report",
      reportWeak: ["Recommends", "Suggests"],
      reason: "not here",
    },
  ]);
  assert.deepEqual([second?.pins, second?.bans], [[], []], "rules of one suite are no other's");
});

test("the shortest rules get every default", async (t) => {
  const [policy] = await policies(t, "{ pin: [{ source: a, mirror: debian }], ban: [{ package: b }] }");
  const open = { architecture: undefined, version: undefined };
  assert.deepEqual(policy?.pins, [
    { by: "source", pattern: "a", ...open, place: "policy.pin[0]", mirror: { mirror: "debian", suite: undefined }, until: undefined },
  ]);
  assert.deepEqual(policy?.bans, [
    {
      by: "package",
      pattern: "b",
      ...open,
      place: "policy.ban[0]",
      mirror: undefined,
      dependents: "drop",
      reportWeak: [],
      reason: undefined,
    },
  ]);
});

test("a suite's rules come before the shared ones, which still hold", async (t) => {
  const [own, other] = await policies(t, "{ ban: [{ package: a }, { package: b }] }", "{ ban: [{ package: c }] }");
  assert.deepEqual(
    [own, other].map((policy) => policy?.bans.map(({ pattern, place }) => `${place} ${pattern}`)),
    [
      ["suites.daedalus.policy.ban[0] c", "policy.ban[0] a", "policy.ban[1] b"],
      ["policy.ban[0] a", "policy.ban[1] b"],
    ],
  );
});

test("an empty list in a suite clears the shared one, for that list alone", async (t) => {
  const [own] = await policies(t, "{ ban: [{ package: a }], pin: [{ package: b, mirror: debian }] }", "{ ban: [] }");
  assert.deepEqual([own?.bans.length, own?.pins.length], [0, 1]);
});

test("sources, uninstallable and debcheck: of the suite, else shared, else by default", async (t) => {
  const [own, other] = await policies(t, "{ sources: strict, uninstallable: report }", "{ sources: 'off', debcheck: true }");
  assert.deepEqual(
    [own, other].map((policy) => [policy?.sources, policy?.uninstallable, policy?.debcheck]),
    [
      ["off", "report", true],
      ["strict", "report", false],
    ],
  );
  const [plain] = await policies(t, "{}");
  assert.deepEqual([plain?.sources, plain?.uninstallable, plain?.debcheck], ["keep", "hold", false]);
});
