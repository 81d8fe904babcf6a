/** Faults of pins and bans, and rules that cannot do what they seem to. */
import assert from "node:assert/strict";
import test from "node:test";
import { load, refuses, withLines } from "./config-file.ts";

const pin = (rule: string) => ({ 10: `policy: { pin: [${rule}] }` });
const ban = (rule: string) => ({ 10: `policy: { ban: [${rule}] }` });

refuses([
  [
    "a rule goes by package or source",
    ban("{ reason: x }"),
    "10:17: Cannot use policy.ban[0]: it is a map, it must be a map with either package or source",
  ],
  [
    "not by both",
    ban("{ package: a, source: b }"),
    "10:17: Cannot use policy.ban[0]: it is a map, it must be a map with either package or source",
  ],
  ["a name alone is no rule", ban("systemd"), '10:17: Cannot use policy.ban[0]: it is "systemd", it must be a map with package or source'],
  [
    "a list of rules is a list",
    { 10: "policy: { ban: { package: a } }" },
    "10:16: Cannot use policy.ban: it is a map, it must be a list of rules, each a map with package or source",
  ],
  [
    "an unknown key names the nearest one",
    ban("{ package: a, dependants: drop }"),
    '10:31: Cannot use key "dependants" of policy.ban[0]: it is unknown, did you mean "dependents"',
  ],
  [
    "dependents are one of three",
    ban("{ package: a, dependents: remove }"),
    '10:43: Cannot use policy.ban[0].dependents: it is "remove", it must be drop, report or keep',
  ],
  [
    "a pattern has characters of names",
    ban('{ package: "lib[ab]" }'),
    '10:28: Cannot use policy.ban[0].package: it is "lib[ab]", it must be a package name, or a pattern with * and ?',
  ],
  [
    "a name that YAML reads as a number wants quotes",
    ban("{ package: 2048 }"),
    "10:28: Cannot use policy.ban[0].package: it is 2048, it must be a package name, or a pattern with * and ?, in quotes",
  ],
  [
    "a version has its operator",
    ban('{ package: a, version: "2.0" }'),
    '10:40: Cannot use policy.ban[0].version: it is "2.0", it must be a version with one of << <= = >= >>, such as "<< 2.0"',
  ],
  [
    "a pin names its mirror",
    pin("{ package: a }"),
    '10:17: Cannot use policy.pin[0]: "mirror" is missing, it must be MIRROR or MIRROR/SUITE, as in from',
  ],
  [
    "a pin's mirror is one of the config's",
    pin("{ package: a, mirror: debain }"),
    '10:39: Cannot use policy.pin[0].mirror: no mirror is called "debain", did you mean "debian"',
  ],
  [
    "a suite of the mirror is one that is merged",
    pin("{ package: a, mirror: debian/bookwrom }"),
    '10:39: Cannot use policy.pin[0].mirror: suite "daedalus" takes nothing from "debian/bookwrom", did you mean "debian/bookworm"',
  ],
  [
    "a rule's suite is one of the config's",
    ban("{ package: a, suite: dedalus }"),
    '10:38: Cannot use policy.ban[0].suite: no suite is called "dedalus", did you mean "daedalus"',
  ],
  [
    "a rule in a suite's policy is for that suite",
    { 10: "    policy: { ban: [{ package: a, suite: other }] }" },
    '10:42: Cannot use suites.daedalus.policy.ban[0].suite: it stands in the policy of "daedalus", it must be that suite',
  ],
  [
    "even when there is such a suite",
    {
      10: "    policy: { ban: [{ package: a, suite: other }] }\n  other: { from: [debian/bookworm], components: [main], architectures: [amd64] }",
    },
    '10:42: Cannot use suites.daedalus.policy.ban[0].suite: it stands in the policy of "daedalus", it must be that suite',
  ],
  [
    "an architecture is one of the suite's",
    ban("{ package: a, architecture: arm64 }"),
    '10:45: Cannot use policy.ban[0].architecture: it is "arm64", it must be an architecture of suite "daedalus": amd64',
  ],
  [
    "until wants both",
    pin("{ package: a, mirror: debian, until: { package: b } }"),
    '10:47: Cannot use policy.pin[0].until: "version" is missing, it must be a version such as 1:2.0-3',
  ],
  [
    "a version that YAML reads as a number wants quotes",
    pin("{ package: a, mirror: debian, until: { package: b, version: 2.0 } }"),
    "10:77: Cannot use policy.pin[0].until.version: it is 2.0, it must be a version such as 1:2.0-3, in quotes",
  ],
  ...["y*", "?", "a b", ""].map(
    (name) =>
      [
        `until waits for one package, not for ${JSON.stringify(name)}`,
        pin(`{ package: a, mirror: debian, until: { package: "${name}", version: "2" } }`),
        `10:65: Cannot use policy.pin[0].until.package: it is "${name}", it must be the name of one package, without * and ?`,
      ] as const,
  ),
  [
    "every suite of a list is one of the config's, each at its place",
    ban("{ package: a, suite: [daedalus, dedalus, zzz] }"),
    '10:49: Cannot use policy.ban[0].suite[1]: no suite is called "dedalus", did you mean "daedalus"',
    '10:58: Cannot use policy.ban[0].suite[2]: no suite is called "zzz", known here: daedalus',
  ],
  [
    "a faulty from is told, not also what a rule says of it",
    { 7: "    from: [debain/bookworm]", ...pin("{ package: a, mirror: debian/bookworm }") },
    '7:12: Cannot use suites.daedalus.from[0]: no mirror is called "debain", did you mean "debian"',
  ],
  [
    "an unknown suite is told, not also what its mirrors would be",
    pin("{ package: a, mirror: debian/bookworm, suite: dedalus }"),
    '10:63: Cannot use policy.pin[0].suite: no suite is called "dedalus", did you mean "daedalus"',
  ],
  [
    "a suite that clears the list still has to take from the mirror's suite",
    { 10: "    policy: { ban: [] }\npolicy: { ban: [{ package: a, mirror: debian/bookwrom }] }" },
    '11:39: Cannot use policy.ban[0].mirror: suite "daedalus" takes nothing from "debian/bookwrom", did you mean "debian/bookworm"',
  ],
  [
    "a faulty architecture is told, not also a rule that may mean it",
    { 9: "    architectures: [amd64, AMD]", ...ban("{ package: a, architecture: arm64 }") },
    '9:28: Cannot use suites.daedalus.architectures[1]: it is "AMD", it must be an architecture such as amd64, or source; all is folded into each',
  ],
  [
    "faults of all rules are told in one run, in the order of the file",
    {
      10: '    policy: { ban: [{ source: z, mirror: debain }] }\npolicy:\n  ban: [{ package: 7 }, { package: q, architecture: mips }]\n  pin: [{ package: "a b", mirror: x, suite: y }]',
    },
    '10:42: Cannot use suites.daedalus.policy.ban[0].mirror: no mirror is called "debain", did you mean "debian"',
    "12:20: Cannot use policy.ban[0].package: it is 7, it must be a package name, or a pattern with * and ?, in quotes",
    '12:53: Cannot use policy.ban[1].architecture: it is "mips", it must be an architecture of suite "daedalus": amd64',
    '13:20: Cannot use policy.pin[0].package: it is "a b", it must be a package name, or a pattern with * and ?',
    '13:35: Cannot use policy.pin[0].mirror: no mirror is called "x", known here: debian',
    '13:45: Cannot use policy.pin[0].suite: no suite is called "y", known here: daedalus',
  ],
  [
    "privilege is one of three",
    { 4: "  debian: { url: http://c.example/debian, signed-by: debian.gpg, privilege: none }" },
    '4:77: Cannot use mirrors.debian.privilege: it is "none", it must be full, watched or limited',
  ],
]);

