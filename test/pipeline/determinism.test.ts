/** The same inputs, config, key and time give the same bytes: on a fresh machine, in any zone and language, with any umask and number of cores. */
import assert from "node:assert/strict";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import test from "node:test";
import { assertPublished } from "../support/refused.ts";
import { snapshot } from "../support/tree-snapshot.ts";
import { deb, newWorld, type TestWorld, upstream } from "../support/world.ts";

const names = Array.from({ length: 400 }, (_, number) => `pkg${(number * 7919) % 1000}`);
const fork = upstream({ architectures: ["amd64", "arm64"] }).debs(names.slice(0, 60).map((name) => deb(name, "2.0~fork")));
const base = upstream({ architectures: ["amd64", "arm64"], components: ["main", "contrib"] })
  .debs(names.map((name) => deb(name)))
  .deb({ ...deb("extra"), component: "contrib" })
  .deb({ Package: "data", Version: "1", Architecture: "all" })
  .source({ Package: "pkg1", Version: "1.0" });
const options = {
  suites: {
    merged: { components: ["main", "contrib"], architectures: ["amd64", "arm64", "source"], aliases: ["stable"], "valid-for": "7d" },
    other: {},
  },
  config: { publish: { compress: { gz: 9, xz: 6 }, digests: ["SHA256", "SHA512"] } },
  overrides: { "override.merged.main": "pkg1 important misc\n" },
} as const;

/** The addresses of the test's servers are the only thing that may differ. */
async function bytes(world: TestWorld): Promise<object> {
  const tree = await world.tree();
  const inputs = (await world.read("inputs.json")).replace(/127\.0\.0\.1:\d+/g, "HOST");
  return { ...tree, ".generations/000001/inputs.json": inputs };
}

test("two fresh runs at the same time give the same tree, signatures too", async (t) => {
  const trees: object[] = [];
  for (let round = 0; round < 2; round++) {
    const world = await newWorld(t, { fork, base }, options);
    await assertPublished(world);
    trees.push(await bytes(world));
  }
  assert.deepEqual(trees[1], trees[0]);
});

test("what was published before, stored or cached does not show in settled indices", async (t) => {
  const indices = async (world: TestWorld) => {
    const tree = await snapshot(join(world.output, "dists/merged"));
    // Patches are the way from what was there before.
    return Object.fromEntries(Object.entries(tree).filter(([path]) => /\.(gz|xz)$/.test(path) && !path.includes(".diff/")));
  };
  const fresh = await newWorld(t, { fork, base }, options);
  await assertPublished(fresh);
  const grown = await newWorld(t, { fork, base: upstream().deb(deb("first")).at("2026-09-01") }, options);
  await assertPublished(grown, { acceptShrink: true });
  await grown.publish("base", base.debs([deb("aaa"), deb("pkg5zz"), deb("zzz")]).at("2026-09-15"));
  await assertPublished(grown, { now: "2026-10-02T00:01:00Z" });
  await grown.publish("base", base);
  // What is compressed together depends on what changed before, until it is settled: settling.test.ts.
  await assertPublished(grown, { now: "2026-10-02T00:02:00Z", settle: true });
  assert.deepEqual(await indices(grown), await indices(fresh));
});

test("O07: zone, language, umask and jobs do not show in what is published", async (t) => {
  const indices: string[] = [];
  for (const [env, jobs, umask] of [
    [{ TZ: "UTC", LANG: "C" }, "1", "022"],
    [{ TZ: "Pacific/Apia", LANG: "xx_YY", PATH: "/usr/bin:/bin" }, "1", "077"],
    [{ TZ: "Asia/Kathmandu", LANG: "tr_TR.UTF-8", LC_ALL: "tr_TR.UTF-8" }, "4", "077"],
    [{ TZ: "America/St_Johns", LANG: "de_DE.UTF-8", HOME: "/nonexistent" }, "2", "000"],
  ] as const) {
    const world = await newWorld(t, { fork, base }, options);
    const script = join(world.folder, "with-umask");
    await writeFile(script, `umask ${umask}; exec "$@"\n`);
    const { status, stderr } = await world.cli(["merge", "--jobs", jobs], { env, wrapper: ["/bin/sh", script] });
    assert.equal(status, 0, stderr);
    const tree = await world.tree();
    const modes = new Set(
      Object.values(tree).map((what) =>
        what
          .split(" ")
          .slice(0, what.startsWith("link") ? 1 : 2)
          .join(" "),
      ),
    );
    assert.deepEqual([...modes].sort(), ["file 0644", "folder 0755", "link"]);
    const release = (await world.read("dists/merged/Release")).replace(/^(Date|Valid-Until): .*UTC$/gm, "$1");
    indices.push(release);
  }
  assert.equal(new Set(indices).size, 1);
});
