/** The folder of overrides as it is read: how much of a file, and what `check` says of the rules in it. */
import assert from "node:assert/strict";
import { mkdir, truncate, writeFile } from "node:fs/promises";
import { join } from "node:path";
import test from "node:test";
import { loadOverrides } from "../../bin/open-world.ts";
import { MergeErrors } from "../../lib/errors.ts";
import { deb, newWorld, upstream } from "../support/world.ts";
import { folderFor, load, withLines } from "./config-file.ts";

const MIB = 1024 * 1024;

for (const [name, most] of [
  ["rules.yaml", 4 * MIB],
  ["rules.yml", 4 * MIB],
  ["override.daedalus.main", 256 * MIB],
] as const) {
  test(`an override file is read up to its cap and no further: ${name}`, async (t) => {
    const folder = await folderFor(t);
    const path = join(folder, "indices", name);
    await mkdir(join(folder, "indices"));
    // Nothing but a hole behind the comment: it takes no room, and reading all of it would be too much for memory.
    await writeFile(path, "# much\n");
    await truncate(path, 2 ** 40);
    const { settings } = await load(t, withLines({}), {}, folder);
    assert.ok(settings);
    await assert.rejects(loadOverrides(settings), (thrown) => {
      assert.ok(thrown instanceof MergeErrors);
      assert.deepEqual(
        thrown.errors.map(({ code, message }) => `${code} ${message}`),
        [`OVERRIDE_MALFORMED Cannot read "${path}": it has more than ${most} bytes, at most that many are read`],
      );
      return true;
    });
  });
}

test("a YAML file of exactly its cap is read", async (t) => {
  const folder = await folderFor(t);
  await mkdir(join(folder, "indices"));
  const rule = "- match: { package: a }\n  remove: [Task]\n#";
  await writeFile(join(folder, "indices/rules.yaml"), rule.padEnd(4 * MIB, "x"));
  const { settings } = await load(t, withLines({}), {}, folder);
  assert.ok(settings);
  const [file] = await loadOverrides(settings);
  assert.deepEqual([file?.name, file?.bytes.length, file?.rules?.length], ["rules.yaml", 4 * MIB, 1]);
});

test("check tells of rules, in the config and in override files, that can do nothing", async (t) => {
  const overrides = { "a.yaml": "- match: { mirror: bsae }\n  remove: [Task]\n- match: { suite: megred }\n  remove: [Task]\n" };
  const policy = { ban: [{ package: "a" }, { package: "a" }] };
  const world = await newWorld(t, { base: upstream().deb(deb("tool")) }, { overrides, config: { policy } });
  const { status, stderr } = await world.cli(["check"]);
  assert.equal(status, 0, stderr);
  assert.match(stderr, /warning CONFIG_DOUBTFUL: .*: policy\.ban\[1\] says what policy\.ban\[0\] says already/);
  assert.match(stderr, /warning OVERRIDE_UNUSED: a\.yaml:1: The rule does nothing: no mirror is called "bsae", did you mean "base"/);
  assert.match(
    stderr,
    /warning OVERRIDE_UNUSED: a\.yaml:3: The rule is for suite "megred", which the config does not have: it does nothing/,
  );
});
