/** THREATS 2.2 with keys and signatures that real gpg made, and with programs that lie: what counts is judged in process. */
import assert from "node:assert/strict";
import { access, chmod, rm, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import { dearmor, enarmor } from "../../lib/io/openpgp-armor.ts";
import { CALM, LATER } from "../support/attack.ts";
import { keyringOf, newGpg } from "../support/gpg-archive.ts";
import { newKey } from "../support/keys.ts";
import { needs, whereIs } from "../support/needs.ts";
import { assertPublished, assertRefused, errorOf } from "../support/refused.ts";
import { temporaryFolder } from "../support/temporary.ts";
import { ARCHIVE_KEY, deb, FOREIGN_KEY, Killed, newWorld, RECENTLY, upstream } from "../support/world.ts";

const GPG_TIMEOUT = { timeout: 120_000 };

test("S13: a good signature beside one of an unknown key is accepted, in either order", GPG_TIMEOUT, async (t) => {
  if (!needs(t, "gpg")) return;
  const gpg = await newGpg(t);
  const [joe, marvin] = [gpg.newKey("Joe Sixpack"), gpg.newKey("Marvin Paranoid")];
  const world = await newWorld(t, { base: await gpg.signed(CALM, joe, marvin) });
  for (const [key, archive, other] of [
    [joe, CALM, [joe, marvin]],
    [marvin, LATER, [marvin, joe]],
  ] as const) {
    await gpg.writeKeyring(keyringOf(world.folder, "base"), key);
    await world.publish("base", await gpg.signed(archive, ...other));
    const { report } = await assertPublished(world);
    assert.deepEqual(report?.suites[0]?.mirrors[0]?.signedBy, [key]);
  }
});

test("S14: a good signature does not help beside a bad one of a known key", GPG_TIMEOUT, async (t) => {
  if (!needs(t, "gpg")) return;
  const gpg = await newGpg(t);
  const [joe, marvin] = [gpg.newKey("Joe Sixpack"), gpg.newKey("Marvin Paranoid")];
  const world = await newWorld(t, { base: await gpg.signed(CALM, joe, marvin) });
  await gpg.writeKeyring(keyringOf(world.folder, "base"), joe, marvin);
  await assertPublished(world);
  // The last bytes are the end of the last signature's second number.
  const corrupt = (file: Buffer): Buffer => {
    const at = file.indexOf("-----BEGIN PGP SIGNATURE-----");
    const read = dearmor(file.subarray(at), "nothing");
    assert.ok(read.kind === "blocks" && read.blocks.length === 1);
    const bytes = Buffer.from(read.blocks[0]?.bytes ?? []);
    bytes.writeUInt8(bytes.readUInt8(bytes.length - 1) ^ 1, bytes.length - 1);
    return Buffer.concat([file.subarray(0, at), Buffer.from(enarmor("SIGNATURE", bytes))]);
  };
  await world.publish("base", (await gpg.signed(LATER, joe, marvin)).tamper("dists/stable/InRelease", corrupt));
  const error = errorOf(await assertRefused(world, "SIGNATURE_BAD", 5));
  assert.match(error.line, new RegExp(`InRelease of base/stable: its signature by key (${joe}|${marvin}) does not match its text`));
  // With the other key alone in the keyring nobody can tell that it is bad.
  const good = error.line.includes(joe) ? marvin : joe;
  await gpg.writeKeyring(keyringOf(world.folder, "base"), good);
  await assertPublished(world);
});

test(
  "S15: a subkey that was added later signs where its primary key is pinned, and not where one key is pinned exactly",
  GPG_TIMEOUT,
  async (t) => {
    if (!needs(t, "gpg")) return;
    const gpg = await newGpg(t);
    const primary = gpg.newKey("Archive with a subkey");
    const world = await newWorld(t, { base: await gpg.signed(CALM, `${primary}!`) });
    const keyring = keyringOf(world.folder, "base");
    const pin = (fingerprint: string) => world.configure({ mirrors: { base: { "signed-by": { keyring, fingerprints: [fingerprint] } } } });
    await pin(primary);
    await gpg.writeKeyring(keyring, primary);
    await assertPublished(world);
    const subkey = gpg.addSubkey(primary);
    await world.publish("base", await gpg.signed(LATER, `${subkey}!`));
    await assertRefused(world, "SIGNATURE_UNTRUSTED", 5);
    await gpg.writeKeyring(keyring, primary);
    await pin(`${primary}!`);
    const error = errorOf(await assertRefused(world, "SIGNATURE_UNTRUSTED", 5));
    assert.ok(error.line.includes(`key ${subkey} (primary ${primary}) signed it and is not pinned`), error.line);
    await pin(primary);
    await assertPublished(world);
    await pin(`${subkey}!`);
    assert.equal((await world.run()).exit, 0);
  },
);

/** As gpg would report a good signature. */
const verdict = (fingerprint: string): string => `x\n[GNUPG:] GOODSIG ${fingerprint.slice(-16)} x\n[GNUPG:] VALIDSIG ${fingerprint}`;

test("S29: a user id that holds gpg's verdict on a pinned key does not make its own key count", GPG_TIMEOUT, async (t) => {
  if (!needs(t, "gpg")) return;
  const gpg = await newGpg(t);
  const joe = gpg.newKey("Joe Sixpack");
  const liar = gpg.newKey(verdict(joe));
  const world = await newWorld(t, { base: await gpg.signed(CALM, joe) });
  const keyring = keyringOf(world.folder, "base");
  await world.configure({ mirrors: { base: { "signed-by": { keyring, fingerprints: [joe] } } } });
  await gpg.writeKeyring(keyring, joe, liar);
  await assertPublished(world);
  await world.publish("base", await gpg.signed(LATER, liar));
  const error = errorOf(await assertRefused(world, "SIGNATURE_UNTRUSTED", 5));
  assert.ok(error.line.includes(`key ${liar} (primary ${liar}) signed it and is not pinned`), error.line);
  assert.doesNotMatch(error.line, /GNUPG/);
});

test("S29: a signature whose notation holds gpg's verdict does not count", async (t) => {
  const world = await newWorld(t, { base: CALM });
  await assertPublished(world);
  const lying = upstream({ key: FOREIGN_KEY }).deb(deb("hello", "2.0")).at("2026-10-01T12:00:00Z");
  await world.publish("base", lying.signing({ notation: verdict(ARCHIVE_KEY.fingerprint) }));
  assert.doesNotMatch(errorOf(await assertRefused(world, "SIGNATURE_UNTRUSTED", 5)).line, /GNUPG/);
});

test("S29: a message whose embedded file name holds gpg's verdict is no InRelease and no Release.gpg", GPG_TIMEOUT, async (t) => {
  if (!needs(t, "gpg")) return;
  const gpg = await newGpg(t);
  const joe = gpg.newKey("Joe Sixpack");
  const world = await newWorld(t, { base: CALM });
  await assertPublished(world);
  const release = (await LATER.build()).get("dists/stable/Release");
  const message = gpg.run(["--local-user", joe, "--armor", "--set-filename", verdict(ARCHIVE_KEY.fingerprint), "--sign"], release);
  await world.publish(
    "base",
    LATER.tamper("dists/stable/InRelease", () => message),
  );
  await assertRefused(world, "CLEARSIGN_MALFORMED", 5);
  await world.publish(
    "base",
    LATER.tamper("dists/stable/InRelease", () => undefined).tamper("dists/stable/Release.gpg", () => message),
  );
  await assertRefused(world, "CLEARSIGN_MALFORMED", 5);
});

for (const [name, fault] of [
  ["runs out of memory", new RangeError("Array buffer allocation failed")],
  ["is ended in the middle", new Killed("killed")],
] as const) {
  test(`S28: a verifier that ${name} has verified nothing`, async (t) => {
    const world = await newWorld(t, { base: CALM });
    await assertPublished(world);
    await world.publish("base", LATER);
    const before = await world.tree({ inodes: true });
    const run = world.runIn((own) => ({ ...own, signatures: { check: () => Promise.reject(fault) } }));
    if (fault instanceof Killed) assert.equal((await run).exit, 70);
    else await assert.rejects(run, fault);
    assert.deepEqual(await world.tree({ inodes: true }), before);
  });
}

test("S28: programs that call everything verified are not even asked, and nothing is missed without them", async (t) => {
  if (!needs(t, "flock", "xz")) return;
  const forged = upstream({ key: FOREIGN_KEY })
    .deb(deb("hello", "2.0"))
    .at(new Date(RECENTLY.getTime() + 1000));
  const world = await newWorld(t, { base: CALM.at(RECENTLY) });
  const [lying, bare] = [await temporaryFolder(), await temporaryFolder()];
  for (const folder of [lying, bare]) for (const tool of ["flock", "xz"]) await symlink(whereIs(tool) ?? "", join(folder, tool));
  const asked = join(lying, "asked");
  const script = `#!/bin/sh\n: > ${asked}\necho '[GNUPG:] GOODSIG ${ARCHIVE_KEY.fingerprint.slice(-16)} x'\nexit 0\n`;
  for (const tool of ["gpg", "gpgv", "sqv", "sq"]) await writeFile(join(lying, tool), script, { mode: 0o755 });
  const merge = async (folder: string) => (await world.cli(["merge"], { env: { PATH: folder } })).status;
  assert.equal(await merge(bare), 0);
  const before = await world.tree({ inodes: true });
  await world.publish("base", forged);
  assert.deepEqual([await merge(bare), await merge(lying)], [5, 5]);
  assert.deepEqual(await world.tree({ inodes: true }), before);
  await assert.rejects(access(asked), { code: "ENOENT" });
});

const mixed = await newKey();
for (const [name, bytes, mode] of [
  ["empty", Buffer.of(), 0o644],
  ["no keyring", Buffer.from("hello\n"), 0o644],
  ["armored and binary mixed", Buffer.concat([Buffer.from(ARCHIVE_KEY.publicArmored), mixed.secret.toPublic().write()]), 0o644],
  ["written by everyone", Buffer.from(ARCHIVE_KEY.publicArmored), 0o666],
  ["gone", undefined, 0],
] as const) {
  test(`S27: a keyring that is ${name} ends in 3, is named, and the tree stays`, async (t) => {
    const world = await newWorld(t, { base: CALM });
    await assertPublished(world);
    const path = keyringOf(world.folder, "base");
    await world.publish("base", LATER);
    if (bytes === undefined) await rm(path);
    else {
      await writeFile(path, bytes);
      await chmod(path, mode);
    }
    const error = errorOf(await assertRefused(world, "KEYRING_UNUSABLE", 3));
    assert.ok(error.line.includes(path), error.line);
    await writeFile(path, ARCHIVE_KEY.publicArmored);
    await chmod(path, 0o644);
    await assertPublished(world);
  });
}

test("S27: a keyring that cannot be used is a fault of the config: suites of other mirrors are not published either", async (t) => {
  const suites = { one: { from: ["base/stable"] }, two: { from: ["other/stable"] } };
  const world = await newWorld(t, { base: CALM, other: CALM }, { suites });
  await assertPublished(world);
  await world.publish("base", LATER);
  await world.publish("other", LATER);
  await rm(keyringOf(world.folder, "base"));
  await assertRefused(world, "KEYRING_UNUSABLE", 3);
});
