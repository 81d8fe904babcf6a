/** Whole runs that are to sign with keys of gpg, and what clients make of the signatures. */
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import test, { type TestContext } from "node:test";
import { isolatedApt } from "../support/apt.ts";
import { generate, gpg, listed, newHome, withFakeGpg } from "../support/gpg-home.ts";
import { gpgv } from "../support/gpgv.ts";
import { newKey } from "../support/keys.ts";
import { needs, whereIs } from "../support/needs.ts";
import { assertPublished, assertRefused } from "../support/refused.ts";
import { temporaryFolder } from "../support/temporary.ts";
import { deb, newWorld, RECENTLY, type TestWorld, upstream } from "../support/world.ts";

const calm = upstream().deb(deb("hello", "1.0")).at(RECENTLY);
const later = upstream()
  .deb(deb("hello", "2.0"))
  .at(new Date(RECENTLY.getTime() + 60_000));
/** gpg has a clock of its own, so these runs take place now. */
const now = (): { readonly now: Date } => ({ now: new Date() });

const byGpg = (fingerprint: string | undefined, homedir: string) => ({ config: { sign: [{ gpg: fingerprint ?? "", homedir }] } });

/** Published once by a key in a file; then a change waits to be signed by gpg. */
async function waiting(t: TestContext, fingerprint: string | undefined, homedir: string): Promise<TestWorld> {
  const world = await newWorld(t, { base: calm });
  await assertPublished(world, now());
  await world.publish("base", later);
  await world.configure(byGpg(fingerprint, homedir));
  return world;
}

async function assertRefusedUnasked(world: TestWorld, words: RegExp): Promise<void> {
  const asked = world.mirror("base").requests.length;
  const { problems } = await assertRefused(world, "SIGNING_KEY_UNUSABLE", 8, now());
  assert.match(problems.find(({ severity }) => severity === "error")?.message ?? "", words);
  assert.equal(world.mirror("base").requests.length, asked);
}

test("K01: a key that gpg does not have ends the run with 8 before a mirror is asked", async (t) => {
  if (!needs(t, "gpg", "gpgconf")) return;
  const world = await waiting(t, (await newKey()).fingerprint, await newHome());
  await assertRefusedUnasked(world, /gpg has no such key/);
});

test("K02: a key of gpg that has expired ends the run with 8 before a mirror is asked; one that expires soon is told", async (t) => {
  if (!needs(t, "gpg", "gpgconf")) return;
  const [old, soon] = [await newHome(), await newHome()];
  gpg(old, "--passphrase", "", "--faked-system-time", "20240101T000000!", "--quick-generate-key", "Old", "ed25519", "sign", "1d");
  gpg(soon, "--passphrase", "", "--quick-generate-key", "Soon", "ed25519", "sign", "20d");
  const world = await waiting(t, listed(old)[0], old);
  await assertRefusedUnasked(world, /expired on 2024-01-02/);
  await world.configure(byGpg(listed(soon)[0], soon));
  const { warnings } = await assertPublished(world, now());
  assert.deepEqual(warnings, ["SIGNING_KEY_EXPIRES"]);
});

test("K03: a passphrase that nobody types ends the run with 8 within 10 s, and the tree stays", async (t) => {
  if (!needs(t, "gpg", "gpgconf")) return;
  const homedir = await newHome();
  const world = await waiting(t, generate(homedir, "open")[0], homedir);
  execFileSync("gpgconf", ["--homedir", homedir, "--kill", "all"]);
  const started = performance.now();
  await assertRefused(world, "SIGNING_FAILED", 8, now());
  assert.ok(performance.now() - started < 10_000);
});

test("K04: a gpg that hangs ends the run with 8 by a limit of its own, before a mirror is asked", async (t) => {
  const world = await waiting(t, (await newKey()).fingerprint, await temporaryFolder());
  await withFakeGpg("exec sleep 60", () => assertRefusedUnasked(world, /gpg did not answer within 10000 ms/));
});

test("K05: a key of gpg that is too weak is refused by check and by merge", async (t) => {
  if (!needs(t, "gpg", "gpgconf")) return;
  const homedir = await newHome();
  gpg(homedir, "--passphrase", "", "--quick-generate-key", "Weak", "rsa1024", "sign", "never");
  const world = await waiting(t, listed(homedir)[0], homedir);
  await assertRefusedUnasked(world, /1024 bits/);
  const { status, stderr } = await world.cli(["check"]);
  assert.equal(status, 8, stderr);
  assert.match(stderr, /^aptmerge: error SIGNING_KEY_UNUSABLE: .*1024 bits/m);
});

