/** Shapes of suites: by name, removed, aliased, nested, flat, mapped, split, lacking. Each published tree is proved by `aptmerge verify`. */
import assert from "node:assert/strict";
import { readlink } from "node:fs/promises";
import { join } from "node:path";
import test from "node:test";
import { archive } from "../support/archive.ts";
import { assertPublished, assertUnchanged } from "../support/refused.ts";
import { below } from "../support/tree-snapshot.ts";
import { ARCHIVE_KEY, deb, newWorld, type TestWorld, upstream } from "../support/world.ts";

const calm = upstream().deb(deb("hello", "1.0"));
const later = upstream().deb(deb("hello", "2.0")).at("2026-10-01T12:00:00Z");

async function assertSound(world: TestWorld): Promise<void> {
  const { status, stdout, stderr } = await world.cli(["verify"]);
  assert.deepEqual([status, stderr], [0, ""], stdout);
}

const live = async (world: TestWorld, suite: string) =>
  below(await world.tree({ inodes: true }), `${await readlink(join(world.output, "current"))}/dists/${suite}`);

test("merge SUITE works on that suite alone, the others stay as they are", async (t) => {
  const world = await newWorld(t, { base: calm }, { suites: { one: {}, two: {} } });
  await assertPublished(world);
  const before = await live(world, "two");
  await world.publish("base", later);
  const { report } = await assertPublished(world, { suites: ["one"] });
  assert.deepEqual(
    report?.suites.map(({ name }) => name),
    ["one"],
  );
  assert.deepEqual([await world.packages("one"), await world.packages("two")], [["hello 2.0"], ["hello 1.0"]]);
  // The same files, linked: nothing of them was written again.
  assert.deepEqual(await live(world, "two"), before);
  await assertSound(world);
  await assertPublished(world);
  assert.deepEqual(await world.packages("two"), ["hello 2.0"]);
});

test("U09: merge SUITE leaves a suite that the config no longer has", async (t) => {
  const world = await newWorld(t, { base: calm }, { suites: { one: {}, two: {} } });
  await assertPublished(world);
  await world.publish("base", later);
  await world.configure({ suites: { one: {} } });
  await assertPublished(world, { suites: ["one"] });
  assert.deepEqual(await world.packages("two"), ["hello 1.0"]);
});

test("U09: a suite that the config no longer has goes with the next run, though nothing else changed", async (t) => {
  const world = await newWorld(t, { base: calm }, { suites: { one: { aliases: ["uno"] }, two: { aliases: ["due"] } } });
  await assertPublished(world);
  const before = await live(world, "one");
  await world.configure({ suites: { one: { aliases: ["uno"] } } });
  const { report } = await assertPublished(world);
  assert.deepEqual(Object.keys(await live(world, "two")), []);
  assert.deepEqual(await live(world, "one"), before);
  assert.deepEqual(
    report?.suites.find(({ name }) => name === "two")?.changes.map(({ kind, package: name }) => [kind, name]),
    [["removed", "hello"]],
  );
  const links = Object.entries(await world.tree()).filter(([path, what]) => path.includes("000002/dists/") && what.startsWith("link"));
  assert.deepEqual(links, [[".generations/000002/dists/uno", "link one"]]);
  await assertUnchanged(world);
  await assertSound(world);
});

test("aliases are links beside their suite, and follow the config", async (t) => {
  const world = await newWorld(t, { base: calm }, { suites: { merged: { aliases: ["stable", "1.0", "deep/alias"] } } });
  await assertPublished(world);
  assert.deepEqual(await world.packages("stable"), ["hello 1.0"]);
  assert.deepEqual(await world.packages("deep/alias"), ["hello 1.0"]);
  assert.equal(await readlink(join(world.output, "dists/deep/alias")), "../merged");
  await world.configure({ suites: { merged: { aliases: ["1.0"] } } });
  await assertPublished(world);
  await assert.rejects(world.packages("stable"), { code: "ENOENT" });
  await assertSound(world);
});

