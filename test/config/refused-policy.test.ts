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
    "an architecture is one of the suite's",
    ban("{ package: a, architecture: arm64 }"),
    '10:45: Cannot use policy.ban[0].architecture: it is "arm64", it must be one of its suites: amd64',
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
  [
    "privilege is full or limited",
    { 4: "  debian: { url: http://c.example/debian, signed-by: debian.gpg, privilege: none }" },
    '4:77: Cannot use mirrors.debian.privilege: it is "none", it must be full or limited',
  ],
]);

for (const [name, rules, wanted] of [
  [
    "pins that contradict each other",
    "{ pin: [{ package: a, mirror: debian }, { package: a, mirror: two }] }",
    'policy.pin[1] contradicts policy.pin[0], which comes first: it counts only where "debian" lacks the name',
  ],
  [
    "a ban that stands there twice",
    "{ ban: [{ package: a }, { package: a, dependents: keep }] }",
    "policy.ban[1] says what policy.ban[0] says already",
  ],
  [
    "a pin of what is banned",
    "{ pin: [{ source: a, mirror: debian }], ban: [{ source: a }] }",
    "policy.pin[0] does nothing: policy.ban[0] bans all that it speaks of",
  ],
  [
    "a pin to a mirror that takes no part",
    "{ pin: [{ source: a, mirror: idle }] }",
    'policy.pin[0] does nothing: suite "daedalus" takes nothing from mirror "idle"',
  ],
] as const) {
  test(`doubtful: ${name}`, async (t) => {
    const mirrors =
      "  two: { url: http://d.example/debian, signed-by: debian.gpg, pool: TWO }\n  idle: { url: http://e.example/debian, signed-by: debian.gpg, pool: IDLE }";
    const { settings, messages } = await load(
      t,
      withLines({
        4: `  debian: { url: http://c.example/debian, signed-by: debian.gpg }\n${mirrors}`,
        7: "    from: [debian/bookworm, two/bookworm]",
        10: `policy: ${rules}`,
      }),
    );
    assert.ok(settings);
    assert.deepEqual(
      messages.map((message) => message.replace(/^\S+: /, "")),
      [wanted],
    );
  });
}

test("rules for different versions, architectures or suites are no contradiction", async (t) => {
  const rules =
    '{ pin: [{ package: a, mirror: debian, version: "<< 2" }, { package: a, mirror: debian/bookworm }], ban: [{ package: b, mirror: debian }, { package: b }] }';
  const { messages } = await load(t, withLines({ 10: `policy: ${rules}` }));
  assert.deepEqual(messages, []);
});
