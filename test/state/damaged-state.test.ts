/** Every file of STATE, damaged in every way: no run hangs, ends in a bug or publishes anything wrong, and only a trust record can stop one. */
import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { readdir, readFile, writeFile } from "node:fs/promises";
import { join, relative } from "node:path";
import { type TestContext, test } from "node:test";
import { promisify } from "node:util";
import { DAMAGED, type Damage, REPLACED, schemaOf } from "../support/damages.ts";
import { needs } from "../support/needs.ts";
import { assertPublished } from "../support/refused.ts";
import type { Snapshot } from "../support/tree-snapshot.ts";
import { deb, newWorld, type RunResult, type TestWorld, upstream } from "../support/world.ts";

const INDICES = ["main/binary-amd64/Packages", "main/Contents-amd64"];
const LATER = "2026-10-02T03:00:00Z";
const VICTIM = "what stands elsewhere";

const archiveOf = (generation: number) =>
  upstream()
    .deb({ ...deb("needy"), Depends: "absent" })
    .debs(Array.from({ length: 30 }, (_, position) => deb(`package-${position + 10}`, position === 7 ? `${generation}.0` : "1.0")))
    .index("main/Contents-amd64", `usr/bin/x-${generation} utils/package-17\n`)
    .at(new Date(Date.UTC(2026, 9, 1, generation)));

interface Prepared {
  readonly world: TestWorld;
  readonly before: Snapshot;
  /** Files of STATE, relative. */
  readonly files: readonly string[];
  /** What the indices are when nothing is damaged, with and without news of the mirror. */
  readonly texts: Readonly<Record<"quiet" | "news", readonly string[]>>;
  readonly victim: string;
  restore(): Promise<void>;
}

const textsOf = (world: TestWorld): Promise<readonly string[]> => Promise.all(INDICES.map((path) => world.text(path)));

async function prepare(t: TestContext): Promise<Prepared> {
  const config = { publish: { compress: { gz: 1 }, pdiffs: { keep: 3 } } };
  const suites = { merged: { indices: ["packages", "contents"], policy: { uninstallable: "report" } } };
  const world = await newWorld(t, { base: archiveOf(1) }, { suites, config });
  await assertPublished(world, { now: "2026-10-02T01:00:00Z" });
  await world.publish("base", archiveOf(2));
  await assertPublished(world, { now: "2026-10-02T02:00:00Z" });
  const copy = (from: string, to: string) => promisify(execFile)("cp", ["-a", join(world.folder, from), join(world.folder, to)]);
  const entries = await readdir(world.state, { recursive: true, withFileTypes: true });
  const files = entries.filter((entry) => entry.isFile()).map((entry) => relative(world.state, join(entry.parentPath, entry.name)));
  await copy("state", "saved-state");
  await copy("output", "saved-output");
  const victim = join(world.folder, "victim");
  await writeFile(victim, VICTIM);
  const quiet = await textsOf(world);
  const before = await world.tree();
  await world.publish("base", archiveOf(3));
  await assertPublished(world, { now: LATER });
  const news = await textsOf(world);
  return {
    world,
    before,
    files: files.filter((file) => !file.startsWith("runs/")).sort(),
    texts: { quiet, news },
    victim,
    async restore() {
      await promisify(execFile)("rm", ["-rf", world.state, world.output]);
      await copy("saved-state", "state");
      await copy("saved-output", "output");
    },
  };
}

/** What a run that failed leaves of its stage is for the next to remove. */
const withoutStage = (tree: Snapshot): Snapshot =>
  Object.fromEntries(Object.entries(tree).filter(([path]) => !path.startsWith(".generations/.new-")));

type Judge = (result: RunResult, what: string) => void;

