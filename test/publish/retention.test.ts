/** What stays reachable and for how long: by-hash files, generations. What a client's cache goes by: Date and time of change. */
import assert from "node:assert/strict";
import { readdir, stat } from "node:fs/promises";
import { join } from "node:path";
import test from "node:test";
import { assertPublished } from "../support/refused.ts";
import { below } from "../support/tree-snapshot.ts";
import { deb, newWorld, type TestWorld, upstream } from "../support/world.ts";

const version = (number: number) =>
  upstream()
    .deb(deb("hello", `${number}.0`))
    .at(new Date(Date.UTC(2026, 9, 1, 0, number)));
const BY_HASH = "dists/merged/main/binary-amd64/by-hash/SHA256";

const byHash = async (world: TestWorld): Promise<readonly string[]> => readdir(join(world.output, BY_HASH));
const nameOf = async (world: TestWorld): Promise<string> => {
  const release = await world.read("dists/merged/Release");
  return /^ (\S+) +\d+ main\/binary-amd64\/Packages\.gz$/m.exec(release)?.[1] ?? "";
};

async function publishAt(world: TestWorld, number: number, now: string): Promise<string> {
  await world.publish("base", version(number));
  await assertPublished(world, { now });
  return nameOf(world);
}

test("U01 U03: superseded files stay under their digest for the retention time, then go", async (t) => {
  const world = await newWorld(t, { base: version(1) }, { config: { publish: { compress: { gz: 1 }, "by-hash": { keep: "3d" } } } });
  await assertPublished(world, { now: "2026-10-02T00:00:00Z" });
  const first = await nameOf(world);
  const second = await publishAt(world, 2, "2026-10-03T00:00:00Z");
  assert.ok((await byHash(world)).includes(first));
  const third = await publishAt(world, 3, "2026-10-05T23:59:59Z");
  const kept = await byHash(world);
  assert.ok([first, second, third].every((name) => kept.includes(name)));
  // Superseded on the 3rd: three days later nobody holds a Release that names it.
  await publishAt(world, 4, "2026-10-06T00:00:00Z");
  const left = await byHash(world);
  assert.deepEqual([left.includes(first), left.includes(second), left.includes(third)], [false, true, true]);
  await publishAt(world, 5, "2026-10-20T00:00:00Z");
  assert.deepEqual([(await byHash(world)).includes(second), (await byHash(world)).length], [false, 3]);
});

test("U03: superseded files of a suite that is kept as it is go too when their time has come", async (t) => {
  const suites = { merged: {}, other: {} };
  const world = await newWorld(
    t,
    { base: version(1) },
    { suites, config: { publish: { compress: { gz: 1 }, "by-hash": { keep: "3d" } } } },
  );
  await assertPublished(world, { now: "2026-10-02T00:00:00Z" });
  const first = await nameOf(world);
  await publishAt(world, 2, "2026-10-03T00:00:00Z");
  await world.publish("base", version(3));
  await assertPublished(world, { now: "2026-10-04T00:00:00Z", suites: ["other"] });
  assert.ok((await byHash(world)).includes(first));
  await world.publish("base", version(4));
  await assertPublished(world, { now: "2026-10-07T00:00:00Z", suites: ["other"] });
  assert.ok(!(await byHash(world)).includes(first));
  assert.ok((await byHash(world)).includes(await nameOf(world)));
});

test("a superseded file that comes back is current again", async (t) => {
  const world = await newWorld(t, { base: version(1) }, { config: { publish: { compress: { gz: 1 }, "by-hash": { keep: "1h" } } } });
  await assertPublished(world, { now: "2026-10-02T00:00:00Z" });
  const first = await nameOf(world);
  await publishAt(world, 2, "2026-10-02T00:10:00Z");
  await world.publish("base", version(1).at("2026-10-01T01:00:00Z"));
  await assertPublished(world, { now: "2026-10-02T00:20:00Z" });
  assert.equal(await nameOf(world), first);
  await publishAt(world, 70, "2026-10-02T02:00:00Z");
  assert.ok((await byHash(world)).includes(first), "superseded only now");
});

test("without by-hash none is written and Release does not promise it", async (t) => {
  const world = await newWorld(t, { base: version(1) }, { config: { publish: { compress: { gz: 1 }, "by-hash": false } } });
  await assertPublished(world);
  await assert.rejects(byHash(world), { code: "ENOENT" });
  assert.doesNotMatch(await world.read("dists/merged/Release"), /By-Hash/);
});

