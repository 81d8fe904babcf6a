/** Policy in whole runs: what is published, what the report says of it, and that nothing changes twice. */
import assert from "node:assert/strict";
import test from "node:test";
import { assertPublished, assertUnchanged } from "../support/refused.ts";
import { deb, newWorld, type RunResult, type TestWorld, upstream, type WorldOptions } from "../support/world.ts";

const overlay = upstream()
  .deb({ ...deb("grub", "2+fork"), Source: "grub2" })
  .source({ Package: "grub2", Version: "2+fork" });
const base = upstream()
  .deb({ ...deb("grub", "3"), Source: "grub2" })
  .deb({ ...deb("grub-doc", "3"), Source: "grub2" })
  .deb(deb("systemd", "252"))
  .deb({ ...deb("libpam-systemd", "252"), Depends: "systemd (= 252)", Provides: "logind" })
  .deb({ ...deb("desktop", "1"), Depends: "logind | elogind" })
  .deb({ ...deb("editor", "1"), Recommends: "systemd" })
  .source({ Package: "grub2", Version: "3" })
  .source({ Package: "systemd", Version: "252" })
  .source({ Package: "libpam-systemd", Version: "252" })
  .source({ Package: "desktop", Version: "1" })
  .source({ Package: "editor", Version: "1" });

const world = (t: Parameters<typeof newWorld>[0], policy: object, more: WorldOptions = {}): Promise<TestWorld> =>
  newWorld(t, { overlay, base }, { suites: { merged: { architectures: ["amd64", "source"] } }, config: { policy }, ...more });

const suiteOf = ({ report }: RunResult) => {
  const [suite] = report?.suites ?? [];
  assert.ok(suite);
  return suite;
};

test("a ban takes what depends on it along, and the report has every chain", async (t) => {
  const one = await world(t, { ban: [{ package: "systemd", reason: "no systemd here", report: ["recommends"] }] });
  const result = await one.run();
  assert.equal(result.exit, 0);
  assert.deepEqual(await one.packages(), ["editor 1", "grub 2+fork", "grub-doc 3"]);
  const { banned, needsBanned } = suiteOf(result);
  assert.deepEqual(
    banned.map(({ package: name, rule, chain, relation, reason }) => ({ name, rule, chain, relation, reason })),
    [
      { name: "systemd", rule: "package systemd", chain: ["systemd"], relation: undefined, reason: "no systemd here" },
      {
        name: "libpam-systemd",
        rule: "package systemd",
        chain: ["libpam-systemd", "systemd"],
        relation: "Depends: systemd (= 252)",
        reason: "no systemd here",
      },
      {
        name: "desktop",
        rule: "package systemd",
        chain: ["desktop", "libpam-systemd", "systemd"],
        relation: "Depends: logind | elogind",
        reason: "no systemd here",
      },
    ],
  );
  assert.deepEqual(
    needsBanned.map(({ package: name, relation }) => [name, relation]),
    [["editor", "Recommends: systemd"]],
  );
  await assertUnchanged(one);
});

test("a package that is overridden not to need what is banned stays", async (t) => {
  const overrides = {
    "50-desktop.yaml": "- match: { package: desktop }\n  drop-relations: { Depends: [logind] }\n  reason: elogind does\n",
  };
  const free = await world(t, { ban: [{ package: "systemd" }] }, { overrides });
  await assertPublished(free);
  // What is left of the relation could not be met before, so it is no ban's doing.
  assert.ok((await free.packages()).includes("desktop 1"));
  assert.match(await free.index(), /^Depends: elogind$/m);
});

test("what a banned package would have offered is read after overrides", async (t) => {
  const plain = upstream()
    .deb(deb("systemd", "1"))
    .deb({ ...deb("app", "1"), Depends: "logind" });
  const policy = { ban: [{ package: "systemd" }] };
  const given = { "a.yaml": "- match: { package: systemd }\n  set: { Provides: logind }\n" };
  const one = await newWorld(t, { plain }, { overrides: given, config: { policy } });
  await assertPublished(one);
  assert.deepEqual(await one.packages(), []);
  const offering = upstream()
    .deb({ ...deb("systemd", "1"), Provides: "logind" })
    .deb({ ...deb("app", "1"), Depends: "logind" });
  const taken = { "a.yaml": "- match: { package: systemd }\n  remove: [Provides]\n" };
  const two = await newWorld(t, { offering }, { overrides: taken, config: { policy } });
  await assertPublished(two);
  assert.deepEqual(await two.packages(), ["app 1"]);
});

