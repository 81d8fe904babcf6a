/** The folder of overrides as a run reads it: which files count, and that all faults in them are told at once. */
import assert from "node:assert/strict";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import test from "node:test";
import { deb, newWorld, upstream } from "../support/world.ts";

const base = upstream().deb({ ...deb("tool", "1"), Task: "old" });
const RULE = "- match: { package: tool }\n  remove: [Task]\n";

test("YAML files count by their ending; dot files and backups do not", async (t) => {
  const ignored = { ".hidden.yaml": "no: list", "rules.yaml~": "no: list", "README.md": "text" };
  for (const [name, text, removed] of [
    ["rules.yaml", RULE, true],
    ["rules.yml", RULE, true],
    ["rules.txt", RULE, false],
  ] as const) {
    const world = await newWorld(t, { base }, { overrides: { ...ignored, [name]: text } });
    assert.equal((await world.run()).exit, 0);
    assert.equal(/^Task:/m.test(await world.index()), !removed, name);
  }
});

test("override files in force are published as they are", async (t) => {
  const world = await newWorld(t, { base }, { overrides: { "rules.yaml": RULE } });
  assert.equal((await world.run()).exit, 0);
  assert.equal(await world.read("indices/rules.yaml"), RULE);
});

test("faults of all files are told in one run, each with its place, and nothing is published", async (t) => {
  const overrides = { "a.yaml": "- match: { pakage: tool }\n  remove: [Task]\n", "b.yml": "{", "override.merged.main": "tool high net\n" };
  const world = await newWorld(t, { base }, { overrides });
  await writeFile(join(world.folder, "indices/c.yaml"), Buffer.from("# gr\xfcn\n", "latin1"));
  const { exit, problems } = await world.run();
  assert.equal(exit, 3);
  assert.deepEqual(problems.map(({ code, message }) => `${code} ${message.slice(0, message.indexOf(": "))}`).sort(), [
    "OVERRIDE_MALFORMED a.yaml:1:12",
    "OVERRIDE_MALFORMED b.yml:1:2",
    "OVERRIDE_MALFORMED c.yaml:1:5",
    "OVERRIDE_MALFORMED override.merged.main:1:6",
  ]);
  assert.deepEqual(await world.tree(), {});
});
