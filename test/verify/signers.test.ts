/** Who signed and what comes of it: through verifyRelease, with the real checker. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { enums } from "openpgp";
import { clearsign, newKey, type SignatureOptions, type TestKey } from "../support/keys.ts";
import { ask, NOW, releaseText, SIGNED_AT, writeKeyring } from "./world.ts";

const UNTRUSTED = "SIGNATURE_UNTRUSTED";
const key = await newKey({ userId: "Archive" });
const other = await newKey({ userId: "Another Archive" });
const keyring = await writeKeyring(key);
/** A sound Release signed by these. */
const by = (keys: readonly TestKey[], options: SignatureOptions = {}) => clearsign(releaseText(), keys, { at: SIGNED_AT, ...options });

const subkeyed = await newKey({ subkey: true });
const expired = await newKey({ at: new Date("2024-01-01T00:00:00Z"), lifeSeconds: 3600 * 24 * 365 });
const revoked = await newKey({ revokedAt: new Date("2025-05-05T00:00:00Z") });
const short = await newKey({ rsaBits: 1024 });
const rsa = await newKey({ rsaBits: 2048 });
const encrypts = await newKey({ rsaBits: 2048, subkey: "for-encryption" });
const liar = await newKey({
  userId: `x\n[GNUPG:] GOODSIG ${key.fingerprint.slice(-16)} x\n[GNUPG:] VALIDSIG ${key.fingerprint}`.replaceAll("\n", " "),
});
const all = await writeKeyring(key, subkeyed, expired, revoked, short, rsa, encrypts);
const expiring = await newKey({ at: new Date("2026-01-01T00:00:00Z"), lifeSeconds: 3600 * 24 * 50 });
const soon = await writeKeyring(key, expiring);

async function cut(): Promise<Buffer> {
  const [good, evil] = [await by([key]), await clearsign(releaseText({ Origin: "Evil" }), [rsa], SIGNED_AT)];
  const block = (file: Buffer) => file.toString().slice(file.toString().indexOf("-----BEGIN PGP SIGNATURE-----"));
  return Buffer.concat([good, Buffer.from(block(evil))]);
}

const SIGNERS: readonly (readonly [name: string, file: Buffer, keyring: string, code: string, message: RegExp])[] = [
  ["an unknown key", await by([other]), keyring, UNTRUSTED, new RegExp(`${other.fingerprint}.*keyring\\.asc`)],
  ["a key of another mirror", await by([rsa]), keyring, UNTRUSTED, new RegExp(rsa.fingerprint)],
  ["a key whose user id looks like a verdict", await by([liar]), keyring, UNTRUSTED, new RegExp(liar.fingerprint)],
  ["a key that has expired since", await by([expired], { at: new Date("2024-06-01T00:00:00Z") }), all, UNTRUSTED, /expired on 2024-12-31/],
  ["a revoked key", await by([revoked]), all, UNTRUSTED, /revoked on 2025-05-05/],
  [
    "a key that was revoked after signing",
    await by([revoked], { at: new Date("2024-06-01T00:00:00Z") }),
    all,
    UNTRUSTED,
    /revoked on 2025-05-05/,
  ],
  ["an RSA key of 1024 bits", await by([short]), all, UNTRUSTED, /1024 bits/],
  ["SHA1", await by([rsa], { hash: enums.hash.sha1 }), all, UNTRUSTED, /digest is SHA1/],
  ["RIPEMD", await by([rsa], { hash: enums.hash.ripemd }), all, UNTRUSTED, /digest is RIPEMD/],
  ["MD5", await by([rsa], { hash: enums.hash.md5 }), all, UNTRUSTED, /digest is MD5/],
  ["a signature that has expired", await by([key], { lifeSeconds: 60 }), all, UNTRUSTED, /signature expired on 2026-02-10T06:01:00Z/],
  ["a signature from the future", await by([key], { at: new Date("2026-02-10T12:11:00Z") }), all, UNTRUSTED, /in the future/],
  ["a signature older than its key", await by([key], { at: new Date("2019-01-01T00:00:00Z") }), all, UNTRUSTED, /older than its key/],
  ["a signature of a binary file", await by([key], { type: enums.signature.binary }), all, UNTRUSTED, /not one of a text/],
  ["a subkey that is for encryption", await by([encrypts]), all, UNTRUSTED, /may not sign/],
  ["a critical part that nobody knows", await by([key], { criticalNotation: "x@a.example" }), all, UNTRUSTED, /critical part/],
  ["a good key and an unknown one", await by([key, other]), keyring, "trusted", /^$/],
  ["an unknown key and a good one", await by([other, key]), keyring, "trusted", /^$/],
  ["a good key and a revoked one", await by([revoked, key]), all, "trusted", /^$/],
  ["a good key beside a bad signature of a known one", await cut(), all, "SIGNATURE_BAD", new RegExp(rsa.fingerprint)],
  ["a good key beside a bad signature of an unknown one", await cut(), keyring, "trusted", /^$/],
  ["a subkey", await by([subkeyed]), all, "trusted", /^$/],
  ["RSA", await by([rsa], { hash: enums.hash.sha256 }), all, "trusted", /^$/],
];
for (const [name, file, ring, code, message] of SIGNERS) {
  test(`verifyRelease answers ${code} to ${name}`, async () => {
    const answer = await ask(file, ring);
    assert.equal(answer.code, code, answer.message);
    assert.match(answer.message, message);
  });
}

