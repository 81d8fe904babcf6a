/** `verify` on trees that are not what they say. */
import assert from "node:assert/strict";
import { cp, readdir, readFile, realpath, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import test, { type TestContext } from "node:test";
import { needs } from "../support/needs.ts";
import { temporaryFolder } from "../support/temporary.ts";
import { deb, newWorld, RECENTLY, type TestWorld, upstream } from "../support/world.ts";

const hello = { Package: "hello", Version: "1.0", Architecture: "amd64" };
const archive = upstream({ architectures: ["amd64"] })
  .deb(hello)
  .deb({ Package: "orphan", Version: "1.0", Architecture: "amd64", Source: "gone" })
  .source({ Package: "hello", Version: "1.0" })
  .at(RECENTLY);

async function published(t: TestContext): Promise<TestWorld> {
  const suites = {
    merged: { from: ["base/stable"], components: ["main"], architectures: ["amd64", "source"], policy: { winner: "priority" } },
  };
  const world = await newWorld(t, { base: archive }, { suites });
  const { status, stderr } = await world.cli(["merge"]);
  assert.equal(status, 0, stderr);
  return world;
}

/** A copy without hard links and symlinks, as a mirror of the tree would be, to be changed. */
async function copyOf(world: TestWorld): Promise<string> {
  const copy = join(await temporaryFolder(), "tree");
  await cp(await realpath(join(world.output, "current")), copy, { recursive: true, dereference: true });
  return copy;
}

test("verify accepts a published tree and a plain copy of it, and says which binaries lack their source", async (t) => {
  const world = await published(t);
  for (const tree of [world.output, await copyOf(world)]) {
    const { status, stdout, stderr } = await world.cli(["verify", tree]);
    assert.equal(status, 0, stderr);
    assert.match(stdout, /^merged: .* 2 indices with 3 stanzas, signed by [0-9A-F]{40}\nThe tree is sound\n$/);
    assert.match(stderr, /warning BINARY_WITHOUT_SOURCE: .*orphan \(source gone 1\.0\)/);
  }
});

for (const [what, file, change] of [
  ["a changed index", "dists/merged/main/binary-amd64/Packages.gz", (bytes: Buffer) => Buffer.concat([bytes, Buffer.from("x")])],
  ["a changed Release", "dists/merged/Release", (bytes: Buffer) => Buffer.from(bytes.toString().replace("Codename", "Codenamf"))],
  ["a signature of other text", "dists/merged/Release.gpg", () => undefined],
  ["an index that is not there", "dists/merged/main/source/Sources.gz", () => undefined],
  ["no InRelease", "dists/merged/InRelease", () => undefined],
  ["no key", "key.asc", () => undefined],
] as const) {
  test(`verify refuses a tree with ${what}, with exit status 5 and the file's name`, async (t) => {
    const world = await published(t);
    const tree = await copyOf(world);
    const path = join(tree, file);
    const changed = change(await readFile(path));
    if (changed === undefined) await rm(path);
    else await writeFile(path, changed);
    const { status, stderr } = await world.cli(["verify", tree]);
    assert.equal(status, 5, stderr);
    assert.ok(stderr.includes(file.split("/").at(-1) ?? ""), stderr);
  });
}

test("verify refuses a by-hash file of an earlier generation that does not hold what its name says", async (t) => {
  const world = await published(t);
  await world.publish(
    "base",
    archive.deb({ Package: "more", Version: "1.0", Architecture: "amd64" }).at(new Date(RECENTLY.getTime() + 1000)),
  );
  assert.equal((await world.cli(["merge"])).status, 0);
  const tree = await copyOf(world);
  assert.equal((await world.cli(["verify", tree])).status, 0);
  const release = await readFile(join(tree, "dists/merged/Release"), "utf8");
  const folder = join(tree, "dists/merged/main/binary-amd64/by-hash/SHA256");
  const superseded = (await readdir(folder)).filter((name) => !release.includes(name));
  assert.ok(superseded.length > 0, "there is one");
  await writeFile(join(folder, superseded[0] ?? ""), "other bytes");
  const { status, stderr } = await world.cli(["verify", tree]);
  assert.equal(status, 5, stderr);
  assert.ok(stderr.includes(superseded[0] ?? "?"), stderr);
});

test("verify asks for the key that the operator trusts, not only for the tree's own", async (t) => {
  const [world, other] = [await published(t), await published(t)];
  const foreign = join(await temporaryFolder(), "foreign.asc");
  await writeFile(foreign, await readFile(join(world.folder, "keyrings/base.asc")));
  assert.equal((await other.cli(["verify", world.output, "--keyring", join(world.output, "key.asc")])).status, 0);
  const { status, stderr } = await world.cli(["verify", world.output, "--keyring", foreign]);
  assert.equal(status, 5, stderr);
});

test("verify --with-apt says so when there is no apt", async (t) => {
  if (!needs(t, "xz")) return;
  const world = await published(t);
  const { status, stderr } = await world.cli(["verify", world.output, "--with-apt"], { env: { PATH: await temporaryFolder() } });
  assert.equal(status, 7, stderr);
  assert.match(stderr, /error APT_MISSING: .*apt-get.*\n {2}hint: /);
});

test("verify: an alias that went over to another suite while the first keeps its last state is sound", async (t) => {
  const world = await newWorld(
    t,
    { first: upstream().deb(deb("one")).at(RECENTLY), second: upstream().deb(deb("two")).at(RECENTLY) },
    { suites: { one: { from: ["first/stable"], aliases: ["stable"] }, two: { from: ["second/stable"] } } },
  );
  const now = new Date();
  assert.equal((await world.run({ now })).exit, 0);
  await world.publish(
    "first",
    upstream()
      .deb(deb("one", "2"))
      .at(RECENTLY)
      .tamper("dists/stable/InRelease", (bytes) => bytes.subarray(0, 100)),
  );
  await world.configure({ suites: { one: { from: ["first/stable"] }, two: { from: ["second/stable"], aliases: ["stable"] } } });
  assert.equal((await world.run({ now: new Date(now.getTime() + 1000) })).report?.outcome, "partial");
  assert.deepEqual(await world.packages("stable"), ["two 1.0"]);
  const { status, stderr } = await world.cli(["verify"]);
  assert.deepEqual([status, stderr], [0, ""]);
});