test("a suite with slashes, below no other and within another", async (t) => {
  const suites = { "stable/updates": {}, stable: {}, "a/b/c": {} };
  const world = await newWorld(t, { base: calm }, { suites });
  await assertPublished(world);
  await assertUnchanged(world);
  await assertSound(world);
  for (const [hour, only] of Object.keys(suites).entries()) {
    await world.publish(
      "base",
      upstream()
        .deb(deb("hello", `2.${hour}`))
        .at(`2026-10-01T1${hour}:00:00Z`),
    );
    await assertPublished(world, { suites: [only] });
    assert.deepEqual(await world.packages(only), [`hello 2.${hour}`]);
    await assertSound(world);
  }
});

test("the inner of two nested suites fails, and the outer is published", async (t) => {
  const suites = { stable: { from: ["base/stable"] }, "stable/updates": { from: ["other/stable"] } };
  const world = await newWorld(t, { base: calm, other: calm }, { suites });
  await assertPublished(world);
  for (const [good, bad, suite] of [
    ["base", "other", "stable"],
    ["other", "base", "stable/updates"],
  ] as const) {
    await world.publish(
      good,
      upstream()
        .deb(deb("hello", "3.0"))
        .at(good === "base" ? "2026-10-01T13:00:00Z" : "2026-10-01T15:00:00Z"),
    );
    await world.publish(bad, upstream().at("2026-10-01T14:00:00Z"));
    const { exit } = await world.run();
    assert.deepEqual([exit, await world.packages(suite)], [9, ["hello 3.0"]]);
    await assertSound(world);
  }
});

test("a flat archive is merged into a component of the suite's choice", async (t) => {
  const flat = archive({ suite: "./", key: ARCHIVE_KEY, architectures: ["amd64", "arm64"] })
    .deb(deb("tool"))
    .deb({ Package: "tool", Version: "1.0", Architecture: "arm64" });
  const world = await newWorld(
    t,
    { vendor: flat, base: calm },
    {
      suites: { merged: { from: [{ mirror: "vendor", suite: "./", component: "vendor" }, "base/stable"], components: ["main", "vendor"] } },
    },
  );
  await assertPublished(world);
  assert.deepEqual(await world.packages("merged", "vendor/binary-amd64"), ["tool 1.0"]);
  assert.match(await world.index("merged", "vendor/binary-amd64"), /^Filename: pool\/VENDOR\/_\/tool_1\.0_amd64\.deb$/m);
  await assertUnchanged(world);
  await assertSound(world);
});

test("a flat archive in a folder", async (t) => {
  const world = await newWorld(
    t,
    { vendor: archive({ suite: "./", key: ARCHIVE_KEY }).flat("debs").deb(deb("tool")) },
    { suites: { merged: { from: [{ mirror: "vendor", suite: "debs/" }] } } },
  );
  await assertPublished(world);
  assert.match(await world.index(), /^Filename: pool\/VENDOR\/_\/debs\/tool_1\.0_amd64\.deb$/m);
});

test("components are mapped to those of the suite, and what is not named stays out", async (t) => {
  const many = upstream({ components: ["main", "extras", "secret"] })
    .deb(deb("a"))
    .deb({ ...deb("b"), component: "extras" })
    .deb({ ...deb("c"), component: "secret" });
  const from = [{ mirror: "base", suite: "stable", components: { main: "main", extras: "contrib" } }];
  const world = await newWorld(t, { base: many }, { suites: { merged: { from, components: ["main", "contrib"] } } });
  await assertPublished(world);
  assert.deepEqual([await world.packages(), await world.packages("merged", "contrib/binary-amd64")], [["a 1.0"], ["b 1.0"]]);
  assert.match(await world.read("dists/merged/Release"), /^Components: main contrib$/m);
  assert.deepEqual(
    world.mirror("base").requests.filter(({ path }) => path.includes("secret")),
    [],
  );
});

