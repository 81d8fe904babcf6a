/** The same files shown to gpgv and to apt's own reader: what we accept, they accept, with the same text. */
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import fc from "fast-check";
import { readKeys } from "openpgp";
import { dearmor } from "../../lib/io/openpgp-armor.ts";
import { OpenpgpChecker } from "../../lib/io/openpgp-checker.ts";
import { loadSigner } from "../../lib/io/signer.ts";
import { splitClearsigned } from "../../lib/verify/clearsign.ts";
import { clearsign, detach, newKey } from "../support/keys.ts";
import { needs, without } from "../support/needs.ts";
import { temporaryFolder } from "../support/temporary.ts";
import { ACCEPTED_FORMS } from "../verify/forms.ts";
import { releaseText } from "../verify/world.ts";

const folder = await temporaryFolder();
const key = await newKey();
const rsa = await newKey({ rsaBits: 2048, subkey: true });
const sound = await clearsign(releaseText(), [key]);

let files = 0;
async function file(bytes: string | Uint8Array, mode = 0o644): Promise<string> {
  const path = join(folder, `file-${files++}`);
  await writeFile(path, bytes, { mode });
  return path;
}

/** gpgv reads no armored keyrings. */
async function binaryKeyring(armored: Buffer): Promise<string> {
  const read = dearmor(armored, "text");
  assert.ok(read.kind === "blocks");
  return file(Buffer.concat(read.blocks.map((block) => block.bytes)));
}
const keyring = await binaryKeyring(Buffer.from(key.publicArmored + rsa.publicArmored));

/** @param files InRelease; or Release.gpg and Release @returns how many signatures are good, and the signed text of an InRelease */
async function gpgv(ring: string, ...paths: readonly string[]): Promise<{ readonly good: number; readonly text: Buffer }> {
  const output = join(folder, `text-${files++}`);
  const args = ["--homedir", folder, "--status-fd", "1", "--keyring", ring, ...(paths.length === 1 ? ["--output", output] : []), ...paths];
  const ran = spawnSync("gpgv", args, { encoding: "latin1" });
  assert.doesNotMatch(ran.stdout, /BADSIG|ERRSIG/);
  const text = paths.length === 1 ? await readFile(output) : Buffer.alloc(0);
  return { good: ran.stdout.match(/^\[GNUPG:\] GOODSIG /gm)?.length ?? 0, text };
}

/** As OpenPGP signs it: gpgv writes line ends and blanks as they stood in the file. */
const plain = (text: Buffer): string => text.toString("latin1").replace(/[ \t\r]+$/gm, "");

for (const [name, change] of ACCEPTED_FORMS) {
  test(`gpgv reads the same text: ${name}`, async (t) => {
    if (!needs(t, "gpgv")) return;
    const changed = change(sound);
    const seen = await gpgv(keyring, await file(changed));
    assert.ok(seen.good > 0);
    assert.equal(plain(seen.text), splitClearsigned(changed, {}).text.toString("latin1"));
  });
}

test("gpgv reads the same text: bytes that are no UTF-8, dashes and blanks", async (t) => {
  if (!needs(t, "gpgv")) return;
  const bytes = await clearsign(Buffer.from("Label: caf\xe9 \n-dash\nFrom me\n\nlast\n", "latin1"), [key, rsa]);
  const [seen, split] = [await gpgv(keyring, await file(bytes)), splitClearsigned(bytes, {})];
  assert.equal(seen.good, 2);
  assert.equal(plain(seen.text), split.text.toString("latin1"));
  const settings = { files: [keyring], pins: [] };
  const verdicts = await new OpenpgpChecker().check(split.toVerify, split.signature, "text", settings, new Date());
  assert.deepEqual(
    verdicts.map((verdict) => verdict.kind),
    ["good", "good"],
  );
});

const python = "/usr/bin/python3";
/** One run for all forms: for each the text that apt reads, or null. */
function aptTexts(t: TestContext, paths: readonly string[]): readonly (string | null)[] | undefined {
  const script = `
import apt_pkg, json, os, sys
def text(path):
    try:
        with os.fdopen(apt_pkg.open_maybe_clear_signed_file(path), "rb") as signed:
            read = signed.read().decode("latin1")
    except Exception:
        return None
    # A file that is not signed comes back as it is.
    return None if open(path, "rb").read().decode("latin1") == read else read
print(json.dumps([text(path) for path in sys.argv[1:]]))`;
  const ran = spawnSync(python, ["-c", script, ...paths], { encoding: "utf8" });
  if (ran.status !== 0) {
    without(t, "python3-apt is not installed (apt-get install provides it)");
    return undefined;
  }
  const answer: unknown = JSON.parse(ran.stdout);
  assert.ok(Array.isArray(answer));
  return answer.map((text: unknown) => (typeof text === "string" ? text : null));
}

