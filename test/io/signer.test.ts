import assert from "node:assert/strict";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import { MergeError } from "../../lib/errors.ts";
import { generateSigningKey } from "../../lib/io/keys.ts";
import { OpenpgpChecker } from "../../lib/io/openpgp-checker.ts";
import { loadSigner } from "../../lib/io/signer.ts";
import type { Signer } from "../../lib/ports.ts";
import type { SigningKey } from "../../lib/settings.ts";
import { splitClearsigned } from "../../lib/verify/clearsign.ts";
import { newKey } from "../support/keys.ts";
import { temporaryFolder } from "../support/temporary.ts";

const NOW = new Date("2026-02-10T12:00:00Z");
const RELEASE = Buffer.from("Origin: Exämple\nDate: Tue, 10 Feb 2026 12:00:00 UTC\nSHA256:\n");
const folder = await temporaryFolder();

let files = 0;
async function keyFile(content: string | Uint8Array, passphrase = "", mode = 0o600): Promise<SigningKey> {
  const path = join(folder, `key-${files++}`);
  await writeFile(path, content, { mode });
  return { kind: "file", path, passphrase };
}

async function verdicts(signer: Signer, release: Buffer): Promise<readonly string[]> {
  const { inRelease, releaseGpg } = await signer.sign(release, NOW);
  const path = join(folder, `public-${files++}`);
  await writeFile(path, signer.publicKeys, { mode: 0o644 });
  const settings = { files: [path], pins: [] };
  const split = splitClearsigned(inRelease, {});
  assert.deepEqual(split.text, release);
  const inside = await new OpenpgpChecker().check(split.toVerify, split.signature, "text", settings, NOW);
  const beside = await new OpenpgpChecker().check(release, releaseGpg, "detached", settings, NOW);
  return [...inside, ...beside].map((verdict) => (verdict.kind === "good" ? verdict.primary : verdict.kind));
}

const one = await newKey();
const two = await newKey({ rsaBits: 2048, subkey: true });

for (const [name, keys, expected] of [
  ["one key", [await keyFile(one.secretArmored)], [one]],
  ["a binary key", [await keyFile(one.secret.write())], [one]],
  ["two keys, in the order of the config", [await keyFile(two.secretArmored), await keyFile(one.secretArmored)], [two, one]],
  ["a locked key", [await keyFile((await newKey({ passphrase: "open" })).secretArmored, "open")], undefined],
] as const) {
  test(`the signer signs both forms with ${name}`, async () => {
    const signer = await loadSigner(keys, NOW);
    const fingerprints = expected?.map((key) => key.fingerprint) ?? signer.fingerprints;
    assert.deepEqual(signer.fingerprints, fingerprints);
    assert.deepEqual(await verdicts(signer, RELEASE), [...fingerprints, ...fingerprints]);
    assert.deepEqual(signer.problems, []);
  });
}

test("K10: the signer leaves the bytes of Release as they are inside InRelease", async () => {
  const { inRelease } = await (await loadSigner([await keyFile(one.secretArmored)], NOW)).sign(RELEASE, NOW);
  assert.ok(inRelease.includes(Buffer.concat([Buffer.from("\n\n"), RELEASE, Buffer.from("-----BEGIN PGP SIGNATURE-----\n")])));
  assert.ok(!inRelease.includes("\r"));
});

test("K10: the signer escapes lines that start with a dash", async () => {
  const signer = await loadSigner([await keyFile(one.secretArmored)], NOW);
  assert.equal((await verdicts(signer, Buffer.from("-----BEGIN PGP SIGNATURE-----\n- x\nFrom me\n"))).length, 2);
});

test("the signer writes the same bytes for the same text, keys and time", async () => {
  const keys = [await keyFile(one.secretArmored), await keyFile(two.secretArmored)];
  const [first, second] = [await (await loadSigner(keys, NOW)).sign(RELEASE, NOW), await (await loadSigner(keys, NOW)).sign(RELEASE, NOW)];
  assert.deepEqual(first, second);
  const later = await (await loadSigner(keys, NOW)).sign(RELEASE, new Date(NOW.getTime() + 1000));
  assert.notDeepEqual(first.releaseGpg, later.releaseGpg);
});

test("the signer publishes all its keys in one armored block, as apt reads no further", async () => {
  const { publicKeys } = await loadSigner([await keyFile(one.secretArmored), await keyFile(two.secretArmored)], NOW);
  assert.equal(publicKeys.toString().match(/BEGIN PGP PUBLIC KEY BLOCK/g)?.length, 1);
});

