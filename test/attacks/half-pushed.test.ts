/** A mirror that changes while it is read: the result is one of its states, whole, or a refusal. Never a mixture. */
import assert from "node:assert/strict";
import test from "node:test";
import type { Archive, Tree } from "../support/archive.ts";
import { assertPublished, assertRefused, errorOf } from "../support/refused.ts";
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

const FORMS = [
  ["by path", (archive: Archive) => archive],
  ["by hash", (archive: Archive) => archive.byHash()],
  ["as Release and Release.gpg", (archive: Archive) => archive.tamper("dists/stable/InRelease", () => undefined)],
] as const;

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

for (const [form, prepare] of FORMS) {
  for (const direction of ["forth", "back"] as const) {
    test(`T26: a mirror that flips ${direction} at any request gives one state or none, files ${form}`, async (t) => {
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

/** One state's Release files over the other files of another. */
function mixed(release: Tree, files: Tree): Tree {
  const tree = new Map(files);
  for (const name of ["InRelease", "Release", "Release.gpg"])
    tree.set(`dists/stable/${name}`, release.get(`dists/stable/${name}`) ?? Buffer.of());
  return tree;
}

for (const [name, release, files] of [
  ["T24: a new InRelease over old indices", next, old],
  ["T25: an old InRelease over new indices, without by-hash", old, next],
] as const) {
  test(`${name} is asked for once more after a moment and then refused, until the mirror is whole`, async (t) => {
    const world = await newWorld(t, { base: start }, { suites });
    await assertPublished(world);
    const mirror = world.mirror("base");
    mirror.tree = mixed(await release.build(), await files.build());
    const asked: { readonly atMs: number; readonly cacheControl: string | undefined }[] = [];
    mirror.onRequest = ({ path, headers }) => {
      if (path.endsWith("/InRelease")) asked.push({ atMs: performance.now(), cacheControl: headers["cache-control"] });
    };
    const error = errorOf(await assertRefused(world, "INDEX_MISMATCH", 5));
    assert.match(
      error.line,
      /of base\/stable: its (SHA256|size) is .*, the signed Release says .*the mirror may be in the middle of an update/,
    );
    assert.match(error.hint, /half-pushed/);
    assert.deepEqual(
      asked.map(({ cacheControl }) => cacheControl),
      [undefined, "no-cache"],
    );
    const [first, second] = asked;
    // A fifteenth of the mirror's timeout, which is two seconds here.
    assert.ok((second?.atMs ?? 0) - (first?.atMs ?? 0) > 100);
    mirror.tree = await next.build();
    await assertPublished(world);
    assert.deepEqual(await published(world), ["3.0"]);
  });
}

test("T24: a mirror that ends its update in that moment is merged in its new state", async (t) => {
  const world = await newWorld(t, { base: start }, { suites });
  const mirror = world.mirror("base");
  const after = await next.build();
  mirror.tree = mixed(await old.build(), after);
  mirror.onRequest = ({ path, headers }) => {
    if (path.endsWith("/InRelease") && headers["cache-control"] === "no-cache") mirror.tree = after;
  };
  await assertPublished(world);
  assert.deepEqual(await published(world), ["3.0"]);
});

for (const [name, release, files, version] of [
  ["T24: a new InRelease over old indices is saved by by-hash when the new files are there", next, old, "3.0"],
  ["T25: an old InRelease over new indices is saved by by-hash", old, next, "2.0"],
] as const) {
  test(name, async (t) => {
    const [mine, other] = [await release.byHash().build(), await files.byHash().build()];
    const world = await newWorld(t, { base: start }, { suites });
    world.mirror("base").tree = mixed(mine, new Map([...mine, ...other]));
    await assertPublished(world);
    assert.deepEqual(await published(world), [version]);
  });
}

for (const [form, prepare] of FORMS) {
  for (const period of [1, 2]) {
    test(`T27: two servers behind one name that answer ${period} by ${period} give one state or none, files ${form}`, async (t) => {
      const [before, after] = [await prepare(old).build(), await prepare(next).build()];
      const world = await newWorld(t, { base: prepare(start) }, { suites });
      await assertPublished(world);
      const mirror = world.mirror("base");
      for (const offset of [0, period]) {
        const seen = mirror.requests.length;
        mirror.onRequest = ({ ordinal }) => {
          mirror.tree = Math.floor((ordinal - seen + offset) / period) % 2 === 0 ? before : after;
        };
        const tree = await world.tree({ inodes: true });
        const { exit, errors } = await world.run();
        assert.ok([0, 4, 5].includes(exit), errors.join());
        if (exit !== 0) assert.deepEqual(await world.tree({ inodes: true }), tree);
        assert.equal((await published(world)).length, 1);
      }
      mirror.onRequest = undefined;
      mirror.tree = await prepare(next).at("2026-10-01T18:00:00Z").build();
      const { exit } = await world.run();
      assert.deepEqual([exit, await published(world)], [0, ["3.0"]]);
    });
  }
}

test("T27: of two URLs the one that gave the Release is asked for its files first", async (t) => {
  const world = await newWorld(t, { base: old.tamper("dists/stable/InRelease", () => undefined), spare: next });
  const [first, second] = [world.mirror("base"), world.mirror("spare")];
  await world.configure({
    mirrors: { base: { url: [first.url, second.url] } },
    suites: { merged: { ...suites.merged, from: ["base/stable"] } },
  });
  await assertPublished(world);
  assert.deepEqual(await published(world), ["3.0"]);
  assert.deepEqual(
    first.requests.map(({ path }) => path),
    ["/dists/stable/InRelease"],
  );
});

test("T27: two hosts of one mirror at different states give one state or none", async (t) => {
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
