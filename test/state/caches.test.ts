/** STATE but for the trust records is a cache: lost or damaged at any time it costs speed only, and never trust. */
import assert from "node:assert/strict";
import { chmod, mkdir, readdir, readFile, rm, symlink, truncate, writeFile } from "node:fs/promises";
import { join } from "node:path";
import test from "node:test";
import { status } from "../support/fault-answers.ts";
import { assertPublished, assertRefused, assertUnchanged } from "../support/refused.ts";
import { deb, FOREIGN_KEY, newWorld, type TestWorld, upstream } from "../support/world.ts";

const calm = upstream().deb(deb("hello", "1.0")).deb(deb("other"));
const later = upstream().deb(deb("hello", "2.0")).deb(deb("other")).at("2026-10-01T12:00:00Z");

async function stored(world: TestWorld): Promise<readonly string[]> {
  const entries = await readdir(join(world.state, "store"), { recursive: true, withFileTypes: true });
  return entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
}

for (const name of ["cache", "runs", "store", "cache/checks", "cache/blocks"]) {
  test(`STATE/${name} may be deleted between runs`, async (t) => {
    const world = await newWorld(t, { base: calm });
    await assertPublished(world);
    await rm(join(world.state, name), { recursive: true, force: true });
    await assertUnchanged(world);
    await rm(join(world.state, name), { recursive: true, force: true });
    await world.publish("base", later);
    await assertPublished(world);
    assert.deepEqual(await world.packages(), ["hello 2.0", "other 1.0"]);
    assert.equal((await world.cli(["verify"])).status, 0);
  });
}

for (const [name, damage] of [
  ["cut off", (path: string) => truncate(path, 5)],
  ["emptied", (path: string) => truncate(path, 0)],
  ["changed", (path: string) => writeFile(path, "something else")],
] as const) {
  test(`stored bytes that were ${name} are fetched again`, async (t) => {
    const world = await newWorld(t, { base: calm });
    await assertPublished(world);
    for (const path of await stored(world)) await damage(path);
    await assertUnchanged(world);
    for (const path of await stored(world)) await damage(path);
    const { exit } = await world.run({ full: true });
    assert.equal(exit, 0);
    assert.deepEqual(await world.packages(), ["hello 1.0", "other 1.0"]);
    assert.equal((await world.cli(["verify"])).status, 0);
  });

  test(`validators and block layouts that were ${name} are not used`, async (t) => {
    const world = await newWorld(t, { base: calm });
    await assertPublished(world);
    const caches = (await readdir(join(world.state, "cache"), { recursive: true, withFileTypes: true })).filter((entry) => entry.isFile());
    assert.ok(caches.length > 0);
    for (const entry of caches) await damage(join(entry.parentPath, entry.name));
    await assertUnchanged(world);
    for (const entry of caches) await damage(join(entry.parentPath, entry.name));
    await world.publish("base", later);
    await assertPublished(world);
    assert.equal((await world.cli(["verify"])).status, 0);
  });
}

test("a mirror that answers 304 although nothing is stored any more gets no say", async (t) => {
  const world = await newWorld(t, { base: calm });
  await assertPublished(world);
  await rm(join(world.state, "store"), { recursive: true });
  world.mirror("base").rules = [[/InRelease$/, status(304)]];
  await assertRefused(world, "MIRROR_BROKE_OFF", 4);
});

test("a key that left the keyring is no longer trusted, although the server answers 304", async (t) => {
  const world = await newWorld(t, { base: calm });
  await assertPublished(world);
  await writeFile(join(world.folder, "keyrings/base.asc"), FOREIGN_KEY.publicArmored);
  await assertRefused(world, "SIGNATURE_UNTRUSTED", 5);
  await assertRefused(world, "SIGNATURE_UNTRUSTED", 5, { offline: true });
});

test("a stored Release that has expired is refused, although the server answers 304", async (t) => {
  const world = await newWorld(t, { base: calm.validUntil("2026-10-03") });
  await assertPublished(world);
  await assertRefused(world, "RELEASE_EXPIRED", 5, { now: "2026-10-03T00:00:01Z" });
  await world.configure({ mirrors: { base: { "check-valid-until": false } } });
  const { warnings } = await assertUnchanged(world, { now: "2026-10-03T00:00:02Z" });
  assert.deepEqual(warnings, ["VALID_UNTIL_IGNORED"]);
});

for (const [what, make] of [
  ["a folder", (path: string) => mkdir(path)],
  ["a symlink to a file elsewhere", (path: string) => symlink("/etc/passwd", path)],
] as const) {
  test(`${what} in the place of a trust record is never followed or replaced`, async (t) => {
    const world = await newWorld(t, { base: calm });
    await assertPublished(world);
    const path = join(world.state, "trust/base/stable.json");
    await rm(path);
    await make(path);
    await world.publish("base", later);
    const before = await world.tree({ inodes: true });
    const { exit } = await world.run();
    assert.ok([5, 7].includes(exit), `exit ${exit}`);
    assert.deepEqual(await world.tree({ inodes: true }), before);
  });
}

test("a symlink in the store leads nowhere", async (t) => {
  const world = await newWorld(t, { base: calm });
  await assertPublished(world);
  const target = join(world.folder, "victim");
  await writeFile(target, "keep me");
  for (const path of await stored(world)) {
    await rm(path);
    await symlink(target, path);
  }
  await world.publish("base", later);
  await world.run();
  assert.equal(await readFile(target, "utf8"), "keep me");
});

test("stored files that nothing needs any more go after a publish", async (t) => {
  const world = await newWorld(t, { base: calm });
  await assertPublished(world);
  for (let number = 1; number <= 4; number++) {
    await world.publish("base", later.deb(deb("count", `${number}`)).at(`2026-10-01T13:0${number}:00Z`));
    await assertPublished(world);
  }
  assert.equal((await stored(world)).length, 2);
  await assertUnchanged(world, { offline: true });
});

test("a state folder that may not be written ends the run before anything is fetched", async (t) => {
  if (process.getuid?.() === 0) {
    t.diagnostic("root may write everywhere: tried with a file in its place");
    const world = await newWorld(t, { base: calm });
    await writeFile(world.state, "no folder");
    await assertRefused(world, "OUTPUT_UNUSABLE", 7);
    assert.equal(world.mirror("base").requests.length, 0);
    return;
  }
  const world = await newWorld(t, { base: calm });
  await mkdir(world.state);
  await chmod(world.state, 0o500);
  await assertRefused(world, "OUTPUT_UNUSABLE", 7);
  assert.equal(world.mirror("base").requests.length, 0);
});
