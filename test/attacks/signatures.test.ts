/** THREATS 2.2 from outside: who signed, when and how. A refused signature ends in 5, its message says why, and the tree does not move. */
import assert from "node:assert/strict";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import { enums } from "openpgp";
import type { Archive } from "../support/archive.ts";
import { type Attack, assertFails, CALM, LATER } from "../support/attack.ts";
import { newKey, type SignatureOptions, type TestKey } from "../support/keys.ts";
import { assertPublished } from "../support/refused.ts";
import { ARCHIVE_KEY, deb, newWorld, upstream } from "../support/world.ts";

const DAY_S = 24 * 3600;
const untrusted = { code: "SIGNATURE_UNTRUSTED", exit: 5 };
const signed = (key: TestKey | readonly TestKey[], signing: SignatureOptions = {}): Archive =>
  upstream({ key }).deb(deb("hello", "2.0")).at("2026-10-01T12:00:00Z").signing(signing);

const expired = await newKey({ at: new Date("2025-01-01T00:00:00Z"), lifeSeconds: 365 * DAY_S });
const revoked = await newKey({ revokedAt: new Date("2026-05-05T00:00:00Z") });
const short = await newKey({ rsaBits: 1024 });
const rsa = await newKey({ rsaBits: 2048 });
const expiring = await newKey({ at: new Date("2026-01-01T00:00:00Z"), lifeSeconds: 310 * DAY_S });

const ROWS: readonly (readonly [name: string, attack: Attack])[] = [
  [
    "S10: a key that has expired since it signed",
    {
      ...untrusted,
      keyring: [expired],
      archive: signed(expired, { at: new Date("2025-06-01T00:00:00Z") }),
      says: [/expired on 2026-01-01T00:00:00Z/],
    },
  ],
  [
    "S10: a key that was revoked",
    { ...untrusted, keyring: [revoked], archive: signed(revoked), says: [/was revoked on 2026-05-05T00:00:00Z/] },
  ],
  [
    "S10: a key that was revoked after it signed",
    {
      ...untrusted,
      keyring: [revoked],
      archive: signed(revoked, { at: new Date("2026-01-01T00:00:00Z") }),
      says: [/was revoked on 2026-05-05/],
    },
  ],
  [
    "S11: a signature that has expired",
    { ...untrusted, archive: signed(ARCHIVE_KEY, { lifeSeconds: 60 }), says: [/signature expired on 2026-10-01T12:01:00Z/] },
  ],
  [
    "S11: a signature dated in the future",
    {
      ...untrusted,
      archive: signed(ARCHIVE_KEY, { at: new Date("2026-10-02T00:10:01Z") }),
      says: [/dated 2026-10-02T00:10:01Z, which is in the future/],
    },
  ],
  [
    "S12: SHA1",
    { ...untrusted, keyring: [rsa], archive: signed(rsa, { hash: enums.hash.sha1 }), says: [/digest is SHA1, only SHA2 and SHA3/] },
  ],
  [
    "S12: MD5",
    { ...untrusted, keyring: [rsa], archive: signed(rsa, { hash: enums.hash.md5 }), says: [/digest is MD5, only SHA2 and SHA3/] },
  ],
  [
    "S12: RSA of 1024 bits",
    { ...untrusted, keyring: [short], archive: signed(short), says: [/RSA key of 1024 bits, at least 2048 are wanted/] },
  ],
  [
    "S10 S12: an expired, a revoked and a weak key together",
    {
      ...untrusted,
      keyring: [expired, revoked, short],
      archive: signed([expired, revoked, short]),
      says: [/expired on/, /revoked on/, /1024 bits/],
    },
  ],
];

for (const [name, attack] of ROWS) {
  test(`${name} is refused, and the tree stays`, async (t) => {
    await assertFails(t, attack);
  });
}

test("S10: a key of a mirror that expires within 30 days is warned of, and not before", async (t) => {
  const end = Date.parse("2026-01-01T00:00:00Z") + 310 * DAY_S * 1000;
  const world = await newWorld(t, { base: signed(expiring) });
  await writeFile(join(world.folder, "keyrings/base.asc"), expiring.publicArmored);
  const early = await assertPublished(world, { now: new Date(end - 30 * DAY_S * 1000 - 1000) });
  assert.deepEqual(early.warnings, []);
  const { exit, problems } = await world.run({ now: new Date(end - 30 * DAY_S * 1000) });
  assert.equal(exit, 0);
  const [warning] = problems;
  assert.deepEqual(
    [warning?.severity, warning?.code, warning?.mirror, warning?.suite],
    ["warning", "ARCHIVE_KEY_EXPIRES", "base", "stable"],
  );
  assert.match(warning?.message ?? "", new RegExp(`${expiring.fingerprint}, expires on 2026-11-07T00:00:00Z`));
});

test("S10: our own key that expires within 30 days is warned of in every run", async (t) => {
  const world = await newWorld(t, { base: CALM });
  await writeFile(world.signingKey, expiring.secretArmored, { mode: 0o600 });
  assert.deepEqual((await assertPublished(world, { now: "2026-10-07T23:59:59Z" })).warnings, []);
  assert.deepEqual((await world.run({ now: "2026-10-08T00:00:01Z" })).warnings, ["SIGNING_KEY_EXPIRES"]);
  await world.publish("base", LATER);
  const { problems } = await assertPublished(world, { now: "2026-10-09" });
  assert.match(problems[0]?.message ?? "", /2026-11-07T00:00:00Z/);
});