test("a component or architecture that no mirror lists is left out, a listed empty one is written", async (t) => {
  const world = await newWorld(
    t,
    { base: upstream({ components: ["main", "empty"] }).deb(deb("a")) },
    {
      suites: { merged: { components: ["main", "empty", "absent"], architectures: ["amd64", "riscv64"] } },
    },
  );
  await assertPublished(world);
  assert.match(await world.read("dists/merged/Release"), /^Architectures: amd64\nComponents: main empty$/m);
  assert.deepEqual(await world.packages("merged", "empty/binary-amd64"), []);
});

test("Architecture: all is folded into each architecture, from split and folded mirrors alike", async (t) => {
  const all = (name: string) => ({ Package: name, Version: "1.0", Architecture: "all" });
  const architectures = ["amd64", "arm64"];
  const world = await newWorld(
    t,
    {
      split: upstream({ architectures }).deb(all("split-data")).deb(deb("split")).splitAll(),
      both: upstream({ architectures }).deb(all("both-data")).splitAll({ noSupport: true }),
      folded: upstream({ architectures }).deb(all("folded-data")),
    },
    { suites: { merged: { architectures } } },
  );
  await assertPublished(world);
  assert.deepEqual(await world.packages(), ["both-data 1.0", "folded-data 1.0", "split 1.0", "split-data 1.0"]);
  assert.deepEqual(await world.packages("merged", "main/binary-arm64"), ["both-data 1.0", "folded-data 1.0", "split-data 1.0"]);
  const release = await world.read("dists/merged/Release");
  assert.match(release, /^No-Support-for-Architecture-all: Packages$/m);
  assert.match(release, /^Architectures: amd64 arm64$/m);
  assert.doesNotMatch(release, /binary-all/);
});

test("a udeb index that is missing is left out with a warning, until it is there", async (t) => {
  const udebs = upstream().deb(deb("hello")).udeb(deb("hello-udeb"));
  const path = "dists/stable/main/debian-installer/binary-amd64/Packages.xz";
  const world = await newWorld(t, { base: udebs.tamper(path, () => undefined) });
  const { warnings, problems } = await assertPublished(world);
  assert.deepEqual(warnings, ["INDEX_ABSENT"]);
  assert.match(problems[0]?.hint ?? "", /goes without udeb/);
  assert.doesNotMatch(await world.read("dists/merged/Release"), /debian-installer/);
  await assertUnchanged(world);
  await world.publish("base", udebs);
  await assertPublished(world);
  assert.deepEqual(await world.packages("merged", "main/debian-installer/binary-amd64"), ["hello-udeb 1.0"]);
});

test("a udeb index that is missing holds a suite that names it essential", async (t) => {
  const world = await newWorld(
    t,
    {
      base: upstream()
        .deb(deb("hello"))
        .udeb(deb("hello-udeb"))
        .tamper("dists/stable/main/debian-installer/binary-amd64/Packages.xz", () => undefined),
    },
    { suites: { merged: { essential: ["packages", "udeb"] } } },
  );
  const { exit, errors } = await world.run();
  assert.deepEqual([exit, errors], [4, ["INDEX_ABSENT"]]);
});

test("a udeb index that is not what the Release lists is left out, never taken from another state", async (t) => {
  const udebs = upstream()
    .debs([deb("a"), deb("b"), deb("c"), deb("d"), deb("e"), deb("f"), deb("g"), deb("h"), deb("i"), deb("j")])
    .udeb(deb("hello-udeb"));
  const world = await newWorld(t, { base: udebs });
  await assertPublished(world);
  const next = udebs.udeb(deb("more-udeb")).deb(deb("k")).at("2026-10-01T12:00:00Z");
  await world.publish(
    "base",
    next.tamper("dists/stable/main/debian-installer/binary-amd64/Packages.xz", (bytes) => Buffer.alloc(bytes.length)),
  );
  const { warnings } = await assertPublished(world);
  assert.deepEqual(warnings, ["INDEX_MISMATCH"]);
  assert.equal((await world.packages()).length, 11);
  await assert.rejects(world.packages("merged", "main/debian-installer/binary-amd64"), { code: "ENOENT" });
});

