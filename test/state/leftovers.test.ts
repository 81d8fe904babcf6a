/** Temporary files of a run that was killed are removed by the next one, and nothing else is. */
import assert from "node:assert/strict";
import { mkdir, readdir, symlink, writeFile } from "node:fs/promises";
import { basename, join } from "node:path";
import test from "node:test";
import { temporaryBeside } from "../../lib/io/disk-path.ts";
import { TEMPORARY_NAME } from "../../lib/state/leftovers.ts";
import { assertPublished, assertUnchanged } from "../support/refused.ts";
import { deb, newWorld, upstream } from "../support/world.ts";

for (const name of ["current", "stable.json", "a".repeat(200), ".hidden", "caf\u00e9"]) {
  test(`the temporary name beside ${name.slice(0, 20)} is known as one`, () => {
    assert.match(basename(temporaryBeside(join("/state", name))), TEMPORARY_NAME);
  });
}

for (const name of ["stable.json", ".hidden", "x.tmp-0123456789ab", ".x.tmp-0123", ".x.tmp-0123456789abc"]) {
  test(`${name} is no temporary name`, () => assert.doesNotMatch(name, TEMPORARY_NAME));
}

test("the run after a killed one removes temporary files in STATE and OUTPUT", async (t) => {
  const world = await newWorld(t, { base: upstream().deb(deb("hello")) });
  await assertPublished(world);
  const before = await world.tree();
  await symlink(".generations/000001", temporaryBeside(join(world.output, "current")));
  await mkdir(join(world.output, ".generations/.new-000002/dists"), { recursive: true });
  for (const path of ["trust/base/stable.json", "cache/checks/base/stable.json", "cache/blocks/merged/main/binary-amd64/Packages.gz.json"])
    await writeFile(temporaryBeside(join(world.state, path)), "half");
  await mkdir(join(world.state, "runs/20260101T000000Z-1"), { recursive: true });
  await writeFile(temporaryBeside(join(world.state, "runs/20260101T000000Z-1/report.json")), "half");
  await writeFile(temporaryBeside(join(world.state, `store/sha256/${"ab"}`)), "half");

  const { exit } = await world.run();
  assert.equal(exit, 0);
  assert.deepEqual(await world.tree(), before);
  const left = (await readdir(world.state, { recursive: true })).filter((path) => path.includes(".tmp-"));
  assert.deepEqual(left, []);
  await assertUnchanged(world);
});
