import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import { MergeError } from "../../lib/errors.ts";
import { OpenpgpChecker } from "../../lib/io/openpgp-checker.ts";
import { loadSigner } from "../../lib/io/signer.ts";
import type { SigningKey } from "../../lib/settings.ts";
import { splitClearsigned } from "../../lib/verify/clearsign.ts";
import { generate, gpg, listed, newHome, withFakeGpg } from "../support/gpg-home.ts";
import { newKey } from "../support/keys.ts";
import { needs, whereIs } from "../support/needs.ts";
import { temporaryFolder } from "../support/temporary.ts";

const RELEASE = Buffer.from("Origin: Exämple\nLabel: blank at the end \n-dash\nSHA256:\n");
async function check(keys: readonly SigningKey[]): Promise<readonly string[]> {
  const signer = await loadSigner(keys, new Date());
  const { inRelease, releaseGpg } = await signer.sign(RELEASE, new Date());
  const path = join(await temporaryFolder(), "public.asc");
  await writeFile(path, signer.publicKeys, { mode: 0o644 });
  const [settings, split] = [{ files: [path], pins: [] }, splitClearsigned(inRelease, {})];
  const inside = await new OpenpgpChecker().check(split.toVerify, split.signature, "text", settings, new Date());
  const beside = await new OpenpgpChecker().check(RELEASE, releaseGpg, "detached", settings, new Date());
  return [...inside, ...beside].map((verdict) => (verdict.kind === "good" ? verdict.fingerprint : verdict.kind));
}

const rejection = async (promise: Promise<unknown>): Promise<string> => {
  const error = await promise.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  assert.ok(error instanceof MergeError, String(error));
  return `${error.code} ${error.message}`;
};

test("the signer signs with a key that gpg holds", async (t) => {
  if (!needs(t, "gpg", "gpgconf")) return;
  const homedir = await newHome();
  const [fingerprint] = generate(homedir, "");
  assert.ok(fingerprint);
  assert.deepEqual(await check([{ kind: "gpg", fingerprint, homedir }]), [fingerprint, fingerprint]);
});

test("the signer signs with a key in a file and a key that gpg holds, in the order of the config", async (t) => {
  if (!needs(t, "gpg", "gpgconf")) return;
  const homedir = await newHome();
  const [fingerprint] = generate(homedir, "");
  assert.ok(fingerprint);
  const key = await newKey();
  const path = join(await temporaryFolder(), "key.asc");
  await writeFile(path, key.secretArmored, { mode: 0o600 });
  const keys: readonly SigningKey[] = [
    { kind: "gpg", fingerprint, homedir },
    { kind: "file", path, passphrase: "" },
  ];
  assert.deepEqual(await check(keys), [fingerprint, key.fingerprint, fingerprint, key.fingerprint]);
});

test("the signer takes the subkey of gpg that signs, or the one that is named", async (t) => {
  if (!needs(t, "gpg", "gpgconf")) return;
  const homedir = await newHome();
  const [primary] = generate(homedir, "", "cert");
  assert.ok(primary);
  for (let subkeys = 0; subkeys < 2; subkeys++) gpg(homedir, "--passphrase", "", "--quick-add-key", primary, "ed25519", "sign", "never");
  const [, first, second] = listed(homedir);
  assert.ok(first !== undefined && second !== undefined);
  assert.deepEqual(await check([{ kind: "gpg", fingerprint: first, homedir }]), [first, first]);
  assert.deepEqual(await check([{ kind: "gpg", fingerprint: second, homedir }]), [second, second]);
  const [byPrimary] = await check([{ kind: "gpg", fingerprint: primary, homedir }]);
  assert.ok(byPrimary === first || byPrimary === second);
});

test("K01: the signer refuses a key that gpg does not have, or has without its secret part", async (t) => {
  if (!needs(t, "gpg", "gpgconf")) return;
  const homedir = await newHome();
  const key = await newKey();
  const wanted: SigningKey = { kind: "gpg", fingerprint: key.fingerprint, homedir };
  assert.match(await rejection(loadSigner([wanted], new Date())), /^SIGNING_KEY_UNUSABLE .*has no such key/);
  const path = join(homedir, "public.asc");
  await writeFile(path, key.publicArmored);
  gpg(homedir, "--import", path);
  assert.match(await rejection(loadSigner([wanted], new Date())), /^SIGNING_KEY_UNUSABLE .*secret part is not there/);
});