test("a pin, and forks that have fallen behind", async (t) => {
  const one = await world(t, {});
  const { behind } = suiteOf(await one.run());
  assert.deepEqual(
    behind.map(({ package: name, type, version, mirror, newer }) => ({ name, type, version, mirror, newer })),
    [
      { name: "grub", type: "deb", version: "2+fork", mirror: "overlay", newer: { version: "3", mirror: "base" } },
      { name: "grub2", type: "source", version: "2+fork", mirror: "overlay", newer: { version: "3", mirror: "base" } },
    ],
  );
  await one.configure({ config: { policy: { pin: [{ source: "grub2", mirror: "base" }] } } });
  const pinned = suiteOf(await one.run());
  assert.deepEqual(
    (await one.packages()).filter((name) => name.startsWith("grub")),
    ["grub 3", "grub-doc 3"],
  );
  assert.deepEqual(pinned.behind, []);
});

test("sources: keep marks a losing source that a kept binary needs, so that clients do not take it for the winner", async (t) => {
  const one = await world(t, {});
  assert.equal((await one.run()).exit, 0);
  const sources = (await one.index("merged", "main/source")).split("\n\n").filter((stanza) => stanza.includes("Package: grub2"));
  assert.deepEqual(
    sources.map((stanza) => [/^Version: (.*)$/m.exec(stanza)?.[1], /^Extra-Source-Only: yes$/m.test(stanza)]),
    [
      ["2+fork", false],
      ["3", true],
    ],
  );
});

test("sources: strict drops binaries whose source another mirror won", async (t) => {
  const one = await world(t, { sources: "strict" });
  const result = await one.run();
  assert.equal(result.exit, 0);
  assert.ok(!(await one.packages()).includes("grub-doc 3"));
  assert.deepEqual(suiteOf(result).orphans, []);
});

test("sources: strict reads Sources also for a suite that carries none", async (t) => {
  const one = await world(t, { sources: "strict" }, { suites: { merged: { architectures: ["amd64"] } } });
  await assertPublished(one);
  assert.ok(!(await one.packages()).includes("grub-doc 3"));
  assert.ok((await one.packages()).includes("grub 2+fork"));
  await assertUnchanged(one);
});

test("a pin ends by itself when another mirror has what it waits for", async (t) => {
  const pin = { package: "grub", mirror: "base", until: { package: "grub", version: "2.5" } };
  const one = await world(t, { pin: [pin] });
  await assertPublished(one);
  assert.ok((await one.packages()).includes("grub 3"));
  await one.publish("overlay", overlay.deb({ ...deb("grub", "2.5+fork"), Source: "grub2 (2+fork)" }).at("2026-10-01T12:00:00Z"));
  const result = await one.run();
  assert.equal(result.exit, 0);
  assert.ok((await one.packages()).includes("grub 2.5+fork"));
  const [told] = result.problems.filter(({ code }) => code === "RULE_UNUSED");
  assert.match(told?.message ?? "", /^policy\.pin\[0\]: The pin "package grub of base" has ended in suite "merged"/);
});

test("rules that fit nothing are told, with their place in the config", async (t) => {
  const one = await world(t, { ban: [{ package: "sistemd" }], pin: [{ package: "grubb", mirror: "base" }] });
  const result = await one.run();
  assert.deepEqual(
    result.problems.filter(({ code }) => code === "RULE_UNUSED").map(({ severity, message }) => `${severity} ${message}`),
    [
      'warning policy.ban[0]: No stanza of suite "merged" fits the ban "package sistemd": it does nothing',
      'warning policy.pin[0]: No stanza of suite "merged" fits the pin "package grubb of base": it does nothing',
    ],
  );
});

test("a limited mirror is cut to what it may say, and the report says what", async (t) => {
  const vendor = upstream()
    .deb({ ...deb("grub", "9") })
    .deb({ ...deb("own", "1"), Essential: "yes", Provides: "systemd" });
  const one = await newWorld(t, { vendor, base }, { mirrors: { vendor: { privilege: "limited" } } });
  const result = await one.run();
  assert.equal(result.exit, 0);
  assert.ok((await one.packages()).includes("grub 3"));
  assert.doesNotMatch(await one.index(), /^(Essential|Provides: systemd)/m);
  assert.deepEqual(
    suiteOf(result).limited.map(({ package: name, what }) => `${name}: ${what}`),
    ['grub: the name, which "base" has', "own: Essential: yes", "own: Provides: systemd"],
  );
  assert.ok(result.warnings.includes("MIRROR_LIMITED"));
});