test("generations beyond the number that is kept are removed, and their files stay where they are shared", async (t) => {
  const world = await newWorld(t, { base: version(1) }, { config: { publish: { compress: { gz: 1 }, generations: 3 } } });
  await assertPublished(world);
  for (let number = 2; number <= 6; number++) await publishAt(world, number, `2026-10-02T00:0${number}:00Z`);
  assert.deepEqual(await readdir(join(world.output, ".generations")), ["000004", "000005", "000006"]);
  assert.equal((await world.cli(["verify"])).status, 0);
  // Six indices and the small Release beside them, under their digests.
  assert.equal((await byHash(world)).length, 7);
});

test("one generation alone may be kept", async (t) => {
  const world = await newWorld(t, { base: version(1) }, { config: { publish: { compress: { gz: 1 }, generations: 1 } } });
  await assertPublished(world);
  await publishAt(world, 2, "2026-10-02T00:01:00Z");
  assert.deepEqual(await readdir(join(world.output, ".generations")), ["000002"]);
});

test("U08: publishes within one second, or after the clock went back, have ever later Dates and times of change", async (t) => {
  const world = await newWorld(t, { base: version(1) });
  const facts = async () => {
    const date = /^Date: (.*)$/m.exec(await world.read("dists/merged/Release"))?.[1] ?? "";
    const { mtimeMs } = await stat(join(world.output, "dists/merged/InRelease"));
    assert.equal(mtimeMs, Date.parse(date));
    return mtimeMs;
  };
  await assertPublished(world, { now: "2026-10-02T00:00:00.100Z" });
  const times = [await facts()];
  for (const [number, now] of [
    [2, "2026-10-02T00:00:00.200Z"],
    [3, "2026-10-02T00:00:00.900Z"],
    [4, "2026-10-01T23:55:00Z"],
    [5, "2026-10-02T00:00:03Z"],
    [6, "2026-10-02T00:00:30Z"],
  ] as const) {
    await publishAt(world, number, now);
    times.push(await facts());
  }
  const start = Date.UTC(2026, 9, 2);
  assert.deepEqual(
    times.map((time) => (time - start) / 1000),
    [0, 1, 2, 3, 4, 30],
  );
});

test("U10: published files are linked, never written again: each generation's bytes stay", async (t) => {
  const world = await newWorld(t, { base: version(1) }, { suites: { merged: {}, other: {} } });
  await assertPublished(world);
  const generation = async (number: number) => below(await world.tree({ inodes: true }), `.generations/00000${number}`);
  const first = await generation(1);
  await world.publish("base", version(2));
  await assertPublished(world, { suites: ["merged"], now: "2026-10-02T00:01:00Z" });
  const second = await generation(2);
  assert.deepEqual(await generation(1), first);
  const other = (tree: Record<string, string>) => Object.entries(tree).filter(([path]) => path.startsWith("dists/other/"));
  assert.deepEqual(other(second), other(first), "the same inodes");
  await assertPublished(world, { full: true, now: "2026-10-02T00:02:00Z" });
  assert.deepEqual([await generation(1), await generation(2)], [first, second]);
});

test("every by-hash link is the file that it names", async (t) => {
  const world = await newWorld(
    t,
    { base: version(1) },
    { config: { publish: { compress: { gz: 1, xz: 1 }, digests: ["SHA256", "SHA512", "MD5Sum"] } } },
  );
  await assertPublished(world);
  const tree = await world.tree({ inodes: true });
  const folder = ".generations/000001/dists/merged/main/binary-amd64";
  const inode = (path: string) => /inode (\d+)/.exec(tree[path] ?? "")?.[1];
  const release = await world.read("dists/merged/Release");
  let links = 0;
  for (const [section, name] of [
    ["MD5Sum", "MD5Sum"],
    ["SHA256", "SHA256"],
    ["SHA512", "SHA512"],
  ]) {
    const part = new RegExp(`^${section}:\\n((?: .*\\n)+)`, "m").exec(release)?.[1] ?? "";
    for (const [, digest, path] of part.matchAll(/^ (\S+) +\d+ main\/binary-amd64\/(\S+)$/gm)) {
      if (path === "Packages") continue;
      assert.equal(inode(`${folder}/by-hash/${name}/${digest}`), inode(`${folder}/${path}`), `${section} ${path}`);
      links++;
    }
  }
  assert.equal(links, 9);
});