test("a signed udeb index that decompresses to something else is left out too", async (t) => {
  const lie = (text: string): string =>
    text.replace(/^ \S+( +\d+ main\/debian-installer\/binary-amd64\/Packages)$/m, ` ${"0".repeat(64)}$1`);
  const world = await newWorld(t, { base: upstream().deb(deb("hello")).udeb(deb("hello-udeb")).editRelease(lie) });
  const { warnings } = await assertPublished(world);
  assert.deepEqual(warnings, ["INDEX_MISMATCH"]);
  assert.doesNotMatch(await world.read("dists/merged/Release"), /debian-installer/);
  // Publishing the same once more would only move its Date.
  const again = await assertUnchanged(world);
  assert.deepEqual(again.warnings, ["INDEX_MISMATCH"]);
});

for (const [what, text] of [
  ["is no index", "this is no index\n"],
  ["has no stanza in form", "Package: hello-udeb\nnonsense\n"],
] as const) {
  test(`a signed udeb index that ${what} is left out too, and is no reason to publish again`, async (t) => {
    const base = upstream().deb(deb("hello")).index("main/debian-installer/binary-amd64/Packages", text);
    const world = await newWorld(t, { base });
    const { warnings, problems } = await assertPublished(world);
    assert.deepEqual(warnings, ["INDEX_MALFORMED"]);
    assert.match(problems[0]?.hint ?? "", /goes without udeb/);
    assert.deepEqual(await world.packages(), ["hello 1.0"]);
    assert.doesNotMatch(await world.read("dists/merged/Release"), /debian-installer/);
    await assertUnchanged(world);
  });
}

for (const digests of [["MD5Sum"], ["SHA1"], ["MD5Sum", "SHA1"]] as const) {
  test(`an archive with ${digests.join(" and ")} alone is merged with allow-weak, and checked by it`, async (t) => {
    const weak = upstream().deb(deb("hello", "1.0")).digests(digests).compressions(["gz", "xz"]);
    const world = await newWorld(t, { base: weak, other: calm }, { mirrors: { base: { "allow-weak": true } } });
    await assertPublished(world);
    assert.deepEqual(await world.packages(), ["hello 1.0"]);
    await assertUnchanged(world);
    await world.publish("other", later.deb(deb("more")));
    await assertPublished(world);
    // Whichever form is asked for first is missing, the other one does.
    for (const [missing, time] of [
      ["gz", "12:00"],
      ["xz", "12:30"],
    ] as const) {
      const next = weak.deb(deb("extra", missing === "gz" ? "1" : "2")).at(`2026-10-01T${time}:00Z`);
      await world.publish(
        "base",
        next.tamper(`dists/stable/main/binary-amd64/Packages.${missing}`, () => undefined),
      );
      await assertPublished(world);
      assert.deepEqual(await world.packages(), [`extra ${missing === "gz" ? "1" : "2"}`, "hello 1.0", "more 1.0"]);
    }
    const bad = weak.at("2026-10-01T13:00:00Z").deb(deb("evil"));
    const spoil = (bytes: Buffer): Buffer => Buffer.alloc(bytes.length);
    await world.publish(
      "base",
      bad.tamper("dists/stable/main/binary-amd64/Packages.xz", spoil).tamper("dists/stable/main/binary-amd64/Packages.gz", spoil),
    );
    const { exit, errors } = await world.run();
    assert.deepEqual([exit, errors], [5, ["INDEX_MISMATCH"]]);
  });
}