for (const [name, text] of [
  ["without a last line end", Buffer.from("Origin: x")],
  ["with CR LF line ends", Buffer.from("Origin: x\r\n")],
  ["with a NUL byte", Buffer.from("Origin: \0\n")],
  ["that is not UTF-8", Buffer.from("Origin: \xe9\n", "latin1")],
] as const) {
  test(`the signer refuses a Release ${name}`, async () => {
    const signer = await loadSigner([await keyFile(one.secretArmored)], NOW);
    await assert.rejects(signer.sign(text, NOW), { code: "SIGNING_FAILED" });
  });
}

test("a signer without keys says that the tree stays unsigned, and signs nothing", async () => {
  const signer = await loadSigner([], NOW);
  assert.deepEqual([signer.fingerprints.length, signer.publicKeys.length], [0, 0]);
  assert.deepEqual(
    signer.problems.map((each) => each.code),
    ["TREE_UNSIGNED"],
  );
  await assert.rejects(signer.sign(RELEASE, NOW), { code: "SIGNING_FAILED" });
});

test("K02: the signer warns of a key that expires within 30 days, and not before", async () => {
  for (const [days, codes] of [
    [29, ["SIGNING_KEY_EXPIRES"]],
    [31, []],
  ] as const) {
    const key = await newKey({ at: new Date("2026-02-01T00:00:00Z"), lifeSeconds: (days + 9.5) * 24 * 3600 });
    const signer = await loadSigner([await keyFile(key.secretArmored)], NOW);
    assert.deepEqual(
      signer.problems.map((each) => each.code),
      codes,
    );
  }
});

const absent: SigningKey = { kind: "file", path: join(folder, "absent"), passphrase: "" };
const locked = (await newKey({ passphrase: "open" })).secretArmored;
for (const [name, key, message] of [
  ["absent", absent, /ENOENT/],
  ["a folder", { ...absent, path: folder }, /no regular file/],
  ["empty", await keyFile(""), /is empty/],
  ["readable by its group", await keyFile(one.secretArmored, "", 0o640), /mode 0640/],
  ["readable by everyone", await keyFile(one.secretArmored, "", 0o604), /mode 0604/],
  ["only a public key", await keyFile(one.publicArmored), /only a public key/],
  ["no key", await keyFile("hello\n"), /no OpenPGP key/],
  ["damaged", await keyFile(one.secretArmored.slice(0, 200)), /unexpected line/],
  ["two keys", await keyFile(one.secretArmored + two.secretArmored), /2 secret keys/],
  ["locked, without a passphrase", await keyFile(locked), /must give the passphrase/],
  ["locked, with the wrong passphrase", await keyFile(locked, "shut-secret"), /cannot be unlocked/],
  ["expired", await keyFile((await newKey({ lifeSeconds: 60 })).secretArmored), /expired on 2020-01-01/],
  ["revoked", await keyFile((await newKey({ revokedAt: new Date("2025-05-05T00:00:00Z") })).secretArmored), /revoked on 2025-05-05/],
  ["too short", await keyFile((await newKey({ rsaBits: 1024 })).secretArmored), /1024 bits/],
] as const) {
  test(`the signer refuses a key that is ${name}`, async () => {
    await assert.rejects(loadSigner([key], NOW), (error: unknown) => {
      assert.ok(error instanceof MergeError);
      assert.equal(error.code, "SIGNING_KEY_UNUSABLE");
      assert.match(error.message, message);
      assert.doesNotMatch(error.message, /shut-secret/);
      return true;
    });
  });
}

test("the signer refuses a key that is named twice", async () => {
  const keys = [await keyFile(one.secretArmored), await keyFile(one.secretArmored)];
  await assert.rejects(loadSigner(keys, NOW), { code: "SIGNING_KEY_UNUSABLE" });
});

test("a new signing key can sign at once and is the same when read back", async () => {
  const key = await generateSigningKey("Merged Archive <archive@a.example>", NOW);
  const signer = await loadSigner([await keyFile(key.secret)], NOW);
  assert.deepEqual(signer.fingerprints, [key.fingerprint]);
  assert.deepEqual(await verdicts(signer, RELEASE), [key.fingerprint, key.fingerprint]);
  assert.match(key.public, /BEGIN PGP PUBLIC KEY BLOCK/);
});

for (const userId of ["", "<nobody>", "a <b@c> d", "line\nbreak"]) {
  test(`no signing key is made for the user id ${JSON.stringify(userId)}`, async () => {
    await assert.rejects(generateSigningKey(userId, NOW), { code: "USAGE" });
  });
}
