/** T23: what a mirror says has not changed is verified again in every run, under the rules, keys and clock of that run. */
import assert from "node:assert/strict";
import { rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import { revokeKey } from "openpgp";
import { CALM } from "../support/attack.ts";
import { newKey } from "../support/keys.ts";
import { assertPublished, assertRefused, assertUnchanged, errorOf } from "../support/refused.ts";
import { ARCHIVE_KEY, deb, FOREIGN_KEY, newWorld, type RunOptions, type TestWorld, upstream } from "../support/world.ts";

const expiring = await newKey({ at: new Date("2026-01-01T00:00:00Z"), lifeSeconds: 300 * 24 * 3600 });
const { publicKey: revoked } = await revokeKey({ key: ARCHIVE_KEY.secret, date: new Date("2026-10-02T00:00:00Z"), format: "armored" });
const keyring = (text: string) => (world: TestWorld) => writeFile(join(world.folder, "keyrings/base.asc"), text);

interface Change {
  readonly archive?: typeof CALM;
  readonly first?: (world: TestWorld) => Promise<void>;
  readonly change?: (world: TestWorld) => Promise<void>;
  readonly later?: RunOptions;
  readonly code: string;
  readonly says: RegExp;
}

const ROWS: readonly (readonly [name: string, change: Change])[] = [
  [
    "its key was taken out of the keyring",
    {
      change: keyring(FOREIGN_KEY.publicArmored),
      code: "SIGNATURE_UNTRUSTED",
      says: new RegExp(`${ARCHIVE_KEY.fingerprint}.*is not in the keyring`),
    },
  ],
  ["its key was revoked", { change: keyring(revoked), code: "SIGNATURE_UNTRUSTED", says: /was revoked on 2026-10-02T00:00:00Z/ }],
  [
    "its key has expired",
    {
      archive: upstream({ key: expiring }).deb(deb("hello", "1.0")).at("2026-10-01"),
      first: keyring(expiring.publicArmored),
      later: { now: "2026-10-28T00:00:01Z" },
      code: "SIGNATURE_UNTRUSTED",
      says: /expired on 2026-10-28T00:00:00Z/,
    },
  ],
  [
    "another key was pinned",
    {
      change: async (world) => {
        await keyring(ARCHIVE_KEY.publicArmored + FOREIGN_KEY.publicArmored)(world);
        const pinned = { keyring: "keyrings/base.asc", fingerprints: [FOREIGN_KEY.fingerprint] };
        await world.configure({ mirrors: { base: { "signed-by": pinned } } });
      },
      code: "SIGNATURE_UNTRUSTED",
      says: /signed it and is not pinned/,
    },
  ],
  [
    "its Valid-Until has passed",
    {
      archive: CALM.validUntil("2026-10-03"),
      later: { now: "2026-10-03T00:00:01Z" },
      code: "RELEASE_EXPIRED",
      says: /valid until 2026-10-03T00:00:00Z/,
    },
  ],
  [
    "weak digests are no longer allowed",
    {
      archive: CALM.digests(["SHA1"]),
      first: (world) => world.configure({ mirrors: { base: { "allow-weak": true } } }),
      change: (world) => world.configure({ mirrors: { base: {} } }),
      code: "RELEASE_WEAK",
      says: /they must have SHA256/,
    },
  ],
];

for (const [name, { archive = CALM, first, change, later = {}, code, says }] of ROWS) {
  test(`T23: a Release that did not change is refused once ${name}`, async (t) => {
    const world = await newWorld(t, { base: archive });
    await first?.(world);
    await assertPublished(world);
    await change?.(world);
    const before = world.mirror("base").requests.length;
    const error = errorOf(await assertRefused(world, code, 5, later));
    assert.deepEqual([error.mirror, error.suite], ["base", "stable"]);
    assert.match(error.line, says);
    // It was asked conditionally, and the server said that nothing has changed.
    assert.deepEqual(
      world
        .mirror("base")
        .requests.slice(before)
        .map(({ path, headers }) => [path, headers["if-none-match"] !== undefined]),
      [["/dists/stable/InRelease", true]],
    );
    await assertRefused(world, code, 5, { ...later, offline: true });
  });
}

test("T23: a mirror that is not due to be asked is asked when its stored Release is no longer good", async (t) => {
  const world = await newWorld(t, { base: CALM.validUntil("2026-10-03") });
  await world.configure({ mirrors: { base: { poll: "never" } } });
  await assertPublished(world);
  const asked = () => world.mirror("base").requests.length;
  const before = asked();
  await assertUnchanged(world);
  assert.equal(asked(), before);
  await assertRefused(world, "RELEASE_EXPIRED", 5, { now: "2026-10-03T00:00:01Z" });
  assert.equal(asked(), before + 1);
  await world.publish("base", CALM.at("2026-10-02T12:00:00Z").validUntil("2026-10-10"));
  await assertUnchanged(world, { now: "2026-10-03T00:00:01Z" });
});

test("T23: on-failure: cached does not bring back a stored Release whose key was revoked", async (t) => {
  const world = await newWorld(t, { base: CALM });
  await world.configure({ mirrors: { base: { "on-failure": "cached" } } });
  await assertPublished(world);
  await keyring(revoked)(world);
  await world.mirror("base").close();
  await assertRefused(world, "MIRROR_UNREACHABLE", 4);
});

test("T22: a stored Release that was damaged is fetched anew, whatever the notes say", async (t) => {
  const world = await newWorld(t, { base: CALM });
  await assertPublished(world);
  const record: { files: readonly string[] } = JSON.parse(await world.readState("trust/base/stable.json"));
  const [file = ""] = record.files;
  const path = join(world.state, "store/sha256", file.slice(0, 2), file);
  await rm(path);
  await writeFile(path, "Origin: Evil\n");
  const before = world.mirror("base").requests.length;
  await assertUnchanged(world);
  assert.equal(world.mirror("base").requests[before]?.headers["if-none-match"], undefined);
});
