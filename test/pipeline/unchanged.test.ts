/** When nothing changed, nothing moves: not a byte of the tree, and one question to each mirror's suite. */
import assert from "node:assert/strict";
import { rm } from "node:fs/promises";
import { join } from "node:path";
import test from "node:test";
import { assertPublished, assertRefused, assertUnchanged } from "../support/refused.ts";
import { deb, NOW, newWorld, type TestWorld, upstream } from "../support/world.ts";

const rich = upstream({ components: ["main", "contrib"], architectures: ["amd64", "arm64"] })
  .deb(deb("hello"))
  .deb({ ...deb("extra"), component: "contrib" })
  .deb({ Package: "data", Version: "1.0", Architecture: "all" })
  .udeb(deb("hello-udeb"))
  .source({ Package: "hello", Version: "1.0" });
const suites = { merged: { components: ["main", "contrib"], architectures: ["amd64", "arm64", "source"] } };

const asked = (world: TestWorld, name: string, from: number) =>
  world
    .mirror(name)
    .requests.slice(from)
    .map(({ path, headers }) => [path, headers["if-none-match"] !== undefined || headers["if-modified-since"] !== undefined]);

test("U06: a second run asks each mirror's suite one conditional question and moves no byte", async (t) => {
  const world = await newWorld(t, { fork: upstream().deb(deb("hello", "1.0+fork1")), base: rich }, { suites });
  await assertPublished(world);
  const before = { fork: world.mirror("fork").requests.length, base: world.mirror("base").requests.length };
  const { report } = await assertUnchanged(world, { now: "2026-10-02T06:00:00Z" });
  for (const name of ["fork", "base"] as const) assert.deepEqual(asked(world, name, before[name]), [["/dists/stable/InRelease", true]]);
  assert.deepEqual(
    report?.suites[0]?.mirrors.map(({ state, via, files, bytes }) => ({ state, via, files, bytes })),
    [
      { state: "unchanged", via: ["not-modified"], files: 0, bytes: 0 },
      { state: "unchanged", via: ["not-modified"], files: 0, bytes: 0 },
    ],
  );
  assert.equal(report?.generation, 1);
});

test("a mirror that knows no conditions sends its Release again, and no index", async (t) => {
  const world = await newWorld(t, { base: rich }, { suites });
  await assertPublished(world);
  const before = world.mirror("base").requests.length;
  world.mirror("base").rules = [
    [
      /InRelease$/,
      ({ response, body }) => {
        response.writeHead(200, { "Content-Length": body?.length ?? 0 });
        response.end(body);
      },
    ],
  ];
  await assertUnchanged(world);
  assert.deepEqual(
    asked(world, "base", before).map(([path]) => path),
    ["/dists/stable/InRelease"],
  );
});

test("U06: a Release upstream that is only re-dated is fetched, and nothing else", async (t) => {
  const world = await newWorld(t, { base: rich }, { suites });
  await assertPublished(world);
  await world.publish("base", rich.at("2026-10-01T12:00:00Z").validUntil("2026-10-08"));
  const before = world.mirror("base").requests.length;
  const { report } = await assertUnchanged(world);
  assert.deepEqual(
    asked(world, "base", before).map(([path]) => path),
    ["/dists/stable/InRelease"],
  );
  assert.equal(report?.suites[0]?.mirrors[0]?.state, "changed");
  await world.publish("base", rich.at("2026-10-01T06:00:00Z"));
  await assertRefused(world, "RELEASE_ROLLBACK", 5);
});

test("--full publishes the same index bytes under a later Date", async (t) => {
  const world = await newWorld(t, { base: rich }, { suites, config: { publish: { compress: { gz: 6, xz: 1 } } } });
  await assertPublished(world);
  const indices = async () =>
    Object.entries(await world.tree()).flatMap(([path, what]) =>
      /(gz|xz|SHA256\/.*)$/.test(path) && /00000[0-9]\//.test(path) ? [[path.slice(20), what]] : [],
    );
  const [before, release] = [await indices(), await world.read("dists/merged/Release")];
  await assertPublished(world, { full: true, now: "2026-10-02T00:00:30Z" });
  await rm(join(world.output, ".generations/000001"), { recursive: true });
  assert.deepEqual(await indices(), before);
  const dateless = (text: string): string => text.replace(/^Date: .*$/m, "Date:");
  assert.equal(dateless(await world.read("dists/merged/Release")), dateless(release));
  assert.notEqual(await world.read("dists/merged/Release"), release);
});

test("an index upstream that changed and changed back moves no byte", async (t) => {
  const world = await newWorld(t, { base: rich }, { suites });
  await assertPublished(world);
  await world.publish("base", rich.deb(deb("passing")).at("2026-10-01T06:00:00Z"));
  await world.publish("base", rich.at("2026-10-01T07:00:00Z"));
  await assertUnchanged(world);
});

test("a change that the merge does not need moves no byte", async (t) => {
  const world = await newWorld(t, { base: rich });
  await assertPublished(world);
  await world.publish(
    "base",
    rich
      .deb({ ...deb("more"), component: "contrib" })
      .index("main/Contents-arm64", "bin/x y\n")
      .index("main/i18n/Translation-xx", "")
      .at("2026-10-01T06:00:00Z"),
  );
  await assertUnchanged(world);
});

test("U06 U07: Valid-Until is renewed when half of it has passed, with the same indices", async (t) => {
  const world = await newWorld(t, { base: rich }, { suites: { merged: { ...suites.merged, "valid-for": "4d" } } });
  await assertPublished(world);
  assert.match(await world.read("dists/merged/Release"), /^Valid-Until: Tue, 06 Oct 2026 00:00:00 UTC$/m);
  await assertUnchanged(world, { now: "2026-10-03T23:59:59Z" });
  const index = await world.index();
  await assertPublished(world, { now: "2026-10-04T00:00:00Z" });
  assert.match(await world.read("dists/merged/Release"), /^Valid-Until: Thu, 08 Oct 2026 00:00:00 UTC$/m);
  assert.equal(await world.index(), index);
  await assertUnchanged(world, { now: "2026-10-04T00:00:01Z" });
});

test("a changed config, override or key publishes anew", async (t) => {
  const world = await newWorld(t, { base: rich }, { overrides: { "override.merged.main": "hello important misc\n" } });
  await assertPublished(world);
  await assertUnchanged(world);
  await world.configure({ suites: { merged: { release: { Description: "Other" } } } });
  await assertPublished(world);
  assert.match(await world.read("dists/merged/Release"), /^Description: Other$/m);
  await assertUnchanged(world);
});

test("a tree whose Release was changed by hand is made whole again", async (t) => {
  const world = await newWorld(t, { base: rich });
  await assertPublished(world);
  await rm(join(world.output, "dists/merged/InRelease"));
  await assertPublished(world);
  assert.equal((await world.cli(["verify"])).status, 0);
});

test("the report of every run is kept in STATE/runs", async (t) => {
  const world = await newWorld(t, { base: rich });
  const { report } = await assertPublished(world, { now: NOW });
  const kept = JSON.parse(await world.readState(`runs/${report?.run.id}/report.json`));
  assert.deepEqual(kept, JSON.parse(JSON.stringify(report)));
});
