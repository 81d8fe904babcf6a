/** What a report says of the mirrors that did nothing wrong, and of trees that are not this config's. */
import assert from "node:assert/strict";
import { rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import test from "node:test";
import { assertPublished, assertRefused } from "../support/refused.ts";
import { deb, FOREIGN_KEY, newWorld, upstream } from "../support/world.ts";

const hello = upstream().deb(deb("hello"));

test("of two mirrors the report blames the one that failed", async (t) => {
  const world = await newWorld(t, { good: hello, bad: upstream({ key: FOREIGN_KEY }).deb(deb("other")) });
  const { report } = await world.run();
  assert.deepEqual(
    report?.suites[0]?.mirrors.map(({ name, state }) => [name, state]),
    [
      ["good", "new"],
      ["bad", "failed"],
    ],
  );
});

test("U09: a config that names none of the published suites does not take them away, unless that is accepted", async (t) => {
  const world = await newWorld(t, { base: hello });
  await assertPublished(world);
  const before = await world.tree();
  await world.configure({ suites: { another: { from: ["base/stable"], components: ["main"], architectures: ["amd64"] } } });
  const refused = await world.cli(["merge"]);
  assert.equal(refused.status, 9, refused.stderr);
  assert.match(refused.stderr, /SUITE_SHRANK: .*"merged", of which this config names none/);
  assert.deepEqual(await world.tree(), before);
  await assertPublished(world, { acceptShrink: true });
  assert.deepEqual(await world.packages("another"), ["hello 1.0"]);
});

test("a restored backup of STATE does not lower the floor below what is published", async (t) => {
  const world = await newWorld(t, { base: hello.at("2026-10-01T06:00:00Z") });
  await assertPublished(world);
  const old = await world.readState("trust/base/stable.json");
  await world.publish("base", upstream().deb(deb("hello", "2.0")).at("2026-10-01T12:00:00Z"));
  await assertPublished(world);
  await writeFile(join(world.state, "trust/base/stable.json"), old);
  await world.publish("base", hello.at("2026-10-01T08:00:00Z"));
  await assertRefused(world, "RELEASE_ROLLBACK", 5);
});

for (const [what, file] of [
  ["an index that was cut", "main/binary-amd64/Packages.gz"],
  ["an InRelease that was cut", "InRelease"],
  ["a Release.gpg that was cut", "Release.gpg"],
] as const) {
  test(`a run finds ${what} in the published tree and makes it whole`, async (t) => {
    const world = await newWorld(t, { base: hello });
    await assertPublished(world);
    const path = join(world.output, "current/dists/merged", file);
    await rm(path);
    await writeFile(path, "");
    await assertPublished(world);
    assert.equal((await world.cli(["verify", world.output])).status, 0);
  });
}

test("a run makes lost entrances of the published tree again", async (t) => {
  const world = await newWorld(t, { base: hello });
  await assertPublished(world);
  const before = await world.tree();
  for (const name of ["dists", "key.asc", "inputs.json"]) await rm(join(world.output, name));
  await world.run();
  assert.deepEqual(await world.tree(), before);
});

test("a report that cannot be written is found out before anything is published", async (t) => {
  const world = await newWorld(t, { base: hello });
  const { status, stderr } = await world.cli(["merge", "--report", "json:/nonexistent/report.json"]);
  assert.equal(status, 2, stderr);
  assert.deepEqual(await world.tree(), {});
});
