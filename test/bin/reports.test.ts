/** Reports, differences and explanations as scripts read them, in the shape that the contract promises. */
import assert from "node:assert/strict";
import { readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import test from "node:test";
import { deb, newWorld, RECENTLY, type TestWorld, upstream } from "../support/world.ts";

const at = (minutes: number): Date => new Date(RECENTLY.getTime() + minutes * 60_000);
const fork = upstream()
  .deb({ ...deb("hello", "2.0+fork1"), Source: "hello-src" })
  .at(at(0));
const base = upstream().deb(deb("hello", "2.0")).deb(deb("gone")).deb(deb("other", "1.0")).at(at(0));
const newBase = upstream().deb(deb("hello", "2.1")).deb(deb("other", "1.1")).deb(deb("added")).at(at(5));

/** Names and types of a value, recursively: arrays by their first element. */
function shape(value: unknown): unknown {
  if (Array.isArray(value)) return value.length === 0 ? [] : [shape(value[0])];
  if (value === null || typeof value !== "object") return typeof value;
  return Object.fromEntries(Object.entries(value).map(([name, part]) => [name, shape(part)]));
}

const SUITE = {
  name: "string",
  outcome: "string",
  mirrors: [
    {
      name: "string",
      suite: "string",
      state: "string",
      date: "string",
      signedBy: ["string"],
      files: "number",
      bytes: "number",
      via: ["string"],
    },
  ],
  indices: [
    { path: "string", stanzas: "number", added: "number", removed: "number", changed: "number", bytes: "number", rebuilt: "boolean" },
  ],
  changes: [
    {
      kind: "string",
      package: "string",
      source: "string",
      component: "string",
      architecture: "string",
      to: { version: "string", mirror: "string" },
      reason: "string",
    },
  ],
  shadowed: "number",
  banned: [],
  needsBanned: [],
  orphans: [],
  builtUsing: [],
  behind: [],
  limited: [],
  uninstallable: [],
  overridden: "number",
};

async function reportOf(world: TestWorld, args: readonly string[] = []): Promise<Record<string, unknown>> {
  const file = join(world.folder, "report.json");
  const { stderr } = await world.cli(["merge", "--report", `json:${file}`, ...args]);
  return JSON.parse(await readFile(file, "utf8").catch(() => assert.fail(stderr)));
}

/** `wanted` must be in `found`; more may be there. */
function assertHas(found: unknown, wanted: unknown, path = "report"): void {
  if (Array.isArray(wanted)) {
    assert.ok(Array.isArray(found), path);
    if (wanted.length > 0) assertHas(found[0], wanted[0], `${path}[0]`);
  } else if (wanted !== null && typeof wanted === "object") {
    for (const [name, part] of Object.entries(wanted)) {
      assert.ok(found !== null && typeof found === "object" && Object.hasOwn(found, name), `${path}.${name} is missing`);
      assertHas(Reflect.get(found, name), part, `${path}.${name}`);
    }
  } else assert.equal(found, wanted, path);
}

test("--report json:FILE writes what the contract describes", async (t) => {
  const world = await newWorld(t, { fork, base });
  const report = await reportOf(world);
  assertHas(shape(report), {
    schema: "string",
    run: { id: "string", version: "string", started: "string", finished: "string", dryRun: "boolean" },
    outcome: "string",
    exitCode: "number",
    generation: "number",
    suites: [SUITE],
    problems: [],
    timings: { fetchMs: "number", verifyMs: "number", mergeMs: "number", composeMs: "number", publishMs: "number" },
  });
  assertHas(report, { schema: "aptmerge.report/1", outcome: "published", exitCode: 0, generation: 1, run: { dryRun: false } });
  const instants = JSON.stringify(report).match(/"(started|finished|date)":"[^"]*"/g) ?? [];
  assert.ok(instants.length >= 4 && instants.every((text) => /:"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ"$/.test(text)), instants.join());
});

test("a report tells each change with where it came from and why", async (t) => {
  const world = await newWorld(t, { fork, base });
  await reportOf(world);
  await world.publish("base", newBase);
  const report = await reportOf(world);
  const [suite] = Reflect.get(report, "suites") as readonly {
    changes: readonly Record<string, unknown>[];
    shadowed: number;
    mirrors: readonly { state: string }[];
  }[];
  const changes = suite?.changes.map(({ kind, package: name, from, to }) => [kind, name, from, to]);
  assert.deepEqual(changes, [
    ["added", "added", undefined, { version: "1.0", mirror: "base" }],
    ["removed", "gone", { version: "1.0", mirror: "base" }, undefined],
    ["upgraded", "other", { version: "1.0", mirror: "base" }, { version: "1.1", mirror: "base" }],
  ]);
  assert.deepEqual([suite?.shadowed, suite?.mirrors.map(({ state }) => state)], [1, ["unchanged", "changed"]]);
});

test("a failing run writes its report too, with the problem, its hint, mirror and suite", async (t) => {
  const world = await newWorld(t, { fork, base });
  await reportOf(world);
  await world.publish(
    "base",
    newBase.tamper("dists/stable/InRelease", () => "nonsense"),
  );
  const report = await reportOf(world);
  assertHas(report, { outcome: "failed", exitCode: 5, generation: 1, suites: [{ outcome: "held" }] });
  assertHas(shape(report), {
    problems: [{ severity: "string", code: "string", message: "string", hint: "string", mirror: "string", suite: "string" }],
  });
  assertHas(report, { problems: [{ severity: "error", code: "CLEARSIGN_MALFORMED", mirror: "base", suite: "stable" }] });
});

test("several reports are written in one run, and one without a file is the result", async (t) => {
  const world = await newWorld(t, { base });
  const [json, text] = [join(world.folder, "r.json"), join(world.folder, "r.txt")];
  const { status, stdout } = await world.cli(["merge", "--report", `json:${json}`, "--report", `text:${text}`, "--report", "json"]);
  assert.equal(status, 0);
  assert.deepEqual(JSON.parse(stdout), JSON.parse(await readFile(json, "utf8")));
  assert.match(await readFile(text, "utf8"), /hello/);
});

test("one run writes every format, and each of them tells each package", async (t) => {
  const world = await newWorld(t, { fork, base });
  const formats = ["text", "json", "markdown", "html"];
  const files = formats.map((format) => join(world.folder, `report.${format}`));
  const { status, stdout } = await world.cli([
    "merge",
    ...formats.flatMap((format, position) => ["--report", `${format}:${files[position]}`]),
  ]);
  assert.equal(status, 0);
  assert.match(stdout, /^Published generation 1\.$/m, "the text report goes to stdout beside files");
  for (const file of files) {
    const text = await readFile(file, "utf8");
    for (const name of ["hello", "hello-src", "gone", "other", "2.0+fork1"]) assert.ok(text.includes(name), `${file} has no ${name}`);
  }
});

test("diff writes every format to stdout", async (t) => {
  const world = await newWorld(t, { base });
  for (const [format, first] of [
    ["text", /^Suite merged: would-publish\n/],
    ["json", /^\{"schema":/],
    ["markdown", /^# Would publish a new generation/],
    ["html", /^<!doctype html>\n/],
  ] as const) {
    const { status, stdout, stderr } = await world.cli(["diff", "--format", format]);
    assert.deepEqual([status, stderr], [0, ""]);
    assert.match(stdout, first);
  }
});

test("a format that there is not is refused before the run, with the ones that there are", async (t) => {
  const world = await newWorld(t, { base });
  for (const args of [
    ["merge", "--report", "pdf:x.pdf"],
    ["diff", "--format", "toString"],
  ]) {
    const { status, stderr } = await world.cli(args);
    assert.equal(status, 2);
    assert.match(stderr, /It must be text, json, markdown or html$/m);
  }
});

test("P06: a report whose disk is full is a warning: the run has ended well, and the tree is published", async (t) => {
  const world = await newWorld(t, { base });
  const { status, stderr } = await world.cli(["merge", "--report", "json:/dev/full"]);
  assert.equal(status, 0);
  assert.match(stderr, /warning DISK_FAILED: Cannot write the report "\/dev\/full".*\n {2}hint: .*STATE\/runs\//);
  assert.equal((await world.packages()).length, 3);
});

test("result text that cannot be written is no success", async (t) => {
  const world = await newWorld(t, { base });
  const script = join(world.folder, "full.sh");
  await writeFile(script, 'exec "$@" >/dev/full\n');
  const { status } = await world.cli(["webserver", "nginx"], { wrapper: ["/bin/sh", script] });
  assert.equal(status, 7);
});

test("every run leaves report and log in STATE/runs", async (t) => {
  const world = await newWorld(t, { base });
  await world.cli(["merge"]);
  await world.publish(
    "base",
    newBase.tamper("dists/stable/InRelease", () => "nonsense"),
  );
  await world.cli(["merge"]);
  const runs = await readdir(join(world.state, "runs"));
  assert.equal(runs.length, 2);
  const [, last = ""] = runs.sort();
  assertHas(JSON.parse(await world.readState(`runs/${last}/report.json`)), { exitCode: 5 });
  assert.match(await world.readState(`runs/${last}/log`), /^\S+Z error CLEARSIGN_MALFORMED: /m);
});

test("diff tells what would change and publishes nothing; --exit-code makes differences 1", async (t) => {
  const world = await newWorld(t, { fork, base });
  const first = await world.cli(["diff", "--exit-code"]);
  assert.equal(first.status, 1, first.stderr);
  assert.deepEqual(await world.tree(), {});
  await world.cli(["merge"]);
  const same = await world.cli(["diff", "--exit-code", "--format", "json"]);
  assert.equal(same.status, 0);
  assertHas(JSON.parse(same.stdout), { outcome: "unchanged", run: { dryRun: true } });

  await world.publish("base", newBase);
  const before = await world.tree({ inodes: true });
  const plain = await world.cli(["diff"]);
  assert.equal(plain.status, 0);
  assert.match(plain.stdout, /other/);
  const json = await world.cli(["diff", "--format", "json", "--exit-code"]);
  assert.equal(json.status, 1);
  const [suite] = JSON.parse(json.stdout).suites;
  assert.deepEqual(
    suite.changes.map((change: Record<string, unknown>) => [change["kind"], change["package"]]),
    [
      ["added", "added"],
      ["removed", "gone"],
      ["upgraded", "other"],
    ],
  );
  assert.deepEqual(await world.tree({ inodes: true }), before);
  await world.mirror("base").close();
  assert.equal((await world.cli(["diff", "--exit-code"])).status, 4);
});

test("explain tells who won a name and why, and what lost", async (t) => {
  const world = await newWorld(t, { fork, base });
  await world.cli(["merge"]);
  const requests = world.mirror("base").requests.length;
  const text = await world.cli(["explain", "hello"]);
  assert.deepEqual([text.status, text.stderr], [0, ""]);
  assert.match(text.stdout, /wins +fork\/stable main 2\.0\+fork1/);
  assert.match(text.stdout, /loses +base\/stable main 2\.0/);
  const json = JSON.parse((await world.cli(["explain", "hello", "--format", "json"])).stdout);
  const [explanation] = json.explanations;
  assert.deepEqual(
    explanation.candidates.map((one: Record<string, unknown>) => [one["mirror"], one["version"], one["outcome"]]),
    [
      ["fork", "2.0+fork1", "wins"],
      ["base", "2.0", "loses"],
    ],
  );
  assert.equal(world.mirror("base").requests.length, requests, "no mirror is asked");
});

test("explain tells of a stanza that was refused, of several versions, and of a name that nobody has", async (t) => {
  const bad = "Package: broken\nVersion: 1.0\nArchitecture: amd64\nFilename: /etc/x\nSize: 1\nSHA256: 00\n";
  const world = await newWorld(t, {
    fork: fork.deb(bad).deb(deb("many", "1.0")).deb(deb("many", "2.0")),
    base: base.deb(deb("broken", "9.0")),
  });
  await world.cli(["merge"]);
  const refused = await world.cli(["explain", "broken"]);
  assert.match(refused.stdout, /refused +fork\/stable main.*absolute/);
  assert.match(refused.stdout, /loses +base\/stable main 9\.0/);
  const many = await world.cli(["explain", "many"]);
  assert.equal(many.stdout.match(/^ {2}wins/gm)?.length, 2);
  const unknown = await world.cli(["explain", "nobody-has-this"]);
  assert.deepEqual([unknown.status, unknown.stderr], [0, ""]);
  assert.match(unknown.stdout, /nobody-has-this/);
});

test("explain before the first merge says what to do", async (t) => {
  const world = await newWorld(t, { base });
  const { status, stderr } = await world.cli(["explain", "hello"]);
  assert.ok(status === 4 || status === 7, stderr);
  assert.match(stderr, /\n {2}hint: /);
});

test("explain knows the suites of a skipped mirror", async (t) => {
  const world = await newWorld(t, { fork, base }, { mirrors: { fork: { "on-failure": "skip" } } });
  const { url } = world.mirror("fork");
  await world.mirror("fork").close();
  assert.equal((await world.cli(["merge"])).status, 0, url);
  const { status, stdout, stderr } = await world.cli(["explain", "hello"]);
  assert.equal(status, 0, stderr);
  assert.match(stdout, /wins +base\/stable main 2\.0/);
});
