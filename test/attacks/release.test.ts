/** A mirror, or somebody between, sends a Release that must not be believed. Each is tried on a first run and on a published tree. */
import assert from "node:assert/strict";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import test from "node:test";
import type { Archive } from "../support/archive.ts";
import { type Attack, assertFails, CALM as calm, LATER as later } from "../support/attack.ts";
import { flipBit, hang, hangUp, status } from "../support/fault-answers.ts";
import { assertPublished, assertRefused, errorOf } from "../support/refused.ts";
import { deb, FOREIGN_KEY, newWorld, upstream } from "../support/world.ts";

const IN_RELEASE = "dists/stable/InRelease";

const unsigned = (archive: Archive): Archive =>
  archive.tamper(IN_RELEASE, () => undefined).tamper("dists/stable/Release.gpg", () => undefined);
const changed = (edit: (file: string) => string): Archive => later.tamper(IN_RELEASE, (bytes) => edit(bytes.toString()));
const malformed = { code: "CLEARSIGN_MALFORMED", exit: 5 };
const undated = { code: "RELEASE_UNDATED", exit: 5 };
const weak = { code: "RELEASE_WEAK", exit: 5 };

const ROWS: readonly (readonly [name: string, attack: Attack])[] = [
  [
    "an InRelease changed after signing",
    {
      code: "SIGNATURE_BAD",
      exit: 5,
      archive: changed((file) => file.replace("Label: Test", "Label: Tess")),
      says: [/does not match its text/],
    },
  ],
  [
    "T29: a server error for InRelease, with an older pair beside it",
    { code: "MIRROR_BROKE_OFF", exit: 4, rules: () => [[/InRelease$/, status(503)]], says: [/InRelease/, /503/] },
  ],
  [
    "T29: an InRelease that never comes, with an older pair beside it",
    { code: "MIRROR_UNREACHABLE", exit: 4, rules: () => [[/InRelease$/, hang]], mirror: { timeout: "250ms" }, says: [/InRelease/] },
  ],
  [
    "S08: a key that is in no keyring",
    {
      code: "SIGNATURE_UNTRUSTED",
      exit: 5,
      archive: upstream({ key: FOREIGN_KEY }).deb(deb("hello", "2.0")).at("2026-10-01T12:00:00Z"),
      says: [new RegExp(`key ${FOREIGN_KEY.fingerprint} signed it and is not in the keyring`), /keyrings\/base\.asc"/],
    },
  ],
  [
    "S17: a mirror that has gone from signed to unsigned",
    {
      code: "RELEASE_UNSIGNED",
      exit: 5,
      archive: unsigned(later),
      says: [/a Release and neither InRelease nor Release\.gpg/, /a signed Release/],
    },
  ],
  [
    "S20: a Date more than 10 minutes ahead",
    {
      code: "RELEASE_FROM_FUTURE",
      exit: 5,
      archive: later.at("2026-10-02T00:10:01Z").signing({ at: new Date("2026-10-01T23:00:00Z") }),
      says: [/its Date is 2026-10-02T00:10:01Z, it is 2026-10-02T00:00:00Z here, it may be 10 minutes ahead/],
    },
  ],
  [
    "S21: a Valid-Until that has passed",
    {
      code: "RELEASE_EXPIRED",
      exit: 5,
      archive: later.validUntil("2026-10-01T23:59:59Z"),
      says: [/valid until 2026-10-01T23:59:59Z, it is 2026-10-02T00:00:00Z here/],
      hint: /check-valid-until: false only/,
    },
  ],
  ["S22: a Release without a Date", { ...undated, archive: later.fields({ Date: undefined }), says: [/it has no Date/] }],
  [
    "S22: a Date that is none",
    { ...undated, archive: later.fields({ Date: "Sat, 31 Feb 2026 00:00:00 UTC" }), says: [/"Sat, 31 Feb 2026/] },
  ],
  [
    "S22: a Release older than max-age",
    {
      code: "RELEASE_EXPIRED",
      exit: 5,
      mirror: { "max-age": "6h", "check-valid-until": false },
      says: [/its Date is 2026-10-01T12:00:00Z, .* by max-age of the mirror it may be dated 2026-10-01T18:00:00Z at the earliest/],
    },
  ],
  [
    "S23: another suite of the same archive, rightly signed",
    {
      code: "RELEASE_WRONG_SUITE",
      exit: 5,
      archive: later.fields({ Suite: "testing", Codename: "forky" }),
      says: [/its Suite or Codename is "testing" or "forky", one must be "stable"/],
      hint: /codename: NAME/,
    },
  ],
  ["S25: digests of MD5 alone", { ...weak, archive: later.digests(["MD5Sum"]), says: [/SHA1 or MD5 alone, they must have SHA256/] }],
  ["S25: digests of MD5 and SHA1 alone", { ...weak, archive: later.digests(["MD5Sum", "SHA1"]), says: [/SHA1 or MD5 alone/] }],
  ["S25: no digests at all", { ...weak, archive: later.digests([]), says: [/lists no file with a digest/] }],
  [
    "S26: a needed file that has MD5 alone in a Release with SHA256 for others",
    {
      ...weak,
      archive: later
        .digests(["MD5Sum", "SHA256"])
        .file("main/other", "other")
        .editRelease((text) => text.replace(/^ [0-9a-f]{64} .*Packages.*\n/gm, "")),
      says: [/Packages\.xz/, /gives it no SHA256/],
    },
  ],
  [
    "S30: a second stanza inside the signed text",
    {
      code: "RELEASE_MALFORMED",
      exit: 6,
      archive: later.editRelease((text) => `${text}\nOrigin: Evil\nSuite: stable\n`),
      says: [/starts a second stanza, it must be one stanza/],
    },
  ],
  ["a closed door", { code: "MIRROR_REFUSED", exit: 4, rules: () => [[/./, status(403)]], says: [/status 403/] }],
  ["a connection that is cut", { code: "MIRROR_BROKE_OFF", exit: 4, rules: () => [[/./, hangUp]], says: [/broke off before an answer/] }],
  [
    "one bit of the signed text flipped",
    { code: "SIGNATURE_BAD", exit: 5, rules: () => [[/InRelease$/, flipBit(80)]], says: [/does not match its text/] },
  ],
  [
    "no Release of any kind",
    { code: "RELEASE_ABSENT", exit: 4, rules: () => [[/Release/, status(404)]], says: [/neither InRelease nor Release/] },
  ],
  [
    "text that is no signature file beside Release",
    {
      ...malformed,
      archive: later.tamper(IN_RELEASE, () => undefined).tamper("dists/stable/Release.gpg", () => "hello\n"),
      says: [/signature/],
    },
  ],
];

for (const [name, attack] of ROWS) {
  test(`${name} is refused, and the tree stays`, async (t) => {
    await assertFails(t, attack);
  });
}

test("S09: a key that is trusted for one mirror does not sign for another", async (t) => {
  const fork = upstream({ key: FOREIGN_KEY }).deb(deb("fork"));
  const world = await newWorld(t, { fork: calm, base: fork });
  await writeFile(join(world.folder, "keyrings/base.asc"), FOREIGN_KEY.publicArmored);
  await assertPublished(world);
  // The same Release, at the mirror that this key is not for.
  await world.publish("fork", fork.at("2026-10-01T12:00:00Z"));
  const error = errorOf(await assertRefused(world, "SIGNATURE_UNTRUSTED", 5));
  assert.equal(error.mirror, "fork");
  assert.match(error.line, new RegExp(`${FOREIGN_KEY.fingerprint}.*keyrings/fork\\.asc`));
});

test("T29: an error for InRelease does not lead to an older Release.gpg", async (t) => {
  const world = await newWorld(t, { base: calm });
  world.mirror("base").rules = [[/InRelease$/, status(503)]];
  await assertRefused(world, "MIRROR_BROKE_OFF", 4);
  assert.ok(!world.mirror("base").requests.some(({ path }) => path.endsWith("Release.gpg")));
});

test("T29: without InRelease the pair of Release and Release.gpg is taken, and the floor holds for it too", async (t) => {
  const world = await newWorld(t, { base: calm.tamper(IN_RELEASE, () => undefined) });
  await assertPublished(world);
  await world.publish(
    "base",
    later.tamper(IN_RELEASE, () => undefined),
  );
  await assertPublished(world);
  assert.deepEqual(await world.packages(), ["hello 2.0"]);
  await world.publish(
    "base",
    calm.tamper(IN_RELEASE, () => undefined),
  );
  await assertRefused(world, "RELEASE_ROLLBACK", 5);
});

test("S16: with InRelease there, what stands in Release and Release.gpg does not count", async (t) => {
  const world = await newWorld(t, { base: calm });
  const evil = await upstream().deb(deb("evil")).at("2026-10-01T18:00:00Z").build();
  for (const name of ["Release", "Release.gpg"]) {
    const path = `dists/stable/${name}`;
    world.mirror("base").tree.set(path, evil.get(path) ?? Buffer.of());
  }
  await assertPublished(world);
  assert.deepEqual(await world.packages(), ["hello 1.0"]);
  assert.ok(!world.mirror("base").requests.some(({ path }) => /\/Release/.test(path)));
  // Nor does a sound pair mend an InRelease that is bad.
  world.mirror("base").tree.set(IN_RELEASE, Buffer.from(evil.get(IN_RELEASE)?.toString().replace("Label: Test", "Label: Tess") ?? ""));
  await assertRefused(world, "SIGNATURE_BAD", 5);
});

test("S26: a form with MD5 alone counts as not there while another form has SHA256", async (t) => {
  const archive = calm
    .compressions(["xz", "gz"])
    .digests(["MD5Sum", "SHA256"])
    .editRelease((text) => text.replace(/^ [0-9a-f]{64} .*Packages\.xz\n/m, ""));
  const world = await newWorld(t, { base: archive });
  await assertPublished(world);
  assert.deepEqual(await world.packages(), ["hello 1.0"]);
  assert.ok(!world.mirror("base").requests.some(({ path }) => path.endsWith("Packages.xz")));
});

test("S21: a frozen archive is accepted by its mirror's own key of the config, up to max-age", async (t) => {
  const world = await newWorld(t, { base: calm.validUntil("2026-10-01T23:59:59Z") });
  await assertRefused(world, "RELEASE_EXPIRED", 5);
  await world.configure({ mirrors: { base: { "check-valid-until": false, "max-age": "24h" } } });
  const { warnings } = await assertPublished(world);
  assert.deepEqual(warnings, ["VALID_UNTIL_IGNORED"]);
  // A second later it is too old, although nothing has changed.
  await assertRefused(world, "RELEASE_EXPIRED", 5, { now: "2026-10-02T00:00:01Z" });
});

test("S22: a Release without Valid-Until is accepted", async (t) => {
  const world = await newWorld(t, { base: calm.validUntil(null) });
  await assertPublished(world, { now: "2036-10-02" });
});

test("S23: a suite by another name is accepted where the config names it", async (t) => {
  const from = [{ mirror: "base", suite: "stable", codename: "forky" }];
  const world = await newWorld(t, { base: calm.fields({ Suite: undefined, Codename: "forky" }) });
  await assertRefused(world, "RELEASE_WRONG_SUITE", 5);
  await world.configure({ suites: { merged: { from } } });
  await assertPublished(world);
});

for (const [what, fields, found] of [
  ["Origin", { Origin: "Other" }, /its Origin is "Other", that of the last accepted one "Test"/],
  ["Label", { Label: "Other" }, /its Label is "Other", that of the last accepted one "Test"/],
  ["Codename", { Codename: "forky" }, /its Codename is "forky", that of the last accepted one "stable"/],
  ["its default pin", { NotAutomatic: "yes" }, /its default pin is "1", that of the last accepted one "500"/],
] as const) {
  test(`S24: an archive that changes ${what} is held until the operator accepts it`, async (t) => {
    const world = await newWorld(t, { base: calm });
    await assertPublished(world);
    await world.publish("base", later.fields(fields));
    const error = errorOf(await assertRefused(world, "RELEASE_CHANGED", 9));
    assert.deepEqual([error.mirror, error.suite], ["base", "stable"]);
    assert.match(error.line, found);
    assert.match(error.hint, /merge --accept-release-change/);
    await assertPublished(world, { acceptReleaseChange: true });
    await world.publish("base", later.fields(fields).deb(deb("more")).at("2026-10-01T18:00:00Z"));
    await assertPublished(world);
  });
}

test("S24: Suite and Version may change, as apt has it", async (t) => {
  const world = await newWorld(t, { base: calm });
  await assertPublished(world);
  await world.publish("base", later.fields({ Suite: "oldstable", Version: "12.9" }));
  await assertPublished(world);
});

test("S31: a key that a Release names under Signed-By is not trusted for it", async (t) => {
  const world = await newWorld(t, { base: calm.fields({ "Signed-By": FOREIGN_KEY.fingerprint }) });
  await assertPublished(world);
  await world.publish("base", upstream({ key: FOREIGN_KEY }).deb(deb("hello", "2.0")).at("2026-10-01T12:00:00Z"));
  assert.match(errorOf(await assertRefused(world, "SIGNATURE_UNTRUSTED", 5)).line, new RegExp(FOREIGN_KEY.fingerprint));
});

test("S16: a Release whose own signature file is of another state is refused", async (t) => {
  const world = await newWorld(t, { base: calm });
  await assertPublished(world);
  const old = await calm.build();
  const mixed = later.tamper(IN_RELEASE, () => undefined).tamper("dists/stable/Release.gpg", () => old.get("dists/stable/Release.gpg"));
  await world.publish("base", mixed);
  await assertRefused(world, "SIGNATURE_BAD", 5);
});