test("K03: the signer does not wait for a passphrase that nobody types", async (t) => {
  if (!needs(t, "gpg", "gpgconf")) return;
  const homedir = await newHome();
  const [fingerprint] = generate(homedir, "open");
  assert.ok(fingerprint);
  execFileSync("gpgconf", ["--homedir", homedir, "--kill", "all"]);
  const started = performance.now();
  const signer = await loadSigner([{ kind: "gpg", fingerprint, homedir }], new Date());
  assert.match(await rejection(signer.sign(RELEASE, new Date())), /^SIGNING_FAILED .*gpg ended with status 2/);
  assert.ok(performance.now() - started < 10_000);
});

test("K04: the signer refuses a socket path that is too long for gpg-agent, in time", async (t) => {
  if (!needs(t, "gpg", "gpgconf")) return;
  const homedir = join(await temporaryFolder(), "x".repeat(120));
  const { fingerprint } = await newKey();
  assert.match(await rejection(loadSigner([{ kind: "gpg", fingerprint, homedir }], new Date())), /^SIGNING_KEY_UNUSABLE/);
});

test("K04: the signer ends a gpg that hangs, also one that left a child behind", async () => {
  const { fingerprint } = await newKey();
  const started = performance.now();
  const message = await withFakeGpg("sleep 3 & sleep 3", () =>
    rejection(loadSigner([{ kind: "gpg", fingerprint, homedir: undefined }], new Date(), 200)),
  );
  assert.match(message, /^SIGNING_KEY_UNUSABLE .*did not answer within 200 ms/);
  assert.ok(performance.now() - started < 2000);
});

test("K04: the signer says so when there is no gpg", async () => {
  const before = process.env.PATH;
  process.env.PATH = "/nowhere";
  try {
    const { fingerprint } = await newKey();
    const message = await rejection(loadSigner([{ kind: "gpg", fingerprint, homedir: undefined }], new Date()));
    assert.match(message, /^SIGNING_KEY_UNUSABLE .*cannot be run \(ENOENT\)/);
  } finally {
    process.env.PATH = before;
  }
});

for (const [name, sign, message] of [
  ["writes nothing and says that all is well", ":", /wrote nothing/],
  ["writes something else and says that all is well", "echo hello", /cannot be read back/],
  ["signs other bytes", 'exec "$REAL" "$@" </dev/null', /came out bad/],
  [
    "signs other bytes for InRelease alone",
    'case " $* " in *" --textmode "*) exec "$REAL" "$@" </dev/null;; esac; exec "$REAL" "$@"',
    /came out bad/,
  ],
  [
    "signs other bytes for Release.gpg alone",
    'case " $* " in *" --textmode "*) exec "$REAL" "$@";; esac; exec "$REAL" "$@" </dev/null',
    /came out bad/,
  ],
  ["signs twice", 'cat >"$HOME2/in"; "$REAL" "$@" <"$HOME2/in"; exec "$REAL" "$@" <"$HOME2/in"', /2 signatures of 1 keys/],
  [
    "signs with another key",
    'exec "$REAL" --no-options --batch --quiet --homedir "$HOME2" --detach-sign --textmode',
    /came out unknown-key/,
  ],
  ["kills itself", "kill -9 $$", /ended with SIGKILL/],
  ["complains with escape sequences", "printf 'a\\033[2Jb\\n' >&2; exit 3", /status 3 \(a\?\[2Jb\)/],
] as const) {
  test(`K06: the signer believes no gpg that ${name}`, async (t) => {
    if (!needs(t, "gpg", "gpgconf")) return;
    const [homedir, another] = [await newHome(), await newHome()];
    const [fingerprint] = generate(homedir, "");
    assert.ok(fingerprint);
    generate(another, "");
    const script = `REAL=${whereIs("gpg")}; HOME2=${another}\ncase " $* " in *" --detach-sign "*) ${sign};; *) exec "$REAL" "$@";; esac`;
    const answer = await withFakeGpg(script, async () => {
      const signer = await loadSigner([{ kind: "gpg", fingerprint, homedir }], new Date());
      return rejection(signer.sign(RELEASE, new Date()));
    });
    assert.match(answer, /^SIGNING_FAILED/);
    assert.match(answer, message);
  });
}

test("K07: the signer signs nothing when only the second of both signatures fails", async (t) => {
  if (!needs(t, "gpg", "gpgconf")) return;
  const homedir = await newHome();
  const [fingerprint] = generate(homedir, "");
  assert.ok(fingerprint);
  const script = `case " $* " in *" --textmode "*) ;; *" --detach-sign "*) exit 2;; esac\nexec ${whereIs("gpg")} "$@"`;
  const answer = await withFakeGpg(script, async () => {
    const signer = await loadSigner([{ kind: "gpg", fingerprint, homedir }], new Date());
    return rejection(signer.sign(RELEASE, new Date()));
  });
  assert.match(answer, /^SIGNING_FAILED/);
});