/** Each file that the damage can be done to, each way, with and without news of the mirror: judged by what every run must be, and by `judge`. */
async function tryAll(t: TestContext, damages: readonly Damage[], wanted: RegExp, judge: Judge): Promise<void> {
  const { world, before, files, texts, victim, restore } = await prepare(t);
  const chosen = files.filter((file) => wanted.test(file));
  assert.ok(chosen.length > 0, files.join());
  let changed = 0;
  for (const news of ["quiet", "news"] as const) {
    await world.publish("base", archiveOf(news === "news" ? 3 : 2));
    for (const file of chosen) {
      for (const [position, damage] of damages.entries()) {
        // Without news a run reads little of STATE.
        if (news === "quiet" && position % 2 === 1) continue;
        const what = `${file} ${damage.name}, ${news}`;
        await restore();
        const path = join(world.state, file);
        const sound = await readFile(path);
        await damage.make(path, victim);
        if (damage.kind === undefined && sound.equals(await readFile(path))) continue;
        changed++;
        const result = await world.run({ now: LATER });
        assert.notEqual(result.exit, 70, what);
        if (result.exit === 0) assert.deepEqual(await textsOf(world), texts[news], what);
        else assert.deepEqual(withoutStage(await world.tree()), before, what);
        assert.equal(await readFile(victim, "utf8"), VICTIM, what);
        judge(result, `${what}: exit ${result.exit}, ${result.problems.map(({ code, message }) => `${code} ${message}`).join("; ")}`);
      }
    }
  }
  assert.ok(changed > 0, "nothing was damaged");
  await restore();
  await world.run({ now: LATER });
  assert.equal((await world.cli(["verify"])).status, 0);
}

const CACHES = /^(store|cache)\//;
const TRUST = /^trust\//;

const costsSpeedOnly: Judge = ({ exit, errors }, what) => assert.deepEqual([exit, errors], [0, []], what);

test("C01: a stored file that is damaged is made or fetched anew", (t) => tryAll(t, DAMAGED, /^store\//, costsSpeedOnly));

test("C02: a file of the cache that is damaged costs speed only", (t) => tryAll(t, DAMAGED, /^cache\//, costsSpeedOnly));

test("C02: a damaged trust record ends in 5, and stays as it is", (t) =>
  tryAll(t, DAMAGED, TRUST, ({ exit, errors }, what) => assert.deepEqual([exit, errors], [5, ["TRUST_DAMAGED"]], what)));

test("C03: what stands in the place of a file of STATE is not written through, and is told where it matters", (t) => {
  if (!needs(t, "mkfifo")) return undefined;
  return tryAll(t, REPLACED, /^/, ({ exit, errors }, what) => {
    assert.ok([0, 7].includes(exit), what);
    assert.ok(
      errors.every((code) => code === "DISK_FAILED"),
      what,
    );
  });
});

for (const version of [0, 2]) {
  test(`C04: a cache of ${version === 0 ? "an older" : "a newer"} schema is passed over`, (t) =>
    tryAll(t, [schemaOf(version)], CACHES, costsSpeedOnly));

  test(`C04: a trust record of ${version === 0 ? "an older" : "a newer"} schema is refused, named, and left as it is`, (t) =>
    tryAll(t, [schemaOf(version)], TRUST, ({ exit, errors, problems }, what) => {
      assert.deepEqual([exit, errors], [5, ["TRUST_DAMAGED"]], what);
      assert.match(problems[0]?.message ?? "", version === 0 ? /its schema is "aptmerge\.trust\/0"/ : /written by a newer version/);
    }));
}

test("C05: without STATE the tree stays, the floor is that of the tree, and news are published", async (t) => {
  const { world, before, texts, restore } = await prepare(t);
  await restore();
  await promisify(execFile)("rm", ["-rf", world.state]);
  await world.publish("base", archiveOf(1));
  const older = await world.run({ now: LATER });
  assert.deepEqual([older.exit, older.errors], [5, ["RELEASE_ROLLBACK"]]);
  assert.deepEqual(await world.tree(), before);
  await world.publish("base", archiveOf(3));
  await assertPublished(world, { now: LATER });
  assert.deepEqual(await textsOf(world), texts.news);
});
