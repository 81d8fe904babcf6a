/** Indices that are made of the stored one and the mirror's patches. */
import assert from "node:assert/strict";
import { readdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import type { Archive } from "../support/archive.ts";
import { withPatches } from "../support/patches.ts";
import { deb, newWorld, type TestWorld, upstream } from "../support/world.ts";

const PATH = "main/binary-amd64/Packages";
const WHOLE = `dists/stable/${PATH}.xz`;

/** Enough that patches are smaller than the index; noise, so that it does not shrink to nothing. */
const noise = (seed: number): string => Array.from({ length: 12 }, (_, i) => ((seed * 7919 + i * 104729) % 99991).toString(36)).join("");
const state = (generation: number): Archive =>
  upstream()
    .debs(
      Array.from({ length: 600 }, (_, position) => ({
        ...deb(`package-${String(position).padStart(4, "0")}`, position % 89 < generation ? `1.${generation}` : "1"),
        Description: noise(position),
      })),
    )
    .at(`2026-10-0${generation + 1}`);

/** Text of the archive's index. */
async function textOf(archive: Archive): Promise<Buffer> {
  const tree = await archive.compressions(["plain"]).build();
  return tree.get(`dists/stable/${PATH}`) ?? assert.fail("the archive has no Packages");
}

const texts = (upTo: number): Promise<readonly Buffer[]> => Promise.all(Array.from({ length: upTo }, (_, i) => textOf(state(i + 1))));

const runOn = (world: TestWorld, day: number) => world.run({ now: `2026-10-0${day}T12:00:00Z` });

const asked = (world: TestWorld): readonly string[] =>
  world
    .mirror("base")
    .requests.map(({ path }) => path.replace(/^\//, ""))
    .filter((path) => path.includes("Packages"));

/** First run with the first state whole, then the given archive. */
async function update(t: Parameters<typeof newWorld>[0], next: Archive) {
  const world = await newWorld(t, { base: state(1) });
  assert.equal((await runOn(world, 3)).exit, 0);
  await world.publish("base", next);
  world.mirror("base").requests.length = 0;
  const result = await runOn(world, 6);
  return { world, result, asked: asked(world), via: result.report?.suites[0]?.mirrors[0]?.via };
}

for (const [how, merged] of [
  ["merged", true],
  ["chained", false],
] as const) {
  test(`patches of the mirror: ${how} ones are followed, also from an index that was made by patches`, async (t) => {
    const world = await newWorld(t, { base: state(1) });
    const whole = await newWorld(t, { base: state(1) });
    for (const other of [world, whole]) assert.equal((await runOn(other, 2)).exit, 0);
    for (const generation of [2, 3]) {
      await world.publish("base", await withPatches(state(generation), PATH, await texts(generation), { merged }));
      await whole.publish("base", state(generation));
      world.mirror("base").requests.length = 0;
      const { exit, problems, report } = await runOn(world, generation + 1);
      assert.deepEqual([exit, problems], [0, []]);
      assert.deepEqual(report?.suites[0]?.mirrors[0]?.via, ["full", "pdiff"], "the Release is fetched whole");
      const patches = asked(world);
      assert.ok(patches.length === 2 && patches.every((path) => path.includes(".diff/")), patches.join(" "));
      await runOn(whole, generation + 1);
      assert.equal(await world.text(PATH), await whole.text(PATH));
    }
    assert.equal((await readdir(join(world.state, "cache/patched"))).length, 1, "an index that nothing needs any more stays");
  });
}

test("patches of the mirror: a state that lies several patches back", async (t) => {
  const next = await withPatches(state(4), PATH, await texts(4), { merged: false });
  const { result, asked: paths, via } = await update(t, next);
  assert.deepEqual([result.exit, via], [0, ["full", "pdiff"]]);
  assert.equal(paths.filter((path) => path.endsWith(".gz")).length, 3);
});

const FAULTS: readonly (readonly [what: string, change: (archive: Archive, states: readonly Buffer[]) => Promise<Archive>])[] = [
  [
    "patches that are not there",
    async (archive, states) => {
      const listed = await withPatches(archive, PATH, states, { merged: true });
      return listed.tamper(`dists/stable/${PATH}.diff/T-state-2-F-state-0.gz`, () => undefined);
    },
  ],
  [
    "a list that is not there",
    async (archive, states) => {
      const listed = await withPatches(archive, PATH, states, { merged: true });
      return listed.tamper(`dists/stable/${PATH}.diff/Index`, () => undefined);
    },
  ],
  [
    "a patch with other bytes than its list says",
    async (archive, states) => {
      const listed = await withPatches(archive, PATH, states, { merged: true });
      return listed.tamper(`dists/stable/${PATH}.diff/T-state-2-F-state-0.gz`, (bytes) => Buffer.from(bytes).reverse());
    },
  ],
  [
    "a patch that leads elsewhere",
    (archive, states) =>
      withPatches(archive, PATH, states, { merged: true, spoil: (patch) => Buffer.from(patch.toString().replace("1.2", "1.9")) }),
  ],
  [
    "a patch that is no patch",
    (archive, states) => withPatches(archive, PATH, states, { merged: true, spoil: () => Buffer.from("rm -rf\n") }),
  ],
  [
    "a patch for another text",
    (archive, states) => withPatches(archive, PATH, states, { merged: true, spoil: () => Buffer.from("9999999d\n") }),
  ],
  ["a list for another state", (archive, states) => withPatches(archive, PATH, [...states, Buffer.from("x\n")], { merged: true })],
  [
    "patches that lead on from other states",
    (archive, states) => withPatches(archive, PATH, [Buffer.from("y\n"), states.at(-1) ?? Buffer.alloc(0)], { merged: true }),
  ],
  ["a list that cannot be read", async (archive) => archive.file(`${PATH}.diff/Index`, "SHA256-Current: x\n")],
  [
    "a patch that unpacks to very much",
    (archive, states) =>
      withPatches(archive, PATH, states, { merged: true, spoil: (patch) => Buffer.concat([patch, Buffer.alloc(50_000_000, "1d\n")]) }),
  ],
  [
    "a patch that is larger than the file",
    (archive, states) =>
      withPatches(archive, PATH, states, {
        merged: true,
        spoil: (patch) => Buffer.concat([patch, Buffer.from(`1i\n${"é".repeat(200_000)}`)]),
      }),
  ],
];

for (const [what, change] of FAULTS) {
  test(`M27: patches of the mirror: ${what}: the whole file is fetched, without a word`, async (t) => {
    const { world, result, asked: paths, via } = await update(t, await change(state(2), await texts(2)));
    assert.deepEqual([result.exit, result.problems, via], [0, [], ["full"]]);
    assert.ok(paths.includes(WHOLE), paths.join(" "));
    assert.equal((await world.packages()).filter((name) => name.endsWith(" 1.2")).length, 14);
  });
}

test("M27: patches of the mirror: damage of an index that was made by patches is found, and it is fetched whole", async (t) => {
  const { world } = await update(t, await withPatches(state(2), PATH, await texts(2), { merged: true }));
  const folder = join(world.state, "cache/patched");
  for (const name of await readdir(folder)) await writeFile(join(folder, name), "damaged");
  await world.publish("base", await withPatches(state(3), PATH, await texts(3), { merged: true }));
  world.mirror("base").requests.length = 0;
  const { exit, problems } = await runOn(world, 7);
  assert.deepEqual([exit, problems], [0, []]);
  assert.ok(asked(world).includes(WHOLE));
});

test("patches of the mirror: an index that was made by patches is damaged, and another mirror changes", async (t) => {
  const world = await newWorld(t, { base: state(1), other: upstream().deb(deb("other")) });
  await runOn(world, 3);
  await world.publish("base", await withPatches(state(2), PATH, await texts(2), { merged: true }));
  await runOn(world, 4);
  const folder = join(world.state, "cache/patched");
  for (const name of await readdir(folder)) await writeFile(join(folder, name), "damaged");
  await world.publish("other", upstream().deb(deb("other", "2")).at("2026-10-04"));
  const { exit, problems } = await runOn(world, 5);
  assert.deepEqual([exit, problems], [0, []]);
  assert.ok((await world.packages()).includes("other 2"));
});

test("patches of the mirror: a full run does without", async (t) => {
  const world = await newWorld(t, { base: state(1) });
  await runOn(world, 3);
  await world.publish("base", await withPatches(state(2), PATH, await texts(2), { merged: true }));
  const { exit } = await world.run({ now: "2026-10-04T12:00:00Z", full: true });
  assert.equal(exit, 0);
  assert.ok(asked(world).includes(WHOLE));
});
