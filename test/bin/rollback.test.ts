/** `aptmerge rollback`: older content under later Dates; what merges do afterwards; what is refused. */
import assert from "node:assert/strict";
import { readdir, readFile, rm, truncate, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { deb, newWorld, RECENTLY, type RunResult, type TestWorld, upstream, type WorldOptions } from "../support/world.ts";

const MINUTE_MS = 60_000;
const at = (minute: number): Date => new Date(RECENTLY.getTime() - 30 * MINUTE_MS + minute * MINUTE_MS);

/** What the mirror has at a minute: `hello` in that version. */
const plan = (minute: number) =>
  upstream()
    .deb(deb("hello", `${minute}.0`))
    .at(at(minute));

/** Generations 1 to `count`, in the past: the command line has the real clock. */
async function worldOf(t: TestContext, count: number, options: WorldOptions = {}): Promise<TestWorld> {
  const world = await newWorld(t, { base: plan(1) }, options);
  for (let minute = 1; minute <= count; minute++) await mergeAt(world, minute);
  return world;
}

async function mergeAt(world: TestWorld, minute: number): Promise<RunResult> {
  await world.publish("base", plan(minute));
  const result = await world.run({ now: at(minute) });
  assert.equal(result.exit, 0, JSON.stringify(result.problems));
  return result;
}

async function rollback(world: TestWorld, ...args: readonly string[]): Promise<string> {
  const { status, stdout, stderr } = await world.cli(["rollback", ...args]);
  assert.deepEqual([status, stderr], [0, ""], stdout);
  return stdout;
}

const live = async (world: TestWorld): Promise<string | undefined> => (await world.tree())["current"]?.replace("link .generations/", "");
const dateOf = async (world: TestWorld): Promise<number> =>
  Date.parse(/^Date: (.*)$/m.exec(await world.read("dists/merged/Release"))?.[1] ?? "");
const floor = async (world: TestWorld): Promise<string> => world.readState("trust/base/stable.json");

/** A run of the command line, as cron has it. */
async function merge(world: TestWorld, ...args: readonly string[]): Promise<{ readonly stdout: string; readonly stderr: string }> {
  const { status, stdout, stderr } = await world.cli(["merge", ...args]);
  assert.equal(status, 0, stderr);
  return { stdout, stderr };
}

async function assertSound(world: TestWorld): Promise<void> {
  const { status, stderr } = await world.cli(["verify"]);
  assert.equal(status, 0, stderr);
}

test("rollback: the generation before the live one is published again, under a later Date, and floors stay", async (t) => {
  const world = await worldOf(t, 3);
  const [before, trust] = [await dateOf(world), await floor(world)];
  const old = await world.read(".generations/000002/dists/merged/Release");
  assert.equal(
    (await rollback(world)).replace(/dated \S+/, "dated THEN"),
    `Suite merged: as it was dated THEN
  main/binary-amd64/Packages: 1 stanza, 1 changed
For clients 1 index differs in 1 suite.
Published generation 4: the content of generation 2, in place of generation 3.
A merge leaves it so until a mirror's indices, the config or an override change; to go on before: aptmerge merge --full
`,
  );
  assert.deepEqual([await live(world), await world.packages()], ["000004", ["hello 2.0"]]);
  const redated = (text: string): string => text.replace(/^Date: .*$/m, "Date: THEN");
  assert.equal(redated(await world.read("dists/merged/Release")), redated(old));
  assert.ok((await dateOf(world)) > before);
  assert.equal(await floor(world), trust);
  await assertSound(world);
});

test("rollback: a second one goes further back, not forth to what the first was to undo", async (t) => {
  const world = await worldOf(t, 4);
  await rollback(world);
  assert.match(await rollback(world), /^Published generation 6: the content of generation 2, in place of generation 5\.$/m);
  assert.deepEqual(await world.packages(), ["hello 2.0"]);
  // The mirror still has what was live first: none of it comes back.
  await merge(world);
  assert.deepEqual([await live(world), await world.packages()], ["000006", ["hello 2.0"]]);
  assert.match(await rollback(world, "4"), /^Published generation 7: the content of generation 4, in place of generation 6\.$/m);
  assert.deepEqual(await world.packages(), ["hello 4.0"]);
});

test("rollback: an unknown generation, the live one and none before are refused, and those that exist are named", async (t) => {
  const world = await worldOf(t, 3);
  const before = await world.tree({ inodes: true });
  for (const [wanted, found] of [
    ["9", "Cannot roll back to generation 9: older than the live generation 3 there is 2, 1, it must be one of them"],
    ["3", "Cannot roll back to generation 3: older than the live generation 3 there is 2, 1, it must be one of them"],
    ["x", "It must be the number of a generation"],
  ] as const) {
    const { status, stderr } = await world.cli(["rollback", wanted]);
    assert.equal(status, 2);
    assert.ok(stderr.includes(`error USAGE: `) && stderr.includes(found), stderr);
  }
  assert.deepEqual(await world.tree({ inodes: true }), before);
  const fresh = await worldOf(t, 1);
  const { status, stderr } = await fresh.cli(["rollback"]);
  assert.equal(status, 2);
  assert.match(stderr, /older than the live generation 1 there is none, one before generation 1 must be there/);
});

test("rollback: before the first publish there is nothing to go back to", async (t) => {
  const world = await newWorld(t, { base: plan(1) });
  const { status, stderr } = await world.cli(["rollback"]);
  assert.equal(status, 2);
  assert.match(stderr, /nothing is published/);
});

test("rollback: a dry run tells the same and writes nothing", async (t) => {
  const world = await worldOf(t, 2);
  const before = await world.tree({ inodes: true });
  const said = await rollback(world, "--dry-run");
  assert.match(
    said,
    /1 index differs in 1 suite\.\nWould publish the content of generation 1 in place of generation 2 \(dry run: nothing was written\)\.$/m,
  );
  assert.deepEqual(await world.tree({ inodes: true }), before);
});

for (const [what, damage, found] of [
  [
    "a cut index",
    (path: string) => truncate(join(path, "dists/merged/main/binary-amd64/Packages.gz"), 3),
    /Packages\.gz: it has 3 bytes, its Release says \d+/,
  ],
  [
    "a changed index",
    (path: string) => flip(join(path, "dists/merged/main/binary-amd64/Packages.gz")),
    /Packages\.gz: its SHA256 is [0-9a-f]{64}, its Release says/,
  ],
  [
    "a lost index",
    (path: string) => rm(join(path, "dists/merged/main/binary-amd64/Packages.gz")),
    /Packages\.gz: it is not there, its Release lists it/,
  ],
  ["a lost signature", (path: string) => rm(join(path, "dists/merged/InRelease")), /InRelease: it is not there, it must be/],
  [
    "lost signatures",
    async (path: string) => {
      await rm(join(path, "dists/merged/InRelease"));
      await rm(join(path, "dists/merged/Release.gpg"));
    },
    /InRelease: it is not there, it must be/,
  ],
  ["a lost key", (path: string) => rm(join(path, "key.asc")), /key\.asc/],
  ["a changed Release", (path: string) => flip(join(path, "dists/merged/Release")), /InRelease: its text is not that of Release/],
  ["a lost record", (path: string) => rm(join(path, "inputs.json")), /inputs\.json: it is not there, it must be as aptmerge wrote it/],
  [
    "a record of another generation",
    async (path: string) => {
      const file = join(path, "inputs.json");
      await writeFile(`${file}.new`, (await readFile(file, "utf8")).replace('"generation": 1', '"generation": 2'));
      await rm(file);
      await writeFile(file, await readFile(`${file}.new`));
    },
    /inputs\.json is of generation 2, it must be of 1/,
  ],
] as const) {
  test(`rollback: ${what} in the old generation is found, and the live one stays as it is`, async (t) => {
    const world = await worldOf(t, 2);
    await damage(join(world.output, ".generations/000001"));
    const before = await world.tree({ inodes: true });
    const { status, stderr } = await world.cli(["rollback"]);
    assert.equal(status, 7, stderr);
    assert.match(stderr, /^aptmerge: error GENERATION_DAMAGED: Cannot roll back to generation 1: /m);
    assert.match(stderr, found);
    assert.deepEqual(await world.tree({ inodes: true }), before);
  });
}

/** Another byte, in a file of its own: generations share what is the same. */
async function flip(path: string): Promise<void> {
  const bytes = Buffer.from(await readFile(path));
  bytes[bytes.length - 1] = (bytes.at(-1) ?? 0) ^ 1;
  await rm(path);
  await writeFile(path, bytes);
}

test("rollback: superseded by-hash files stay, and those of the old generation are there again", async (t) => {
  const world = await worldOf(t, 3, {
    config: { publish: { compress: { gz: 1 }, "by-hash": { keep: "3d" }, digests: ["SHA256", "SHA512"] } },
  });
  const names = async (generation: string, algorithm: string): Promise<readonly string[]> =>
    readdir(join(world.output, `.generations/${generation}/dists/merged/main/binary-amd64/by-hash/${algorithm}`));
  const before = [await names("000003", "SHA256"), await names("000003", "SHA512")];
  await rollback(world);
  const after = [await names("000004", "SHA256"), await names("000004", "SHA512")];
  assert.deepEqual(after, before);
  const superseded = JSON.parse(await world.read(".generations/000004/by-hash.json")) as { superseded: object };
  // Generation 1's and 3's index, in two algorithms.
  assert.equal(Object.keys(superseded.superseded).filter((path) => path.includes("/binary-amd64/by-hash/")).length, 4);
  await assertSound(world);
});

test("rollback: another Origin than the live one is refused until it is accepted", async (t) => {
  const suites = { merged: { release: { Origin: "Old" } } };
  const world = await worldOf(t, 1, { suites });
  await world.configure({ suites: { merged: { release: { Origin: "New" } } } });
  assert.equal((await world.run({ now: at(2), acceptReleaseChange: true })).exit, 0);
  const { status, stderr } = await world.cli(["rollback"]);
  assert.equal(status, 9);
  assert.match(stderr, /RELEASE_CHANGED: .*Origin from "New" to "Old"/);
  assert.equal(await live(world), "000002");
  await rollback(world, "--accept-release-change");
  assert.match(await world.read("dists/merged/Release"), /^Origin: Old$/m);
});
