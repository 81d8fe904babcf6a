/** A mirror, or somebody between, sends a Release that must not be believed. Each is tried on a first run and on a published tree. */
import assert from "node:assert/strict";
import test from "node:test";
import type { Archive } from "../support/archive.ts";
import { flipBit, hangUp, status } from "../support/fault-answers.ts";
import type { Rule } from "../support/fault-server.ts";
import { assertPublished, assertRefused } from "../support/refused.ts";
import { type ARCHIVE_KEY, deb, FOREIGN_KEY, newWorld, upstream } from "../support/world.ts";

const LOGIN_PAGE = Buffer.from("<!DOCTYPE html>\n<html><title>Please log in</title></html>\n");
const IN_RELEASE = "dists/stable/InRelease";

/** The state of the mirror before and after the attack. */
const calm = upstream().deb(deb("hello", "1.0")).at("2026-10-01T00:00:00Z");
const later = upstream().deb(deb("hello", "2.0")).at("2026-10-01T12:00:00Z");

interface Attack {
  readonly archive?: Archive;
  readonly rules?: readonly Rule[];
}

const unsigned = (archive: Archive): Archive =>
  archive.tamper(IN_RELEASE, () => undefined).tamper("dists/stable/Release.gpg", () => undefined);
const signedBy = (key: typeof ARCHIVE_KEY): Archive => upstream({ key }).deb(deb("hello", "2.0")).at("2026-10-01T12:00:00Z");

const ROWS: readonly (readonly [name: string, code: string, exit: number, attack: Attack])[] = [
  [
    "InRelease changed after signing",
    "SIGNATURE_BAD",
    5,
    { archive: later.tamper(IN_RELEASE, (bytes) => bytes.toString().replace("Label: Test", "Label: Tess")) },
  ],
  [
    "unsigned text before the signed text",
    "CLEARSIGN_MALFORMED",
    5,
    { archive: later.tamper(IN_RELEASE, (bytes) => `Origin: Evil\n\n${bytes}`) },
  ],
  [
    "unsigned text behind the signature",
    "CLEARSIGN_MALFORMED",
    5,
    { archive: later.tamper(IN_RELEASE, (bytes) => `${bytes}\nOrigin: Evil\n`) },
  ],
  ["a login page for every file", "CLEARSIGN_MALFORMED", 5, { rules: [[/./, status(200, { "Content-Type": "text/html" }, LOGIN_PAGE)]] }],
  ["an empty InRelease", "CLEARSIGN_MALFORMED", 5, { archive: later.tamper(IN_RELEASE, () => "") }],
  ["no signature at all", "RELEASE_ABSENT", 4, { archive: unsigned(later) }],
  ["the key of somebody else", "SIGNATURE_UNTRUSTED", 5, { archive: signedBy(FOREIGN_KEY) }],
  ["an expired Release", "RELEASE_EXPIRED", 5, { archive: later.validUntil("2026-10-01T23:59:59Z") }],
  [
    "a Date in the future",
    "RELEASE_FROM_FUTURE",
    5,
    { archive: later.at("2026-10-02T00:10:01Z").signing({ at: new Date("2026-10-01T23:00:00Z") }) },
  ],
  ["no Date", "RELEASE_UNDATED", 5, { archive: later.fields({ Date: undefined }) }],
  ["another suite of the same archive", "RELEASE_WRONG_SUITE", 5, { archive: later.fields({ Suite: "testing", Codename: "forky" }) }],
  ["digests of MD5 alone", "RELEASE_WEAK", 5, { archive: later.digests(["MD5Sum"]) }],
  ["digests of MD5 and SHA1 alone", "RELEASE_WEAK", 5, { archive: later.digests(["MD5Sum", "SHA1"]) }],
  ["a server error", "MIRROR_BROKE_OFF", 4, { rules: [[/./, status(500)]] }],
  ["a closed door", "MIRROR_REFUSED", 4, { rules: [[/./, status(403)]] }],
  ["a connection that is cut", "MIRROR_BROKE_OFF", 4, { rules: [[/./, hangUp]] }],
  ["one bit of the signed text flipped", "SIGNATURE_BAD", 5, { rules: [[/InRelease$/, flipBit(80)]] }],
];

for (const [name, code, exit, { archive = later, rules = [] }] of ROWS) {
  test(`a published tree stays as it is: ${name}`, async (t) => {
    const world = await newWorld(t, { base: calm });
    await assertPublished(world);
    await world.publish("base", archive);
    world.mirror("base").rules = [...rules];
    await assertRefused(world, code, exit);
    // The attack has left no mark: the mirror's next state is taken as if nothing had been.
    world.mirror("base").rules = [];
    await world.publish("base", later);
    await assertPublished(world);
    assert.deepEqual(await world.packages(), ["hello 2.0"]);
  });

  test(`nothing is published on a first run: ${name}`, async (t) => {
    const world = await newWorld(t, { base: archive });
    world.mirror("base").rules = [...rules];
    await assertRefused(world, code, exit);
    assert.deepEqual(await world.tree(), {});
  });
}

test("a mirror may not sign for another mirror", async (t) => {
  const fork = upstream({ key: FOREIGN_KEY }).deb(deb("fork"));
  const world = await newWorld(t, { fork, base: calm });
  await assertRefused(world, "SIGNATURE_UNTRUSTED", 5);
  const { problems } = await world.run();
  assert.equal(problems.find((one) => one.severity === "error")?.mirror, "fork");
});

test("a mirror on a dead port leaves the tree as it is, and the message names mirror and address", async (t) => {
  const world = await newWorld(t, { base: calm });
  await assertPublished(world);
  const { url } = world.mirror("base");
  await world.mirror("base").close();
  const { problems } = await assertRefused(world, "MIRROR_UNREACHABLE", 4);
  const [error] = problems.filter((one) => one.severity === "error");
  assert.ok(error?.message.includes(url), error?.message);
  assert.equal(error?.mirror, "base");
  assert.match(error?.hint ?? "", /keeps its last state/);
});

test("an error for InRelease does not lead to an older Release.gpg", async (t) => {
  const world = await newWorld(t, { base: calm });
  world.mirror("base").rules = [[/InRelease$/, status(503)]];
  await assertRefused(world, "MIRROR_BROKE_OFF", 4);
  assert.ok(!world.mirror("base").requests.some(({ path }) => path.endsWith("Release.gpg")));
});

test("without InRelease the pair of Release and Release.gpg is taken", async (t) => {
  const world = await newWorld(t, { base: calm.tamper(IN_RELEASE, () => undefined) });
  await assertPublished(world);
  await world.publish(
    "base",
    later.tamper(IN_RELEASE, () => undefined),
  );
  await assertPublished(world);
  assert.deepEqual(await world.packages(), ["hello 2.0"]);
});

test("a Release whose own signature file is of another state is refused", async (t) => {
  const world = await newWorld(t, { base: calm });
  await assertPublished(world);
  const old = await calm.build();
  const mixed = later.tamper(IN_RELEASE, () => undefined).tamper("dists/stable/Release.gpg", () => old.get("dists/stable/Release.gpg"));
  await world.publish("base", mixed);
  await assertRefused(world, "SIGNATURE_BAD", 5);
});
