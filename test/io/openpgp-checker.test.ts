import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { chmod, mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import { readKey } from "openpgp";
import type { Fingerprint } from "../../lib/archive/names.ts";
import { MergeError } from "../../lib/errors.ts";
import { OpenpgpChecker } from "../../lib/io/openpgp-checker.ts";
import { detach, newKey, type TestKey } from "../support/keys.ts";
import { needs } from "../support/needs.ts";
import { temporaryFolder } from "../support/temporary.ts";

const NOW = new Date("2026-02-10T12:00:00Z");
const AT = new Date("2026-02-10T06:00:00Z");
const TEXT = Buffer.from("Origin: Example\n");
const folder = await temporaryFolder();
const one = await newKey();
const two = await newKey({ subkey: true });
const binary = async (key: TestKey) => Buffer.from((await readKey({ armoredKey: key.publicArmored })).write());

let files = 0;
async function keyring(...parts: readonly (string | Buffer)[]): Promise<string> {
  const path = join(folder, `keyring-${files++}`);
  await writeFile(path, Buffer.concat(parts.map((part) => Buffer.from(part))), { mode: 0o644 });
  return path;
}

async function verdicts(
  paths: readonly string[],
  keys: readonly TestKey[],
  pins: readonly Fingerprint[] = [],
  checker = new OpenpgpChecker(),
) {
  const settings = { files: paths, pins: pins.map((fingerprint) => ({ fingerprint, exact: false })) };
  try {
    return (await checker.check(TEXT, await detach(TEXT, keys, AT), "detached", settings, NOW)).map((verdict) => verdict.kind);
  } catch (error) {
    if (!(error instanceof MergeError)) throw error;
    return `${error.code} ${error.message}`;
  }
}

for (const [name, paths] of [
  ["one armored key per file", [await keyring(one.publicArmored), await keyring(two.publicArmored)]],
  ["two armored blocks in one file", [await keyring(one.publicArmored, two.publicArmored)]],
  ["armored blocks with notes around them", [await keyring("Key of Ünï:\n\n", one.publicArmored, "\nand\n", two.publicArmored, "\n\n")]],
  ["armored blocks with CR LF line ends", [await keyring((one.publicArmored + two.publicArmored).replaceAll("\n", "\r\n"))]],
  ["binary keys one after the other", [await keyring(await binary(one), await binary(two))]],
  ["a binary and an armored file", [await keyring(await binary(one)), await keyring(two.publicArmored)]],
] as const) {
  test(`the checker reads a keyring of ${name}`, async () => assert.deepEqual(await verdicts(paths, [one, two]), ["good", "good"]));
}

const writable = await keyring(one.publicArmored);
await chmod(writable, 0o666);
await mkdir(join(folder, "folder"));
const [body = ""] = one.publicArmored.split("-----END");
for (const [name, path, message] of [
  ["absent", join(folder, "absent"), /cannot be read \(ENOENT\)/],
  ["empty", await keyring(""), /is empty/],
  ["a folder", join(folder, "folder"), /no regular file/],
  ["writable by everyone", writable, /written by everyone/],
  ["text without a key", await keyring("hello\n"), /no OpenPGP public key/],
  ["a web page", await keyring("<html>\n"), /no OpenPGP public key/],
  ["random bytes", await keyring(Buffer.alloc(100, 0xff)), /no OpenPGP keyring/],
  ["a secret key, armored", await keyring(one.secretArmored), /secret key/],
  ["a public key and a secret one", await keyring(one.publicArmored, two.secretArmored), /secret key/],
  ["a secret key, binary", await keyring(Buffer.from(one.secret.write())), /secret key/],
  ["an armored key cut off", await keyring(body), /unexpected line/],
  ["an armored key whose checksum is wrong", await keyring(one.publicArmored.replace(/^=[A-Za-z0-9+/]{4}$/m, "=AAAA")), /checksum/],
  ["a binary key cut off", await keyring((await binary(one)).subarray(0, -9)), /no OpenPGP keyring/],
  ["binary and armored mixed", await keyring(await binary(one), two.publicArmored), /no OpenPGP keyring/],
  ["armored and binary mixed", await keyring(two.publicArmored, await binary(one)), /is not text/],
  ["a signature", await keyring(await detach(TEXT, [one])), /no OpenPGP public key/],
  ["a keybox of gpg", await keyring(Buffer.from("\0\0\0\x20\x01\x01\0\x02KBXf\0\0\0\0", "latin1")), /keybox/],
] as const) {
  test(`the checker refuses a keyring that is ${name}`, async () => {
    const answer = await verdicts([path], [one]);
    assert.ok(typeof answer === "string" && answer.startsWith(`KEYRING_UNUSABLE Cannot use keyring "${path}"`), String(answer));
    assert.match(answer, message);
  });
}

test("the checker refuses keyrings that hold none of the pinned keys", async () => {
  assert.match(
    String(await verdicts([await keyring(one.publicArmored)], [one], [two.fingerprint])),
    /KEYRING_UNUSABLE.*holds none of the pinned/,
  );
  assert.deepEqual(await verdicts([await keyring(one.publicArmored)], [one], [two.fingerprint, one.fingerprint]), ["good"]);
});

test("the checker refuses a mirror without a keyring", async () => {
  assert.match(String(await verdicts([], [one])), /KEYRING_UNUSABLE.*names no keyring/);
});

test("the checker reads a keyring again when it has changed", async () => {
  const checker = new OpenpgpChecker();
  const path = await keyring(one.publicArmored);
  assert.deepEqual(await verdicts([path], [one], [], checker), ["good"]);
  await writeFile(path, two.publicArmored);
  assert.deepEqual(await verdicts([path], [one], [], checker), ["unknown-key"]);
});

test("the checker knows of a revocation that only one of two keyrings has", async () => {
  const { revokeKey } = await import("openpgp");
  const { publicKey } = await revokeKey({ key: one.secret, date: AT, format: "armored" });
  for (const order of [
    [one.publicArmored, publicKey],
    [publicKey, one.publicArmored],
  ]) {
    const paths = [await keyring(order[0] ?? ""), await keyring(order[1] ?? "")];
    assert.deepEqual(await verdicts(paths, [one]), ["refused"]);
  }
});

test("the checker tells the subkey that signed from its primary key", async () => {
  const settings = { files: [await keyring(two.publicArmored)], pins: [] };
  const [verdict] = await new OpenpgpChecker().check(TEXT, await detach(TEXT, [two], AT), "detached", settings, NOW);
  assert.deepEqual(verdict, { kind: "good", fingerprint: two.signingFingerprint, primary: two.fingerprint, keyExpires: undefined });
  assert.notEqual(two.signingFingerprint, two.fingerprint);
});

test("the checker gives a verdict on every signature, in their order", async () => {
  const stranger = await newKey();
  assert.deepEqual(await verdicts([await keyring(one.publicArmored)], [stranger, one, two]), ["unknown-key", "good", "unknown-key"]);
});

test("the checker refuses more signatures than any archive has", async () => {
  const many = Array.from({ length: 33 }, () => one);
  assert.match(String(await verdicts([await keyring(one.publicArmored)], many)), /CLEARSIGN_MALFORMED.*33 signatures/);
});

test("S12: the checker refuses DSA keys", async (t) => {
  if (!needs(t, "gpg")) return;
  const home = await temporaryFolder();
  const gpg = (input: Buffer, ...args: readonly string[]) =>
    execFileSync("gpg", ["--homedir", home, "--batch", "--quiet", "--pinentry-mode", "loopback", "--passphrase", "", ...args], {
      input,
      stdio: "pipe",
    });
  gpg(Buffer.alloc(0), "--quick-generate-key", "Old Archive", "dsa2048", "sign", "never");
  const settings = { files: [await keyring(gpg(Buffer.alloc(0), "--export"))], pins: [] };
  const signature = gpg(TEXT, "--detach-sign", "--digest-algo", "SHA256");
  execFileSync("gpgconf", ["--homedir", home, "--kill", "all"]);
  const [verdict] = await new OpenpgpChecker().check(TEXT, signature, "detached", settings, new Date());
  assert.ok(verdict?.kind === "refused");
  assert.match(verdict.because, /DSA key, which is too weak/);
});

test("the checker says what stands in place of a signature", async () => {
  const settings = { files: [await keyring(one.publicArmored)], pins: [] };
  const check = new OpenpgpChecker().check(TEXT, Buffer.from(one.publicArmored), "detached", settings, NOW);
  await assert.rejects(check, { code: "CLEARSIGN_MALFORMED", message: /holds a public key block/ });
});
