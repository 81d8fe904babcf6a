/** The bookkeeping files of OUTPUT, damaged: a run is refused and moves nothing, or publishes what is right, with a Date that clients accept. */
import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { mkdir, readdir, readFile, rm, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { promisify } from "node:util";
import { DAMAGED, type Damage, flipped, REPLACED, schemaOf } from "../support/damages.ts";
import { needs } from "../support/needs.ts";
import { assertPublished } from "../support/refused.ts";
import type { Snapshot } from "../support/tree-snapshot.ts";
import { deb, newWorld, type RunResult, type TestWorld, upstream } from "../support/world.ts";

const LATER = "2026-10-02T03:00:00Z";
const VICTIM = "what stands elsewhere";

const archiveOf = (generation: number) =>
  upstream()
    .debs([deb("calm"), deb("hello", `${generation}.0`)])
    .at(new Date(Date.UTC(2026, 9, 1, generation)));

interface Prepared {
  readonly world: TestWorld;
  readonly victim: string;
  restore(): Promise<void>;
}

async function prepare(t: TestContext): Promise<Prepared> {
  const world = await newWorld(t, { base: archiveOf(1) });
  await assertPublished(world, { now: "2026-10-02T01:00:00Z" });
  await world.publish("base", archiveOf(2));
  await assertPublished(world, { now: "2026-10-02T02:00:00Z" });
  const copy = (from: string, to: string) => promisify(execFile)("cp", ["-a", join(world.folder, from), join(world.folder, to)]);
  await copy("state", "saved-state");
  await copy("output", "saved-output");
  const victim = join(world.folder, "victim");
  await writeFile(victim, VICTIM);
  return {
    world,
    victim,
    async restore() {
      await promisify(execFile)("rm", ["-rf", world.state, world.output]);
      await copy("saved-state", "state");
      await copy("saved-output", "output");
    },
  };
}

const LIVE = ".generations/000002";
const FLIPS = Array.from({ length: 8 }, (_, position) => flipped((position + 0.75) / 8));

/** What a client holds against a Release: it must be newer than the last one, and not from the future. */
async function assertDated(world: TestWorld, what: string): Promise<void> {
  const date = Date.parse(/^Date: (.*)$/m.exec(await world.read("dists/merged/Release"))?.[1] ?? "");
  assert.ok(
    date > Date.parse("2026-10-02T01:59:00Z") && date < Date.parse("2026-10-02T03:10:00Z"),
    `${what}: Date is ${new Date(date).toISOString()}`,
  );
}

async function tryAll(
  t: TestContext,
  file: string,
  damages: readonly Damage[],
  judge: (result: RunResult, what: string) => void,
): Promise<void> {
  const { world, victim, restore } = await prepare(t);
  for (const news of [false, true]) {
    await world.publish("base", archiveOf(news ? 3 : 2));
    for (const damage of damages) {
      const what = `${file} ${damage.name}${news ? " with news" : ""}`;
      await restore();
      const path = join(world.output, file);
      const sound = await readFile(path);
      await damage.make(path, victim);
      if (damage.kind === undefined && sound.equals(await readFile(path))) continue;
      const found = damage.kind === "FIFO" ? undefined : await world.tree(); // Reading a FIFO waits for ever.
      const result = await world.run({ now: LATER });
      const told = `${what}: exit ${result.exit}, ${result.problems.map(({ code, message }) => `${code} ${message}`).join("; ")}`;
      if (result.exit === 0) {
        assert.deepEqual(await world.packages(), ["calm 1.0", `hello ${news ? 3 : 2}.0`], told);
        await assertDated(world, told);
      } else if (found !== undefined) assert.deepEqual(withoutStage(await world.tree()), found, told);
      assert.equal(await readFile(victim, "utf8"), VICTIM, told);
      judge(result, told);
      if (news || result.exit !== 0) continue;
      // Whatever was read of it, what the mirror served before is still refused.
      await world.publish("base", archiveOf(1));
      const rollback = await world.run({ now: LATER });
      assert.notEqual(rollback.exit, 0, told);
      await world.publish("base", archiveOf(2));
    }
  }
}

const withoutStage = (tree: Snapshot): Snapshot =>
  Object.fromEntries(Object.entries(tree).filter(([path]) => !path.startsWith(".generations/.new-")));

test("C02: a live inputs.json that is damaged is refused, or what is made of it is right", (t) =>
  tryAll(t, `${LIVE}/inputs.json`, [...DAMAGED, ...FLIPS], ({ exit, errors }, what) => {
    // A later floor is one too high: it holds the suite and gives nothing up.
    assert.ok(exit === 0 || (exit === 5 && /^(TRUST_DAMAGED|RELEASE_ROLLBACK|RELEASE_EQUIVOCAL)$/.test(errors.join())), what);
  }));

test("C02: a by-hash.json that is damaged costs no more than retention", (t) =>
  tryAll(t, `${LIVE}/by-hash.json`, DAMAGED, ({ exit }, what) => assert.equal(exit, 0, what)));

test("C02: a key.asc that is damaged stops no merge", (t) =>
  tryAll(t, `${LIVE}/key.asc`, DAMAGED, ({ exit }, what) => assert.equal(exit, 0, what)));

test("C03: what stands in the place of a bookkeeping file of OUTPUT is told or passed over, and not written through", async (t) => {
  if (!needs(t, "mkfifo")) return;
  for (const file of ["inputs.json", "by-hash.json", "key.asc"])
    await tryAll(t, `${LIVE}/${file}`, REPLACED, ({ exit }, what) => assert.ok([0, 5, 7].includes(exit), what));
});

test("C04: an inputs.json of an older or a newer schema is refused, named, and left as it is", (t) =>
  tryAll(t, `${LIVE}/inputs.json`, [schemaOf(0), schemaOf(2)], ({ exit, errors, problems }, what) => {
    assert.deepEqual([exit, errors], [5, ["TRUST_DAMAGED"]], what);
    assert.match(problems[0]?.message ?? "", /its schema is "aptmerge\.inputs\/0"|written by a newer version/);
  }));

for (const [name, make] of [
  ["a file", (path: string) => writeFile(path, "x")],
  ["a folder", (path: string) => mkdir(path)],
  ["a link to the generation before", (path: string) => symlink(".generations/000001", path)],
  ["a link to a generation that is not there", (path: string) => symlink(".generations/000099", path)],
  ["a link that leads out", (path: string) => symlink("../victim", path)],
  ["nothing", () => Promise.resolve()],
] as const) {
  test(`C02: with ${name} in the place of current, a run refuses, or publishes what is right`, async (t) => {
    const { world, victim } = await prepare(t);
    await rm(join(world.output, "current"));
    await make(join(world.output, "current"));
    const found = await world.tree();
    await world.publish("base", archiveOf(3));
    const { exit, problems } = await world.run({ now: LATER });
    const told = JSON.stringify(problems);
    if (exit === 0) {
      assert.deepEqual(await world.packages(), ["calm 1.0", "hello 3.0"], told);
      await assertDated(world, told);
      assert.equal((await world.cli(["verify"])).status, 0);
    } else {
      assert.ok([5, 7].includes(exit), told);
      assert.deepEqual(await world.tree(), found);
    }
    assert.equal(await readFile(victim, "utf8"), VICTIM);
    assert.ok((await readdir(join(world.output, ".generations"))).every((one) => /^\d{6}$/.test(one)));
  });
}
