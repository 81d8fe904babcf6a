/** OUTPUT on a disk of its own, on one without hard links, and modes under a narrow umask: the tree is right, and copies stand where links cannot. */
import assert from "node:assert/strict";
import { lstat, readdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import test, { type TestContext } from "node:test";
import type { CliResult } from "../support/cli-child.ts";
import { mayMount, needs, without } from "../support/needs.ts";
import { snapshot } from "../support/tree-snapshot.ts";
import { deb, newWorld, RECENTLY, type TestWorld, upstream } from "../support/world.ts";

const state = (number: number) =>
  upstream()
    .deb(deb("hello", `${number}.0`))
    .deb(deb("calm"))
    .at(new Date(RECENTLY.getTime() + number * 1000));
const suites = { merged: {}, other: {} };

/** Merges under strace, which has every hard link refused with this error. */
function withoutLinks(world: TestWorld, errno: string): Promise<CliResult> {
  const inject = ["-e", "trace=link,linkat", "-e", `inject=link,linkat:error=${errno}`];
  return world.cli(["merge"], { wrapper: ["strace", "-f", "-qq", "-o", "/dev/null", ...inject] });
}

/** Bytes and modes of the indices; patches bear times in their names. */
async function indices(world: TestWorld): Promise<Record<string, string>> {
  const tree = await snapshot(join(world.output, "current/dists"));
  return Object.fromEntries(Object.entries(tree).filter(([path]) => /Packages/.test(path) && !path.includes(".diff")));
}

async function assertSound(world: TestWorld, tree = world.output): Promise<void> {
  const { status, stdout, stderr } = await world.cli(["verify", tree]);
  assert.equal(status, 0, `${stdout}${stderr}`);
}

for (const errno of ["EPERM", "EMLINK", "EOPNOTSUPP"]) {
  test(`U04: on a disk that refuses hard links with ${errno} files are copied, and the tree is the same`, async (t) => {
    if (!needs(t, "strace")) return;
    const [linked, copied] = [await newWorld(t, { base: state(0) }, { suites }), await newWorld(t, { base: state(0) }, { suites })];
    for (const number of [0, 1]) {
      for (const world of [linked, copied]) await world.publish("base", state(number));
      assert.equal((await linked.cli(["merge"])).status, 0);
      const { status, stderr } = await withoutLinks(copied, errno);
      if (/PTRACE|ptrace/.test(stderr)) return void without(t, "this machine does not allow ptrace");
      assert.equal(status, 0, stderr);
    }
    assert.deepEqual(await indices(copied), await indices(linked));
    await assertSound(copied);
    const files = (await readdir(copied.output, { recursive: true, withFileTypes: true })).filter((entry) => entry.isFile());
    for (const { parentPath, name } of files) {
      const stats = await lstat(join(parentPath, name));
      assert.deepEqual([stats.nlink, stats.mode & 0o777], [1, 0o644], join(parentPath, name));
    }
  });
}

test("U04: OUTPUT and STATE on two disks", async (t) => {
  if (!mayMount(t)) return;
  const world = await newWorld(t, { base: state(0) }, { suites });
  assert.equal((await world.cli(["merge"])).status, 0);
  await world.publish("base", state(1));
  const script = join(world.folder, "on-two-disks");
  const { folder, output } = world;
  await writeFile(
    script,
    [
      "set -e",
      `cp -a ${output} ${folder}/copy`,
      `mount -t tmpfs none ${output}`,
      `cp -a ${folder}/copy/. ${output}/`,
      `[ "$(stat -c %d ${output})" != "$(stat -c %d ${folder}/state)" ]`,
      'status=0; "$@" || status=$?',
      `cp -a ${output} ${folder}/after`,
      "exit $status",
    ].join("\n"),
  );
  const { status, stderr } = await world.cli(["merge"], { wrapper: ["unshare", "-rm", "/bin/sh", script] });
  assert.equal(status, 0, stderr);
  await assertSound(world, join(folder, "after"));
  const after = await snapshot(join(folder, "after"));
  assert.equal(after["current"], "link .generations/000002");
});

async function mergeWithUmask(t: TestContext, umask: string): Promise<TestWorld> {
  const world = await newWorld(t, { base: state(0) }, { suites: { merged: { aliases: ["stable"] } } });
  const { status, stderr } = await world.cli(["merge"], { wrapper: ["/bin/sh", "-c", `umask ${umask}; exec "$@"`, "sh"] });
  assert.equal(status, 0, stderr);
  return world;
}

for (const umask of ["077", "000"]) {
  test(`U11: with umask ${umask} every file of the tree is 0644 and every folder 0755`, async (t) => {
    const tree = await (await mergeWithUmask(t, umask)).tree();
    assert.ok(Object.keys(tree).length > 10);
    for (const [path, what] of Object.entries(tree)) assert.match(what, /^(file 0644|folder 0755|link )/, path);
  });
}