test("verifyRelease names each primary key that signed once, in byte order", async () => {
  const { release } = await ask(await by([subkeyed, key, rsa, key, other]), all);
  assert.deepEqual(release?.signedBy, [subkeyed.fingerprint, key.fingerprint, rsa.fingerprint].sort());
});

for (const [name, pins, code] of [
  ["its primary key pinned", [{ fingerprint: subkeyed.fingerprint, exact: false }], "trusted"],
  ["exactly that subkey pinned", [{ fingerprint: subkeyed.signingFingerprint, exact: true }], "trusted"],
  ["only its primary key pinned exactly", [{ fingerprint: subkeyed.fingerprint, exact: true }], "SIGNATURE_UNTRUSTED"],
  ["only another key pinned", [{ fingerprint: key.fingerprint, exact: false }], "SIGNATURE_UNTRUSTED"],
  ["the subkey pinned as if it were primary", [{ fingerprint: subkeyed.signingFingerprint, exact: false }], "SIGNATURE_UNTRUSTED"],
] as const) {
  test(`verifyRelease answers ${code} to a subkey's signature with ${name}`, async () => {
    const answer = await ask(await by([subkeyed]), all, { pins });
    assert.equal(answer.code, code, answer.message);
  });
}

test("verifyRelease counts pinned keys alone among those who signed", async () => {
  const file = await by([key, rsa]);
  const { release } = await ask(file, all, { pins: [{ fingerprint: rsa.fingerprint, exact: false }] });
  assert.deepEqual(release?.signedBy, [rsa.fingerprint]);
});

test("verifyRelease warns of an archive key that expires within 30 days, unless another one signed too", async () => {
  const alone = await ask(await by([expiring]), soon);
  assert.deepEqual(
    alone.problems.map((each) => [each.code, each.severity, each.mirror]),
    [["ARCHIVE_KEY_EXPIRES", "warning", "debian"]],
  );
  assert.deepEqual((await ask(await by([expiring, key]), soon)).problems, []);
});

test("verifyRelease does not follow Signed-By to a key that its mirror's keyring lacks", async () => {
  const file = await clearsign(releaseText({ "Signed-By": other.fingerprint }), [other], SIGNED_AT);
  assert.equal((await ask(file, keyring)).code, "SIGNATURE_UNTRUSTED");
});

test("verifyRelease judges a stored Release anew: a key that has expired since is refused", async () => {
  const file = await by([expiring]);
  assert.equal((await ask(file, soon)).code, "trusted");
  assert.equal(
    (await ask(file, soon, { now: new Date(NOW.getTime() + 11 * 24 * 3600 * 1000), mirror: { checkValidUntil: false } })).code,
    "SIGNATURE_UNTRUSTED",
  );
});
