/** A mirror that changes while it is read: the result is one of its states, whole, or a refusal. Never a mixture. */
import assert from "node:assert/strict";
import test from "node:test";
import type { Archive } from "../support/archive.ts";
import { assertPublished, assertRefused } from "../support/refused.ts";
import { deb, newWorld, type TestWorld, upstream } from "../support/world.ts";

const make = (version: string, date: string): Archive =>
  upstream({ components: ["main", "contrib"] })
    .deb(deb("hello", version))
    .deb({ ...deb("extra", version), component: "contrib" })
    .source({ Package: "hello", Version: version })
    .at(date);

const start = make("1.0", "2026-10-01T00:00:00Z");
const old = make("2.0", "2026-10-01T06:00:00Z");
const next = make("3.0", "2026-10-01T12:00:00Z");
const suites = { merged: { components: ["main", "contrib"], architectures: ["amd64", "source"] } };

/** Versions in the published suite; one alone unless states were mixed. */
async function published(world: TestWorld): Promise<readonly string[]> {
  const indices = [
    await world.packages(),
    await world.packages("merged", "contrib/binary-amd64"),
    await world.packages("merged", "main/source"),
  ];
  assert.deepEqual(
    indices.map((index) => index.length),
    [1, 1, 1],
  );
  return [...new Set(indices.flat().map((line) => line.split(" ")[1] ?? ""))];
}

for (const [form, prepare] of [
  ["by path", (archive: Archive) => archive],
  ["by hash", (archive: Archive) => archive.byHash()],
  ["as Release and Release.gpg", (archive: Archive) => archive.tamper("dists/stable/InRelease", () => undefined)],
] as const) {
  for (const direction of ["forth", "back"] as const) {
    test(`a mirror that flips ${direction} at any request gives one state or none, files ${form}`, async (t) => {
      const [first, second] = direction === "forth" ? [old, next] : [next, old];
      const [before, after] = [await prepare(first).build(), await prepare(second).build()];
      const outcomes = new Set<string>();
      for (let flip = 1, requests = flip; flip <= requests + 1; flip++) {
        const world = await newWorld(t, { base: prepare(start) }, { suites });
        await assertPublished(world);
        const mirror = world.mirror("base");
        const offset = mirror.requests.length;
        mirror.tree = before;
        mirror.onRequest = ({ ordinal }) => {
          if (ordinal - offset >= flip) mirror.tree = after;
        };
        const tree = await world.tree();
        const { exit, errors } = await world.run();
        const versions = await published(world);
        assert.equal(versions.length, 1, `flip at ${flip}: ${versions.join(" and ")}`);
        assert.ok([0, 4, 5].includes(exit), `flip at ${flip}: exit ${exit} ${errors.join()}`);
        if (exit !== 0) assert.deepEqual(await world.tree(), tree);
        else assert.ok(versions[0] === "2.0" || versions[0] === "3.0");
        outcomes.add(exit === 0 ? `published ${versions[0]}` : `refused ${exit}`);
        requests = mirror.requests.length - offset;
        // Whatever came of it, the next run finds a mirror at rest.
        mirror.onRequest = undefined;
        mirror.tree = await prepare(next).build();
        const last = await world.run();
        assert.deepEqual([last.exit, await published(world)], [0, ["3.0"]]);
        await mirror.close();
      }
      assert.ok(
        [...outcomes].some((outcome) => outcome.startsWith("published")),
        [...outcomes].join(),
      );
    });
  }
}

test("a new InRelease over old indices is refused, until the indices come", async (t) => {
  const world = await newWorld(t, { base: start }, { suites });
  await assertPublished(world);
  const [before, after] = [await old.build(), await next.build()];
  const half = new Map(before);
  for (const name of ["InRelease", "Release", "Release.gpg"])
    half.set(`dists/stable/${name}`, after.get(`dists/stable/${name}`) ?? Buffer.of());
  world.mirror("base").tree = half;
  await assertRefused(world, "INDEX_MISMATCH", 5);
  world.mirror("base").tree = after;
  await assertPublished(world);
});

test("an old InRelease over new indices is saved by by-hash", async (t) => {
  const [before, after] = [await old.byHash().build(), await next.byHash().build()];
  const world = await newWorld(t, { base: start }, { suites });
  const late = new Map([...before, ...after]);
  for (const name of ["InRelease", "Release", "Release.gpg"])
    late.set(`dists/stable/${name}`, before.get(`dists/stable/${name}`) ?? Buffer.of());
  world.mirror("base").tree = late;
  await assertPublished(world);
  assert.deepEqual(await published(world), ["2.0"]);
});

test("two hosts of one mirror at different states give one state or none", async (t) => {
  const world = await newWorld(t, { base: start, spare: next }, { suites: { merged: { ...suites.merged, from: ["base/stable"] } } });
  const urls = [world.mirror("base").url, world.mirror("spare").url];
  await world.publish(
    "base",
    old.tamper("dists/stable/main/source/Sources.xz", () => undefined),
  );
  await world.configure({ mirrors: { base: { url: urls } }, suites: { merged: { ...suites.merged, from: ["base/stable"] } } });
  const { exit } = await world.run();
  if (exit === 0) assert.equal((await published(world)).length, 1);
  else assert.deepEqual(await world.tree(), {});
});
