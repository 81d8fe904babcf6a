/** Keys that cannot sign end the run before a mirror is asked; a signature that fails later leaves the old tree. */
import assert from "node:assert/strict";
import { chmod, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import test from "node:test";
import { MergeError } from "../../lib/errors.ts";
import { newKey } from "../support/keys.ts";
import { assertPublished, assertRefused, assertUnchanged } from "../support/refused.ts";
import { deb, FOREIGN_KEY, newWorld, type TestWorld, upstream } from "../support/world.ts";

const calm = upstream().deb(deb("hello", "1.0"));
const later = upstream().deb(deb("hello", "2.0")).at("2026-10-01T12:00:00Z");
const LOCKED_KEY = await newKey({ userId: "Locked", passphrase: "right" });
const EXPIRED_KEY = await newKey({ userId: "Expired", lifeSeconds: 86_400 });
const WEAK_KEY = await newKey({ userId: "Weak", rsaBits: 1024 });

const UNUSABLE: readonly (readonly [id: string, name: string, spoil: (world: TestWorld) => Promise<unknown>])[] = [
  ["K01", "is gone", (world) => rm(world.signingKey)],
  ["K09", "may be read by others", (world) => chmod(world.signingKey, 0o644)],
  ["K01", "is no key", (world) => writeFile(world.signingKey, "hello")],
  ["K01", "is empty", (world) => writeFile(world.signingKey, "")],
  ["K01", "is only a public key", (world) => writeFile(world.signingKey, FOREIGN_KEY.publicArmored)],
  ["K03", "is locked and no passphrase is given", (world) => writeFile(world.signingKey, LOCKED_KEY.secretArmored)],
  ["K02", "has expired", (world) => writeFile(world.signingKey, EXPIRED_KEY.secretArmored)],
  ["K05", "is too weak", (world) => writeFile(world.signingKey, WEAK_KEY.secretArmored)],
];

for (const [id, name, spoil] of UNUSABLE) {
  test(`${id}: a signing key that ${name} ends the run before anything is fetched`, async (t) => {
    const world = await newWorld(t, { base: calm });
    await assertPublished(world);
    await world.publish("base", later);
    const before = world.mirror("base").requests.length;
    await spoil(world);
    await assertRefused(world, "SIGNING_KEY_UNUSABLE", 8);
    assert.equal(world.mirror("base").requests.length, before);
  });
}

test("a wrong passphrase ends the run, is quoted nowhere, and the right one signs", async (t) => {
  const world = await newWorld(t, { base: calm });
  await writeFile(world.signingKey, LOCKED_KEY.secretArmored);
  await world.configure({ config: { sign: [{ key: "signing-key.asc", passphrase: "wrong-secret" }] } });
  const { problems } = await assertRefused(world, "SIGNING_KEY_UNUSABLE", 8);
  assert.doesNotMatch(JSON.stringify(problems), /wrong-secret/);
  await world.configure({ config: { sign: [{ key: "signing-key.asc", passphrase: "right" }] } });
  await assertPublished(world);
});

test("K07: a signature that fails in the middle leaves the old tree of every suite", async (t) => {
  const world = await newWorld(t, { base: calm }, { suites: { one: {}, two: {} } });
  await assertPublished(world);
  await world.publish("base", later);
  const before = await world.tree({ inodes: true });
  let left = 1;
  const { exit, errors, report } = await world.runIn((inner) => ({
    ...inner,
    signer: {
      ...inner.signer,
      sign: async (release, at) => {
        if (left-- > 0) return inner.signer.sign(release, at);
        throw new MergeError("SIGNING_FAILED", "Cannot sign Release: the card was pulled out");
      },
    },
  }));
  assert.deepEqual([exit, errors, report?.outcome], [8, ["SIGNING_FAILED"], "failed"]);
  const live = (tree: typeof before) => Object.fromEntries(Object.entries(tree).filter(([path]) => !path.includes("/.new-")));
  assert.deepEqual(live(await world.tree({ inodes: true })), before);
  await assertPublished(world);
});

test("U12 K06: a signer that signs something else is found out before the switch", async (t) => {
  const world = await newWorld(t, { base: calm });
  await assertPublished(world);
  await world.publish("base", later);
  const current = await world.read("dists/merged/InRelease");
  const { exit, errors } = await world.runIn((inner) => ({
    ...inner,
    signer: {
      ...inner.signer,
      sign: async (release, at) => inner.signer.sign(Buffer.from(release.toString().replace("2026", "2025")), at),
    },
  }));
  assert.deepEqual([exit, errors], [7, ["TREE_CHECK_FAILED"]]);
  assert.equal(await world.read("dists/merged/InRelease"), current);
});

test("without keys the tree is unsigned, which every run says loudly", async (t) => {
  const world = await newWorld(t, { base: calm }, { config: { sign: [] } });
  const { warnings } = await assertPublished(world);
  assert.deepEqual(warnings, ["TREE_UNSIGNED"]);
  const files = Object.keys(await world.tree()).filter((path) => /InRelease|Release\.gpg|key\.asc/.test(path));
  assert.deepEqual(files, []);
  assert.match(await world.read("dists/merged/Release"), /^SHA256:$/m);
  const again = await assertUnchanged(world);
  assert.deepEqual(again.warnings, ["TREE_UNSIGNED"]);
});

test("a tree that was unsigned is signed when a key is named, and the other way round", async (t) => {
  const world = await newWorld(t, { base: calm }, { config: { sign: [] } });
  await assertPublished(world);
  await world.configure({ config: {} });
  await assertPublished(world);
  assert.equal((await world.cli(["verify"])).status, 0);
  await world.configure({ config: { sign: [] } });
  await assertPublished(world);
  await assert.rejects(world.read("dists/merged/InRelease"), { code: "ENOENT" });
});

test("K08: two keys sign, and either is enough for a client", async (t) => {
  const second = await newKey({ userId: "Second" });
  const world = await newWorld(t, { base: calm }, { config: { sign: [{ key: "signing-key.asc" }, { key: "second.asc" }] } });
  await writeFile(join(world.folder, "second.asc"), second.secretArmored, { mode: 0o600 });
  await assertPublished(world);
  await writeFile(join(world.folder, "second-public.asc"), second.publicArmored);
  const { status, stdout } = await world.cli(["verify", "--keyring", "second-public.asc"]);
  assert.equal(status, 0, stdout);
});

test("K08: after a change of keys a suite that keeps its last state can still be verified", async (t) => {
  const world = await newWorld(
    t,
    { base: calm, other: calm },
    { suites: { one: { from: ["base/stable"] }, two: { from: ["other/stable"] } } },
  );
  await assertPublished(world);
  await writeFile(world.signingKey, FOREIGN_KEY.secretArmored, { mode: 0o600 });
  await assertPublished(world, { suites: ["one"] });
  const { status, stderr } = await world.cli(["verify"]);
  assert.equal(status, 0, stderr);
  await assertPublished(world);
  assert.equal((await world.cli(["verify"])).status, 0);
});