/** What is said of a policy where "daedalus" takes from debian and two, "other" from two, and nobody from idle. */
async function doubts(t: Parameters<typeof load>[0], shared: string, own = "{}"): Promise<readonly string[]> {
  const mirrors = ["debian", "two", "idle"].map(
    (name) => `  ${name}: { url: http://${name}.example/debian, signed-by: debian.gpg, pool: ${name.toUpperCase()} }`,
  );
  const other = "  other: { from: [two/bookworm], components: [main], architectures: [amd64, source] }";
  const { settings, messages } = await load(
    t,
    withLines({
      4: mirrors.join("\n"),
      7: "    from: [debian/updates, debian/bookworm, two/bookworm]",
      9: "    architectures: [amd64, source]",
      10: `    policy: ${own}\n${other}\npolicy: ${shared}`,
    }),
  );
  assert.ok(settings, messages.join("\n"));
  return messages.map((message) => message.replace(/^aptmerge\.yaml:\d+:\d+: /, ""));
}

const FIRST = 'contradicts policy.pin[0], which comes first: it counts only where "debian" lacks the name';

for (const [name, shared, own, ...wanted] of [
  [
    "pins that contradict each other",
    "{ pin: [{ package: a, mirror: debian }, { package: a, mirror: two }] }",
    "{}",
    `policy.pin[1] ${FIRST}`,
  ],
  [
    "a pin for one suite behind one for all",
    "{ pin: [{ package: a, mirror: debian }, { package: a, mirror: two, suite: daedalus }] }",
    "{}",
    `policy.pin[1] ${FIRST}`,
  ],
  [
    "a pin of some versions behind one of all",
    '{ pin: [{ package: a, mirror: debian }, { package: a, mirror: two, version: "<< 2" }] }',
    "{}",
    `policy.pin[1] ${FIRST}`,
  ],
  [
    "a suite of a mirror is named as it stands",
    "{ pin: [{ package: a, mirror: debian/updates }, { package: a, mirror: two }] }",
    "{}",
    'policy.pin[1] contradicts policy.pin[0], which comes first: it counts only where "debian/updates" lacks the name',
  ],
  [
    "a pin that stands there twice",
    "{ pin: [{ package: a, mirror: debian }, { package: a, mirror: debian }] }",
    "{}",
    "policy.pin[1] says what policy.pin[0] says already",
  ],
  [
    "the second of three is met as well",
    "{ pin: [{ package: a, mirror: debian, suite: daedalus }, { package: a, mirror: two, suite: other }, { package: a, mirror: two, suite: other }] }",
    "{}",
    "policy.pin[2] says what policy.pin[1] says already",
  ],
  [
    "a pin to one suite of a mirror behind one to all of it",
    "{ pin: [{ package: a, mirror: debian }, { package: a, mirror: debian/updates }] }",
    "{}",
    "policy.pin[1] does nothing: policy.pin[0] comes first and covers it",
  ],
  [
    "a pin that ends behind one that does not",
    '{ pin: [{ package: a, mirror: debian }, { package: a, mirror: debian, until: { package: a, version: "2" } }] }',
    "{}",
    "policy.pin[1] does nothing: policy.pin[0] comes first and covers it",
  ],
  [
    "a ban that stands there twice, for whatever reason",
    "{ ban: [{ package: a }, { package: a, dependents: drop, reason: x }] }",
    "{}",
    "policy.ban[1] says what policy.ban[0] says already",
  ],
  [
    "a ban that would do something else with dependents comes too late",
    "{ ban: [{ package: a }, { package: a, dependents: keep }] }",
    "{}",
    "policy.ban[1] does nothing: policy.ban[0] comes first and covers it",
  ],
  [
    "a ban that would tell more comes too late",
    "{ ban: [{ package: a }, { package: a, report: [suggests] }] }",
    "{}",
    "policy.ban[1] does nothing: policy.ban[0] comes first and covers it",
  ],
  [
    "a ban of one mirror behind one of all",
    "{ ban: [{ source: a }, { source: a, mirror: debian }] }",
    "{}",
    "policy.ban[1] does nothing: policy.ban[0] comes first and covers it",
  ],
  [
    "a ban of one architecture behind one of all",
    "{ ban: [{ source: a }, { source: a, architecture: amd64 }] }",
    "{}",
    "policy.ban[1] does nothing: policy.ban[0] comes first and covers it",
  ],
  [
    "a pin of what is banned",
    "{ pin: [{ source: a, mirror: debian }], ban: [{ source: a }] }",
    "{}",
    "policy.pin[0] does nothing: policy.ban[0] bans all that it speaks of",
  ],
  [
    "a pin to the very mirror that is banned",
    "{ pin: [{ source: a, mirror: debian/updates }], ban: [{ source: a, mirror: debian }] }",
    "{}",
    "policy.pin[0] does nothing: policy.ban[0] bans all that it speaks of",
  ],
  [
    "a suite's pin of what is banned for all",
    "{ ban: [{ package: a }] }",
    "{ pin: [{ package: a, mirror: debian }] }",
    "suites.daedalus.policy.pin[0] does nothing: policy.ban[0] bans all that it speaks of",
  ],
  [
    "a pin to a mirror that takes no part",
    "{ pin: [{ source: a, mirror: idle }] }",
    "{}",
    'policy.pin[0] does nothing: its suites take nothing from mirror "idle"',
  ],
  [
    "a ban of a mirror that takes no part in the one suite",
    "{ ban: [{ source: a, mirror: debian, suite: other }] }",
    "{}",
    'policy.ban[0] does nothing: suite "other" takes nothing from mirror "debian"',
  ],
  [
    "a pin to a mirror of a suite that clears the list",
    "{ pin: [{ source: a, mirror: debian/updates }] }",
    "{ pin: [] }",
    'policy.pin[0] does nothing: suite "other" takes nothing from mirror "debian/updates"',
  ],
  [
    "a rule for a suite that clears the list",
    "{ ban: [{ package: a, suite: daedalus }] }",
    "{ ban: [] }",
    'policy.ban[0] does nothing: the suites that it is for clear the list with "ban: []"',
  ],
  [
    "a package rule for Sources",
    "{ ban: [{ package: a, architecture: source }] }",
    "{}",
    "policy.ban[0] does nothing: package speaks of binaries alone, in Sources a rule goes by source",
  ],
  [
    "doubts are told in the order of the file",
    "{ pin: [{ package: a, mirror: debian }], ban: [{ package: a }, { package: a }] }",
    "{ ban: [{ package: c }, { package: c }] }",
    "suites.daedalus.policy.ban[1] says what suites.daedalus.policy.ban[0] says already",
    "policy.pin[0] does nothing: policy.ban[0] bans all that it speaks of",
    "policy.ban[1] says what policy.ban[0] says already",
  ],
] as const) {
  test(`doubtful: ${name}`, async (t) => assert.deepEqual(await doubts(t, shared, own), wanted));
}

