/** A mirror's Release is sound, and its indices are not: cut, changed, missing, too large, or not what they say. */
import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import test from "node:test";
import { gzipSync } from "node:zlib";
import type { Archive } from "../support/archive.ts";
import { cutAfter, endless, flipBit, fromTree, hang, inTurn, status } from "../support/fault-answers.ts";
import type { Rule } from "../support/fault-server.ts";
import { assertPublished, assertRefused } from "../support/refused.ts";
import { deb, newWorld, upstream } from "../support/world.ts";

const PACKAGES = "main/binary-amd64/Packages";
const XZ = `dists/stable/${PACKAGES}.xz`;

const calm = upstream().deb(deb("hello", "1.0"));
const later = upstream().deb(deb("hello", "2.0")).at("2026-10-01T12:00:00Z");
/** Has no index in common with `later`: bytes that one mirror brought are not asked of another. */
const other = upstream().deb(deb("hello", "3.0")).at("2026-10-01T12:00:00Z");

const sha256 = (bytes: Buffer): string => createHash("sha256").update(bytes).digest("hex");

/** Lists other facts of one file, signed: a lie of the archive itself. */
const listing = (path: string, digest: string | undefined, bytes: number | undefined) => (release: string) =>
  release.replace(new RegExp(`^ (\\S+)( +)(\\d+) ${path}$`, "m"), (_, was, gap, size) => ` ${digest ?? was}${gap}${bytes ?? size} ${path}`);

const BOMB = gzipSync(Buffer.alloc(40_000_000));
const MALFORMED = "Package: hello\nthis line has no colon\n";

/** A signed index made by hand, as gzip. */
function handMade(plain: string | Buffer, bytes: Buffer = gzipSync(plain), listed: Buffer = Buffer.from(plain)): Archive {
  return upstream()
    .deb(deb("hello", "2.0"))
    .at("2026-10-01T12:00:00Z")
    .compressions(["gz"])
    .editRelease(listing(PACKAGES, sha256(listed), listed.length))
    .editRelease(listing(`${PACKAGES}.gz`, sha256(bytes), bytes.length))
    .tamper(`dists/stable/${PACKAGES}.gz`, () => bytes);
}

interface Attack {
  readonly archive?: Archive;
  readonly rules?: readonly Rule[];
  readonly mirror?: object;
}

