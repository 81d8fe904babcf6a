/** Faults that an operator makes: in the config, in folders, in overrides. Through the command line; nothing is fetched where the config is wrong. */
import assert from "node:assert/strict";
import { mkdir, readdir, readFile, realpath, symlink, unlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import test from "node:test";
import { assertPublished } from "../support/refused.ts";
import { deb, newWorld, RECENTLY, type TestWorld, upstream } from "../support/world.ts";

const calm = upstream().deb(deb("hello")).at(RECENTLY);

/** A small config as people write it. */
const yaml = (world: TestWorld): string =>
  [
    "state: state",
    "output: output",
    "sign: [{ key: signing-key.asc }]",
    "mirrors:",
    "  base:",
    `    url: ${world.mirror("base").url}`,
    "    signed-by: keyrings/base.asc",
    "    pool: BASE",
    "suites:",
    "  merged:",
    "    from: [base/stable]",
    "    components: [main]",
    "    architectures: [amd64]",
    "",
  ].join("\n");

const FAULTS: readonly (readonly [id: string, what: string, change: (text: string) => string, place: RegExp])[] = [
  ["O01", "an unknown key", (text) => text.replace("    pool:", "    pol:"), /:8:5: .*"?pol"?.*pool/],
  ["O01", "a value of another type", (text) => text.replace("pool: BASE", "retries: many"), /:8:14: .*retries/],
  ["O01", "a list where a text is wanted", (text) => text.replace("output: output", "output: [output]"), /:2:9: .*output/],
  ["O01", "a key that stands twice", (text) => `${text}state: other\n`, /:14:1: .*state/],
  ["O01", "a tab for indentation", (text) => text.replace("    pool", "\tpool"), /:8:\d+: .*[Tt]ab/],
  ["O01", "a byte order mark", (text) => `\ufeff${text}`, /:1:1: /],
  [
    "O02",
    "two mirrors of one name",
    (text) => text.replace("suites:", "  base: { url: http://x.example/, signed-by: k }\nsuites:"),
    /:9:3: .*base/,
  ],
  ["O02", "one suite of a mirror twice", (text) => text.replace("[base/stable]", "[base/stable, base/stable]"), /:11:25: .*same suite/],
  ["O03", "an output that is the state folder", (text) => text.replace("output: output", "output: ./state/"), /:2:9: /],
  ["O03", "an output inside the state folder", (text) => text.replace("output: output", "output: state/../state/x"), /:2:9: /],
  ["O03", "a state folder inside the output", (text) => text.replace("state: state", "state: output/state"), /:1:8: /],
  ["O03", "the root as output", (text) => text.replace("output: output", "output: /"), /:2:9: /],
  ["O03", "the root as state", (text) => text.replace("state: state", "state: //"), /:1:8: /],
];

for (const [id, what, change, place] of FAULTS) {
  test(`${id}: ${what} ends in 3 with line and column, and nothing is fetched or written`, async (t) => {
    const world = await newWorld(t, { base: calm });
    await writeFile(world.configFile, change(yaml(world)));
    for (const command of ["merge", "check"]) {
      const { status, stderr } = await world.cli([command]);
      assert.equal(status, 3, stderr);
      assert.match(stderr, new RegExp(`error CONFIG_(SYNTAX|INVALID): \\S*aptmerge\\.yaml${place.source}`));
    }
    assert.deepEqual([world.mirror("base").requests.length, await world.tree()], [0, {}]);
  });
}

test("O01: a suite and a mirror called no are texts, as everything in the config that is not in quotes", async (t) => {
  const world = await newWorld(t, { base: calm });
  await writeFile(world.configFile, yaml(world).replaceAll("base:", "no:").replace("base/stable", "no/stable").replace("merged:", "no:"));
  const { status, stderr } = await world.cli(["merge"]);
  assert.equal(status, 0, stderr);
  assert.deepEqual(await world.packages("no"), ["hello 1.0"]);
});

test("O02: two mirrors of one URL are doubted, and the one that comes first in from wins", async (t) => {
  const world = await newWorld(t, { base: calm, twin: calm });
  await world.configure({ mirrors: { twin: { url: world.mirror("base").url } } });
  const { status, stderr } = await world.cli(["merge"]);
  assert.equal(status, 0);
  assert.match(stderr, /warning CONFIG_DOUBTFUL: .*twin.*base/);
  assert.match(await world.index(), /^Filename: pool\/BASE\//m);
});

for (const [what, link] of [
  ["an output that is a link to the state folder", async (world: TestWorld) => symlink("state", world.output)],
  [
    "an output that is a link into the state folder",
    async (world: TestWorld) => {
      await mkdir(join(world.state, "x"), { recursive: true });
      await symlink("state/x", world.output);
    },
  ],
  ["an output above which a link leads to the state folder", async (world: TestWorld) => symlink("state", join(world.folder, "way"))],
] as const) {
  test(`O03: ${what} is refused with 3, and nothing is fetched`, async (t) => {
    const world = await newWorld(t, { base: calm });
    await mkdir(join(world.state, "out"), { recursive: true });
    await link(world);
    const text = yaml(world);
    await writeFile(world.configFile, what.includes("above") ? text.replace("output: output", "output: way/out") : text);
    const { status, stderr } = await world.cli(["merge"]);
    assert.equal(status, 3, stderr);
    assert.match(stderr, /aptmerge\.yaml:2:9: .*output/);
    assert.equal(world.mirror("base").requests.length, 0);
  });
}

test("O03: an output or state whose links lead in a circle ends in an error of the config or the disk, and nothing is fetched", async (t) => {
  for (const folder of ["output", "state"]) {
    const world = await newWorld(t, { base: calm });
    await symlink(folder, join(world.folder, folder));
    const { status, stderr } = await world.cli(["merge"]);
    assert.ok(status === 3 || status === 7, `${status} ${stderr}`);
    assert.match(stderr, /ELOOP|circle|too many/i);
    assert.equal(world.mirror("base").requests.length, 0);
  }
});

// CONTRACT: 7 is for the disk. Folders of aptmerge are never links, so what is staged is on the file system of what is live.
test("O03: an output that is a link ends in 7, and nothing is fetched; what is staged lies beside what is live", async (t) => {
  const world = await newWorld(t, { base: calm });
  await mkdir(join(world.folder, "disk"));
  await symlink("disk", world.output);
  const { status, stderr } = await world.cli(["merge"]);
  assert.equal(status, 7, stderr);
  assert.match(stderr, /output": it is a symlink, it must be a folder/);
  assert.deepEqual([world.mirror("base").requests.length, await readdir(join(world.folder, "disk"))], [0, []]);
  await unlink(world.output);
  await assertPublished(world, { now: new Date() });
  assert.equal(await realpath(join(world.output, "current")), join(await realpath(world.output), ".generations/000001"));
});

test("O04: an override of a package that is not there is told, and the rest holds", async (t) => {
  const overrides = {
    "override.merged.main": "absent optional net\nhello important net\n",
    "a.yaml": "- match: { package: gone }\n  remove: [Task]\n",
  };
  const world = await newWorld(t, { base: calm }, { overrides });
  const { warnings, problems } = await assertPublished(world, { now: new Date() });
  assert.deepEqual(new Set(warnings), new Set(["OVERRIDE_UNUSED"]));
  const told = problems.map(({ message }) => message).join("\n");
  assert.ok(told.includes("absent") && told.includes("a.yaml:1"), told);
  assert.match(await world.index(), /^Section: net$/m);
});

// CONTRACT: rules go in their order, later ones on top. So do lines of Debian's files.
test("O04: of two lines that say different things of one package the later one holds", async (t) => {
  const world = await newWorld(t, { base: calm }, { overrides: { "override.merged.main": "hello optional net\nhello important admin\n" } });
  await assertPublished(world, { now: new Date() });
  assert.match(await world.index(), /^Section: admin\nPriority: important$/m);
});

test("O04: of two YAML rules that set one field the later one holds", async (t) => {
  const rules = "- match: { package: hello }\n  set: { Section: net }\n- match: { package: 'hel*' }\n  set: { Section: admin }\n";
  const world = await newWorld(t, { base: calm }, { overrides: { "a.yaml": rules } });
  await assertPublished(world, { now: new Date() });
  assert.match(await world.index(), /^Section: admin$/m);
});

for (const pattern of ["(a+)+$", "a|b", "[a-z]*", "**"]) {
  test(`O04: a pattern is a glob: ${pattern} ends in 3, with line and column`, async (t) => {
    const rule = `- match: { package: ${JSON.stringify(pattern)} }\n  remove: [Task]\n`;
    const world = await newWorld(t, { base: calm }, { overrides: { "a.yaml": rule } });
    const { status, stderr } = await world.cli(["merge"]);
    assert.equal(status, 3, stderr);
    assert.match(stderr, /OVERRIDE_MALFORMED: .*a\.yaml:1:21/);
  });
}

test("O05: a pin that forces a downgrade is followed, and plan and report say so with the reason", async (t) => {
  const world = await newWorld(t, { base: upstream().deb(deb("hello", "2")).at(RECENTLY), old: calm });
  await assertPublished(world, { now: new Date() });
  await world.configure({ config: { policy: { pin: [{ package: "hello", mirror: "old" }] } } });
  const plan = await world.cli(["diff", "--format", "json"]);
  const { report } = await assertPublished(world, { now: new Date(Date.now() + 5000) });
  for (const change of [JSON.parse(plan.stdout).suites[0].changes[0], report?.suites[0]?.changes[0]]) {
    assert.deepEqual([change.kind, change.package, change.from.version, change.to.version], ["downgraded", "hello", "2", "1.0"]);
    assert.equal(change.reason, '"old" wins over "base"');
  }
  assert.equal(report?.suites[0]?.behind[0]?.because, "a pin gives the name to its mirror");
});

test("O05: a ban that drops an essential package is followed, and plan, report and log say so", async (t) => {
  const base = upstream()
    .deb({ ...deb("init"), Essential: "yes" })
    .debs(Array.from({ length: 9 }, (_, number) => deb(`tool${number}`)))
    .at(RECENTLY);
  const world = await newWorld(t, { base });
  await assertPublished(world, { now: new Date() });
  await world.configure({ config: { policy: { ban: [{ package: "init", reason: "another runs here" }], "max-shrink": "50%" } } });
  const plan = await world.cli(["diff"]);
  assert.match(plan.stdout, /removed[\s\S]*init/);
  const { status, stderr } = await world.cli(["merge", "--report", "json:report.json"]);
  assert.equal(status, 0, stderr);
  const report = JSON.parse(await readFile(join(world.folder, "report.json"), "utf8"));
  assert.deepEqual(
    report.suites[0].banned.map((one: { package: string; reason: string }) => [one.package, one.reason]),
    [["init", "another runs here"]],
  );
  assert.ok(!(await world.packages()).includes("init 1.0"));
});