test("K05: SHA1 in gpg's settings does not make weak signatures", async (t) => {
  if (!needs(t, "gpg", "gpgconf", "gpgv")) return;
  const homedir = await newHome();
  const [fingerprint] = generate(homedir, "");
  await writeFile(join(homedir, "gpg.conf"), "digest-algo SHA1\npersonal-digest-preferences SHA1\ncert-digest-algo SHA1\n");
  const world = await waiting(t, fingerprint, homedir);
  await assertPublished(world, now());
  const { status } = await gpgv(await world.read("key.asc"), Buffer.from(await world.read("dists/merged/InRelease")));
  const valid = status.find((line) => line.startsWith("VALIDSIG "))?.split(" ");
  assert.equal(valid?.[8], "10", "SHA512");
});

for (const [id, name, sign] of [
  ["K06", "writes nothing and ends with 0", ":"],
  ["K06", "writes something else and ends with 0", "echo hello"],
  ["K06", "signs with another key", 'exec "$REAL" --no-options --batch --quiet --homedir "$HOME2" --detach-sign'],
  ["K07", "signs the first form and not the second", 'if [ -e "$HOME2/once" ]; then exit 2; fi; : >"$HOME2/once"; exec "$REAL" "$@"'],
] as const) {
  test(`${id}: with a gpg that ${name} nothing is switched`, async (t) => {
    if (!needs(t, "gpg", "gpgconf")) return;
    const [homedir, another] = [await newHome(), await newHome()];
    const [fingerprint] = generate(homedir, "");
    generate(another, "");
    const world = await waiting(t, fingerprint, homedir);
    const script = `REAL=${whereIs("gpg")}; HOME2=${another}\ncase " $* " in *" --detach-sign "*) ${sign};; *) exec "$REAL" "$@";; esac`;
    await withFakeGpg(script, () => assertRefused(world, "SIGNING_FAILED", 8, now()));
    assert.deepEqual(await world.packages(), ["hello 1.0"]);
    await assertPublished(world, now());
  });
}

test("K08: while keys are changed both sign in one block, and apt takes the tree with either of them", async (t) => {
  if (!needs(t, "apt-get", "gpgv")) return;
  const [older, newer] = [await newKey({ userId: "Older" }), await newKey({ userId: "Newer" })];
  const world = await newWorld(t, { base: calm }, { config: { sign: [{ key: "older.asc" }, { key: "newer.asc" }] } });
  for (const [name, key] of Object.entries({ older, newer }))
    await writeFile(join(world.folder, `${name}.asc`), key.secretArmored, { mode: 0o600 });
  await assertPublished(world, now());
  const inRelease = await world.read("dists/merged/InRelease");
  assert.equal(inRelease.match(/BEGIN PGP SIGNATURE/g)?.length, 1);
  assert.deepEqual((await gpgv(await world.read("key.asc"), Buffer.from(inRelease))).good, [older.fingerprint, newer.fingerprint]);
  for (const key of [older, newer]) {
    const apt = await isolatedApt(await temporaryFolder());
    await apt.sources(`deb [signed-by=${await apt.keyFile("one.asc", key.publicArmored)}] file:${world.output} merged main`);
    const { rc, complaints, output } = await apt.update();
    assert.deepEqual([rc, complaints], [0, []], output);
  }
});

test("K10: gpgv reads out of InRelease the very bytes of Release, in which no line could be altered", async (t) => {
  if (!needs(t, "gpgv")) return;
  const release = { Description: "- a dash and -----BEGIN PGP SIGNATURE-----", Label: "From here", Origin: "-x" };
  const world = await newWorld(t, { base: calm }, { suites: { merged: { release } } });
  await assertPublished(world, now());
  const [text, inRelease] = await Promise.all(["Release", "InRelease"].map((name) => readFile(join(world.output, "dists/merged", name))));
  assert.ok(text !== undefined && inRelease !== undefined);
  assert.deepEqual((await gpgv(await world.read("key.asc"), inRelease)).text, text);
  assert.ok(inRelease.includes(text), "unescaped");
  const doubtful = text
    .toString("utf8")
    .split("\n")
    .filter((line) => /^-|^From |[ \t\r]$/.test(line));
  assert.deepEqual(doubtful, []);
});