for (const [name, shared, own = "{}"] of [
  ["a pin of some versions before one of all", '{ pin: [{ package: a, mirror: debian, version: "<< 2" }, { package: a, mirror: two }] }'],
  ["a pin for one suite before one for all", "{ pin: [{ package: a, mirror: debian, suite: daedalus }, { package: a, mirror: two }] }"],
  ["pins of different suites", "{ pin: [{ package: a, mirror: debian, suite: daedalus }, { package: a, mirror: two, suite: other }] }"],
  [
    "what comes when a pin has ended",
    '{ pin: [{ package: a, mirror: debian, until: { package: a, version: "2" } }, { package: a, mirror: two }] }',
  ],
  [
    "a pin that goes on when one to the same mirror has ended",
    '{ pin: [{ package: a, mirror: debian, until: { package: a, version: "2" } }, { package: a, mirror: debian }] }',
  ],
  ["a ban of one mirror before one of all", "{ ban: [{ package: b, mirror: debian }, { package: b }] }"],
  ["bans of two suites of one mirror", "{ ban: [{ package: b, mirror: debian/updates }, { package: b, mirror: debian/bookworm }] }"],
  ["a source rule for Sources", "{ ban: [{ source: b, architecture: source }] }"],
  ["globs that overlap", '{ ban: [{ package: "b*" }, { package: bc, dependents: keep }] }'],
  ["package and source of one name", "{ ban: [{ package: b }, { source: b }] }"],
  [
    "a suite's rule that differs from the shared one",
    "{ pin: [{ package: a, mirror: two }] }",
    "{ pin: [{ package: a, mirror: debian }] }",
  ],
  ["a pin in a suite that clears the bans", "{ ban: [{ package: a }] }", "{ pin: [{ package: a, mirror: debian }], ban: [] }"],
  ["a pin to another mirror than the banned one", "{ pin: [{ package: a, mirror: two }], ban: [{ package: a, mirror: debian }] }"],
  ["a pin of more versions than are banned", '{ pin: [{ package: a, mirror: two }], ban: [{ package: a, version: "<< 2" }] }'],
] as const satisfies readonly (readonly [name: string, shared: string, own?: string])[]) {
  test(`not doubtful: ${name}`, async (t) => assert.deepEqual(await doubts(t, shared, own), []));
}

test("a doubt is a warning with its place", async (t) => {
  const { warnings } = await load(t, withLines({ 10: "policy: { ban: [{ package: a }, { package: a }] }" }));
  assert.deepEqual(
    warnings.map(({ severity, code, message }) => [severity, code, message.replace(/^.*(?=aptmerge\.yaml)/, "")]),
    [["warning", "CONFIG_DOUBTFUL", "aptmerge.yaml:10:33: policy.ban[1] says what policy.ban[0] says already"]],
  );
});