const ROWS: readonly (readonly [name: string, code: string, exit: number, attack: Attack])[] = [
  ["one bit of the compressed index is wrong", "INDEX_MISMATCH", 5, { rules: [[/Packages/, flipBit(20)]] }],
  [
    "an index of the same length with other bytes",
    "INDEX_MISMATCH",
    5,
    { archive: later.tamper(XZ, (bytes) => Buffer.alloc(bytes.length)) },
  ],
  ["an index that is shorter than listed", "INDEX_MISMATCH", 5, { archive: later.tamper(XZ, (bytes) => bytes.subarray(0, -1)) }],
  ["an empty index that is listed with a size", "INDEX_MISMATCH", 5, { archive: later.tamper(XZ, () => "") }],
  ["an index that is longer than listed", "INDEX_MISMATCH", 5, { archive: later.tamper(XZ, (bytes) => `${bytes}x`) }],
  ["an index without an end", "INDEX_MISMATCH", 5, { rules: [[/Packages/, endless()]] }],
  ["a login page for the indices alone", "INDEX_MISMATCH", 5, { rules: [[/main\//, status(200, {}, "<html>log in</html>")]] }],
  [
    "the right file that decompresses to other bytes than listed",
    "INDEX_MISMATCH",
    5,
    { archive: later.editRelease(listing(PACKAGES, "0".repeat(64), undefined)) },
  ],
  [
    "the right file that decompresses to fewer bytes than listed",
    "INDEX_MISMATCH",
    5,
    { archive: later.editRelease(listing(PACKAGES, undefined, 10_000)) },
  ],
  ["a bomb: it decompresses to more bytes than listed", "INDEX_MISMATCH", 5, { archive: handMade("", BOMB, Buffer.from("small")) }],
  [
    "a bomb: it decompresses to more bytes than max-index-size",
    "INDEX_TOO_LARGE",
    6,
    { archive: handMade(Buffer.alloc(40_000_000), BOMB), mirror: { "max-index-size": "1M" } },
  ],
  [
    "a bomb whose uncompressed size is not listed",
    "INDEX_TOO_LARGE",
    6,
    { archive: handMade("", BOMB).editRelease((text) => text.replace(/^ .*Packages\n/m, "")), mirror: { "max-index-size": "1M" } },
  ],
  [
    "an index that no longer is a whole gzip file",
    "INDEX_MALFORMED",
    6,
    { archive: handMade("Package: a\n", gzipSync("Package: a\n").subarray(0, -4)) },
  ],
  ["a listed index that is not there", "INDEX_ABSENT", 4, { archive: later.tamper(XZ, () => undefined) }],
  ["a connection that is cut in the middle of the index", "MIRROR_BROKE_OFF", 4, { rules: [[/Packages/, cutAfter(50)]] }],
  ["an index that never comes", "MIRROR_UNREACHABLE", 4, { rules: [[/Packages/, hang]], mirror: { timeout: "200ms" } }],
  ["a server error for the index", "MIRROR_BROKE_OFF", 4, { rules: [[/Packages/, status(502)]] }],
  ["a signed index with a line that has no colon", "INDEX_MALFORMED", 6, { archive: handMade(MALFORMED) }],
  ["a signed index that starts with a continuation", "INDEX_MALFORMED", 6, { archive: handMade(" continued\nPackage: a\n") }],
  ["a signed index that is no text at all", "INDEX_MALFORMED", 6, { archive: handMade(Buffer.from([0, 1, 2, 3, 0xff, 0xfe])) }],
  ["a signed index that lost every stanza", "SUITE_SHRANK", 9, { archive: upstream().at("2026-10-01T12:00:00Z") }],
];

for (const [name, code, exit, { archive = later, rules = [], mirror = {} }] of ROWS) {
  test(`a published tree stays as it is: ${name}`, async (t) => {
    const world = await newWorld(t, { base: calm }, { mirrors: { base: mirror } });
    await assertPublished(world);
    await world.publish("base", archive);
    world.mirror("base").rules = [...rules];
    const { report } = await assertRefused(world, code, exit);
    assert.deepEqual([report?.outcome, report?.suites.map((suite) => suite.outcome)], ["failed", ["held"]]);
    world.mirror("base").rules = [];
    await world.publish("base", later.at("2026-10-01T13:00:00Z"));
    await assertPublished(world);
    assert.deepEqual(await world.packages(), ["hello 2.0"]);
  });

  test(`the other suites go on: ${name}`, async (t) => {
    const plan = { from: ["good/stable"] };
    const world = await newWorld(
      t,
      { base: calm, good: calm },
      { mirrors: { base: mirror }, suites: { merged: { from: ["base/stable"] }, other: plan } },
    );
    await assertPublished(world);
    const before = await world.tree();
    await world.publish("base", archive);
    await world.publish("good", other);
    world.mirror("base").rules = [...rules];
    const { exit: status, errors, report } = await world.run();
    assert.deepEqual([status, errors, report?.outcome], [exit, [code], "partial"]);
    assert.deepEqual(await world.packages("other"), ["hello 3.0"]);
    assert.deepEqual(await world.packages("merged"), ["hello 1.0"]);
    const held = (tree: typeof before, generation: string) =>
      Object.entries(tree).flatMap(([path, what]) =>
        path.startsWith(`.generations/${generation}/dists/merged/`) ? [[path.slice(20), what]] : [],
      );
    assert.deepEqual(held(await world.tree(), "000002"), held(before, "000001"));
  });
}

test("an index that a proxy spoiled once is asked for again past caches", async (t) => {
  const world = await newWorld(t, { base: later });
  world.mirror("base").rules = [[/Packages/, inTurn(flipBit(3), fromTree)]];
  await assertPublished(world);
  const asked = world.mirror("base").requests.filter(({ path }) => path.endsWith("Packages.xz"));
  assert.deepEqual(
    asked.map(({ headers }) => headers["cache-control"]),
    [undefined, "no-cache"],
  );
});

test("an index is taken from the mirror's second URL when the first is broken", async (t) => {
  const world = await newWorld(t, { base: later, spare: later });
  const [first, second] = [world.mirror("base"), world.mirror("spare")];
  await world.configure({ mirrors: { base: { url: [first.url, second.url] } }, suites: { merged: { from: ["base/stable"] } } });
  for (const rule of [flipBit(3), status(404), status(500), cutAfter(10)]) {
    first.rules = [[/Packages/, rule]];
    const result = await world.run({ full: true });
    assert.deepEqual([result.exit, result.errors], [0, []]);
  }
});

test("an index that one mirror spoils is not asked for once another has brought the same bytes", async (t) => {
  const world = await newWorld(
    t,
    { base: calm, good: calm },
    { suites: { merged: { from: ["base/stable"] }, other: { from: ["good/stable"] } } },
  );
  await assertPublished(world);
  await world.publish("good", later);
  await assertPublished(world);
  await world.publish("base", later);
  world.mirror("base").rules = [[/Packages/, flipBit(20)]];
  world.mirror("base").requests.length = 0;
  await assertPublished(world);
  assert.deepEqual(await world.packages("merged"), ["hello 2.0"]);
  assert.deepEqual(
    world.mirror("base").requests.filter(({ path }) => path.includes("Packages")),
    [],
  );
});

test("M14: an emptied suite is published when the operator accepts it", async (t) => {
  const world = await newWorld(t, { base: calm });
  await assertPublished(world);
  await world.publish("base", upstream().at("2026-10-01T12:00:00Z"));
  await assertRefused(world, "SUITE_SHRANK", 9);
  await assertRefused(world, "SUITE_SHRANK", 9);
  await assertPublished(world, { acceptShrink: true });
  assert.deepEqual(await world.packages(), []);
});

test("M14: an empty index is sound on a first run", async (t) => {
  const world = await newWorld(t, { base: upstream() });
  await assertPublished(world);
  assert.deepEqual(await world.packages(), []);
});

test("M14: max-shrink counts over all indices of a suite, and exactly its share may go", async (t) => {
  const names = Array.from({ length: 10 }, (_, number) => deb(`pkg${number}`));
  const world = await newWorld(t, { base: upstream().debs(names) }, { config: { policy: { "max-shrink": "30%" } } });
  await assertPublished(world);
  await world.publish("base", upstream().debs(names.slice(0, 6)).at("2026-10-01T06:00:00Z"));
  await assertRefused(world, "SUITE_SHRANK", 9);
  await world.publish("base", upstream().debs(names.slice(0, 7)).at("2026-10-01T07:00:00Z"));
  await assertPublished(world);
});
