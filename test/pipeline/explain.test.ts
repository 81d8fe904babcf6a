/** `explain` over whole merges: what it says is what was published. */
import assert from "node:assert/strict";
import test from "node:test";
import { assertPublished } from "../support/refused.ts";
import { deb, newWorld, RECENTLY, type TestWorld, upstream, type WorldOptions } from "../support/world.ts";

const overlay = upstream()
  .deb({ ...deb("tool", "1+fork"), Source: "tool-src" })
  .source({ Package: "tool-src", Version: "1+fork" })
  .at(RECENTLY);
const base = upstream()
  .deb({ ...deb("tool", "2"), Source: "tool-src" })
  .deb({ ...deb("tool-doc", "2"), Source: "tool-src" })
  .deb({ ...deb("tool-lost", "1"), Source: "tool-src" })
  .deb(deb("init", "9"))
  .deb({ ...deb("session", "1"), Depends: "init" })
  .deb({ ...deb("desktop", "1"), Depends: "session", Recommends: "init" })
  .source({ Package: "tool-src", Version: "2" })
  .at(RECENTLY);

async function merged(t: Parameters<typeof newWorld>[0], more: WorldOptions = {}): Promise<TestWorld> {
  const suites = { merged: { architectures: ["amd64", "source"] } };
  const config = { policy: { ban: [{ package: "init", reason: "no init" }] } };
  const world = await newWorld(t, { overlay, base }, { suites, config, ...more });
  await assertPublished(world, { now: new Date() });
  return world;
}

async function told(world: TestWorld, ...args: readonly string[]): Promise<string> {
  const { status, stdout, stderr } = await world.cli(["explain", ...args]);
  assert.equal(status, 0, stderr);
  return stdout;
}

test("explain: a fork, with what lost, its source and what is published", async (t) => {
  const text = await told(await merged(t), "tool");
  assert.match(text, /^ {2}wins {4}overlay\/stable main 1\+fork: its mirror comes first in the suite$/m);
  assert.match(text, /^ {2}loses {3}base\/stable main 2: "overlay\/stable" has it as 1\+fork$/m);
  assert.match(text, /^ {2}source tool-src 1\+fork: its stanza is that of "overlay", which wins the source$/m);
  assert.match(text, /^ {2}published: 1\+fork of overlay; no change since then$/m);
});

test("explain: a source that stays beside the winner, and one that is nowhere", async (t) => {
  const world = await merged(t);
  assert.match(
    await told(world, "tool-doc"),
    /source tool-src 2: "overlay" wins the source with 1\+fork; this version stays beside it \(sources: keep\)$/m,
  );
  assert.match(
    await told(world, "tool-lost"),
    /source tool-src 1: orphaned: "overlay" wins the source with 1\+fork, and no mirror offers this version$/m,
  );
  assert.match(
    await told(world, "tool-src"),
    /^ {2}kept {4}base\/stable main 2: a kept binary was built from it; marked Extra-Source-Only/m,
  );
});

test("explain: every version that wins has its source", async (t) => {
  const many = upstream()
    .deb(deb("many", "1"))
    .deb(deb("many", "2"))
    .source({ Package: "many", Version: "1" })
    .source({ Package: "many", Version: "2" })
    .at(RECENTLY);
  const world = await newWorld(t, { many }, { suites: { merged: { architectures: ["amd64", "source"] } } });
  await assertPublished(world, { now: new Date() });
  assert.deepEqual((await told(world, "many", "--arch", "amd64")).match(/^ {2}source many \d/gm), ["  source many 1", "  source many 2"]);
});

test("explain: a banned name, and one that goes with it", async (t) => {
  const world = await merged(t);
  const banned = await told(world, "init");
  assert.match(banned, /^ {2}banned {2}base\/stable main 9: policy\.ban\[0\]: ban package init$/m);
  assert.match(banned, /^ {2}ban package init \(policy\.ban\[0\]\): no init$/m);
  assert.match(banned, /^ {2}published: nothing; no change since then$/m);
  const dropped = await told(world, "desktop");
  assert.match(dropped, /^ {2}dropped base\/stable main 1: Depends: session no longer holds; no lower mirror takes the name$/m);
  assert.match(dropped, /^ {10}goes with it: desktop <- session <- init \(Depends: session\)$/m);
});