test("a limited mirror gets no name that a full one has in another architecture", async (t) => {
  const both = { architectures: ["amd64", "arm64"] };
  const vendor = upstream(both)
    .deb({ ...deb("kernel", "99"), Architecture: "all" }, { architecture: "arm64" })
    .deb({ ...deb("own", "1"), Architecture: "arm64" });
  const full = upstream(both)
    .deb(deb("kernel", "1"))
    .deb({ ...deb("other", "1"), Architecture: "arm64" });
  const one = await newWorld(t, { vendor, full }, { mirrors: { vendor: { privilege: "limited" } }, suites: { merged: both } });
  assert.equal((await one.run()).exit, 0);
  assert.deepEqual(await one.packages("merged", "main/binary-arm64"), ["other 1", "own 1"]);
  assert.deepEqual(await one.packages("merged", "main/binary-amd64"), ["kernel 1"]);
});

test("a pin is not ended by a limited mirror, nor by a stanza that is banned or may not be used", async (t) => {
  const pinned = { package: "grub", mirror: "base", until: { package: "grub", version: "50" } };
  for (const [what, vendor, more] of [
    ["limited", upstream().deb(deb("grub", "99")), { mirrors: { vendor: { privilege: "limited" } } }],
    ["refused", upstream().deb({ ...deb("grub", "99"), Filename: "../x" }), {}],
    ["banned", upstream().deb(deb("grub", "99")), { config: { policy: { pin: [pinned], ban: [{ package: "grub", mirror: "vendor" }] } } }],
  ] as const) {
    const one = await newWorld(t, { base, vendor }, { config: { policy: { pin: [pinned] } }, ...more });
    assert.equal((await one.run()).exit, 0);
    assert.ok((await one.packages()).includes("grub 3"), what);
  }
});

test("a rule that removes a field may take it from the stanza that lost", async (t) => {
  const fork = upstream().deb({ ...deb("tool", "1"), Task: "mine" });
  const lost = upstream().deb({ ...deb("tool", "0"), Task: "theirs" });
  const overrides = { "a.yaml": "- match: { package: tool }\n  remove: [Task]\n  inherit: [Task]\n" };
  const one = await newWorld(t, { fork, lost }, { overrides });
  assert.equal((await one.run()).exit, 0);
  assert.match(await one.index(), /^Task: theirs$/m);
});

test("Built-Using of a source that is not there is told, and one that lost its contest stays for it", async (t) => {
  const static_ = upstream()
    .deb({ ...deb("go-tool", "1"), "Static-Built-Using": "grub2 (= 3), nowhere (= 7)" })
    .source({ Package: "go-tool", Version: "1" });
  const plain = upstream().source({ Package: "grub2", Version: "3" });
  const suites = { merged: { architectures: ["amd64", "source"] } };
  const one = await newWorld(t, { overlay, tools: static_, plain }, { suites });
  const result = await one.run();
  assert.deepEqual(suiteOf(result).builtUsing, [
    { package: "go-tool", source: "nowhere", version: "7", architecture: "amd64", field: "Static-Built-Using" },
  ]);
  assert.match(await one.index("merged", "main/source"), /Package: grub2\nBinary: grub2\nVersion: 3\n/);
});

test("a mirror without Sources is exempt, and told once", async (t) => {
  const bare = upstream().deb({ ...deb("tool", "1"), Source: "tool-src" });
  const one = await newWorld(t, { overlay, bare }, { suites: { merged: { architectures: ["amd64", "source"] } } });
  const result = await one.run();
  assert.deepEqual(suiteOf(result).orphans, []);
  assert.equal(result.problems.filter(({ code, mirror }) => code === "MIRROR_WITHOUT_SOURCES" && mirror === "bare").length, 1);
});

test("bans.json is published beside the tree when the config asks for it, and goes when it does not", async (t) => {
  const policy = { ban: [{ package: "systemd" }] };
  const one = await world(t, policy, { config: { policy, publish: { compress: { gz: 1 }, "ban-report": true } } });
  await assertPublished(one);
  const list = JSON.parse(await one.read("bans.json"));
  assert.equal(list.schema, "aptmerge.bans/1");
  assert.deepEqual(
    list.suites.merged.map((each: { chain: readonly string[] }) => each.chain.join(" <- ")),
    ["systemd", "libpam-systemd <- systemd", "desktop <- libpam-systemd <- systemd"],
  );
  await one.configure({ config: { policy } });
  await assertPublished(one, { now: "2026-10-03" });
  assert.deepEqual(
    Object.keys(await one.tree()).filter((path) => path.includes("bans.json") && !path.startsWith(".generations/000001")),
    [],
  );
});