test("apt's reader accepts every form that we accept, with the same text", async (t) => {
  const changed = ACCEPTED_FORMS.map(([, change]) => change(sound));
  const texts = aptTexts(t, await Promise.all(changed.map((bytes) => file(bytes))));
  if (texts === undefined) return;
  for (const [position, [name]] of ACCEPTED_FORMS.entries()) {
    const ours = splitClearsigned(changed[position] ?? Buffer.alloc(0), {}).toVerify.toString("latin1");
    assert.equal(texts[position]?.replace(/\n$/, ""), ours, name);
  }
});

/** A sound file with a few small pieces put in, cut out or doubled anywhere: at line starts more often than elsewhere. */
const PIECES = [
  "\n",
  "\r",
  "\r\n",
  " ",
  "\t",
  "\f",
  "\v",
  "\0",
  "-",
  "- ",
  "-----",
  "Hash: SHA512\n",
  "Evil: 1\n",
  "-----BEGIN PGP SIGNATURE-----\n",
];
const mutation = fc.record({
  at: fc.nat(sound.length),
  atLine: fc.boolean(),
  cut: fc.oneof(fc.constant(0), fc.nat(3), fc.nat(200)),
  piece: fc.oneof(fc.constantFrom("", ...PIECES), fc.constantFrom("-----END PGP SIGNATURE-----\n", sound.toString("latin1"))),
});

function mutate(changes: readonly { at: number; atLine: boolean; cut: number; piece: string }[]): Buffer {
  let text = sound.toString("latin1");
  for (const { at, atLine, cut, piece } of changes) {
    const place = atLine ? text.lastIndexOf("\n", at) + 1 : Math.min(at, text.length);
    text = text.slice(0, place) + piece + text.slice(place + cut);
  }
  return Buffer.from(text, "latin1");
}

test("apt's reader accepts, with the same text, whatever we accept of files with damage anywhere", async (t) => {
  const damaged = fc.sample(fc.array(mutation, { minLength: 1, maxLength: 3 }), { seed: 20_260_210, numRuns: 1500 }).map(mutate);
  const ours = damaged.map((bytes) => {
    try {
      return splitClearsigned(bytes, {}).toVerify.toString("latin1");
    } catch {
      return undefined;
    }
  });
  const accepted = damaged.flatMap((bytes, position) => (ours[position] === undefined ? [] : [{ bytes, text: ours[position] }]));
  assert.ok(accepted.length > 100 && accepted.length < damaged.length);
  const texts = aptTexts(t, await Promise.all(accepted.map(({ bytes }) => file(bytes))));
  if (texts === undefined) return;
  for (const [position, { bytes, text }] of accepted.entries()) assert.equal(texts[position], text, bytes.toString("latin1"));
});

for (const [name, secrets] of [
  ["one key", [key]],
  ["two keys", [key, rsa]],
] as const) {
  test(`gpgv accepts what we sign with ${name}`, async (t) => {
    if (!needs(t, "gpgv")) return;
    const paths = await Promise.all(secrets.map((secret) => file(secret.secretArmored, 0o600)));
    const signer = await loadSigner(
      paths.map((path) => ({ kind: "file", path, passphrase: "" })),
      new Date(),
    );
    const ring = await binaryKeyring(signer.publicKeys);
    assert.equal((await readKeys({ binaryKeys: await readFile(ring) })).length, secrets.length);
    for (const text of [releaseText(), "Label: Exämple \n-dash\n- dash\nFrom me\n"]) {
      const signed = await signer.sign(Buffer.from(text), new Date());
      const inside = await gpgv(ring, await file(signed.inRelease));
      assert.equal(inside.good, secrets.length);
      assert.equal(plain(inside.text), plain(Buffer.from(text)));
      assert.equal((await gpgv(ring, await file(signed.releaseGpg), await file(text))).good, secrets.length);
    }
  });
}

test("gpgv agrees on detached signatures of keys and subkeys", async (t) => {
  if (!needs(t, "gpgv")) return;
  const text = Buffer.from("Label: caf\xe9 \r\n", "latin1");
  assert.equal((await gpgv(keyring, await file(await detach(text, [key, rsa])), await file(text))).good, 2);
});