test("explain: what has changed since the last generation", async (t) => {
  const world = await merged(t);
  await world.configure({ config: { policy: { pin: [{ package: "tool", mirror: "base" }] } } });
  const text = await told(world, "tool");
  assert.match(text, /^ {2}rule: policy\.pin\[0\]: pin package tool of base; a pin gives the name to its mirror$/m);
  assert.match(text, /^ {2}published: 1\+fork of overlay; the next merge makes it 2 of base$/m);
  assert.match(await told(world, "init"), /^ {2}published: nothing; the next merge makes it 9 of base$/m);
});

test("explain: overrides with file and line, and what a limited mirror may not say", async (t) => {
  const overrides = {
    "override.merged.main": "tool optional misc\n",
    "10.yaml": "# why\n- match: { package: tool }\n  set: { X-A: b }\n  reason: so\n",
  };
  const world = await merged(t, { overrides });
  const text = await told(world, "tool");
  for (const line of ["override override.merged.main:1 sets Priority: optional", "override 10.yaml:2 sets X-A: b (so)"])
    assert.ok(text.includes(line), line);
  const vendor = upstream()
    .deb({ ...deb("own", "1"), Essential: "yes" })
    .deb(deb("init", "99"))
    .at(RECENTLY);
  const limited = await newWorld(t, { vendor, base }, { mirrors: { vendor: { privilege: "limited" } } });
  await assertPublished(limited, { now: new Date() });
  assert.match(await told(limited, "own"), /^ {2}limited mirror: Essential: yes is taken out$/m);
  assert.match(await told(limited, "init"), /^ {2}left {4}vendor\/stable main 99: its mirror is limited, and "base" has the name$/m);
});

test("explain: sources: strict says which mirror won the source", async (t) => {
  const world = await merged(t, { config: { policy: { sources: "strict" } } });
  assert.match(await told(world, "tool-doc"), /^ {2}left {4}base\/stable main 2: "overlay" has won its source \(sources: strict\)$/m);
});

test("explain --source: its contest and its binaries", async (t) => {
  const text = await told(await merged(t), "--source", "tool-src");
  assert.match(text, /^tool-src \(source\) in suite merged$/m);
  for (const line of ["binary tool 1+fork for amd64 of overlay", "binary tool-doc 2 for amd64 of base"])
    assert.ok(text.includes(line), line);
});

test("explain --ban: by pattern, by its line and by its place, as text and as JSON", async (t) => {
  const world = await merged(t);
  const text = await told(world, "--ban", "init");
  assert.match(text, /^ban package init \(policy\.ban\[0\]\) in suite merged; dependents: drop; no init$/m);
  assert.match(text, /^ {2}go with it: 2$/m);
  for (const rule of ["package init", "policy.ban[0]"]) assert.equal(await told(world, "--ban", rule), text);
  const { schema, bans } = JSON.parse(await told(world, "--ban", "init", "--format", "json"));
  assert.equal(schema, "aptmerge.explain-ban/1");
  assert.deepEqual(
    bans[0].banned.map(({ chain }: { chain: readonly string[] }) => chain.join(" <- ")),
    ["init", "session <- init", "desktop <- session <- init"],
  );
});

for (const [what, args, wanted] of [
  ["neither a name nor a rule", [], /Cannot explain: neither a package nor --ban is given, it must be one of them/],
  ["both", ["tool", "--ban", "init"], /Cannot explain: both a package and --ban are given, it must be one of them/],
  ["a rule with --source", ["--ban", "init", "--source"], /Cannot explain: --ban goes with --suite and --format alone/],
  ["a rule that is not there", ["--ban", "inti"], /Cannot explain the ban "inti": the bans are "package init", it must be one of them/],
] as const) {
  test(`explain: ${what} is a slip`, async (t) => {
    const { status, stderr } = await (await merged(t)).cli(["explain", ...args]);
    assert.equal(status, 2);
    assert.match(stderr, wanted);
  });
}
