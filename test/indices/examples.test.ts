/** Every example of an override file is read, sets something, and is where the README of the folder says. */
import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { readOverrideRules } from "../../config/override-rules.ts";
import { type ComponentName, parseComponentName, parseSuiteName } from "../../lib/archive/names.ts";
import { isOverrideFile, isOverrideName, readOverrides } from "../../lib/override/override-files.ts";

const FOLDER = join(import.meta.dirname, "../../indices");
const SUITE = parseSuiteName("example");
const [MAIN, CONTRIB] = [parseComponentName("main"), parseComponentName("contrib")];

const files = readdirSync(FOLDER)
  .filter(isOverrideName)
  .map((name) => ({ name, bytes: readFileSync(join(FOLDER, name)) }));
const { tables, errors } = readOverrides(SUITE, [MAIN, CONTRIB], files);

const fieldsOf = (component: ComponentName, name: string) =>
  (tables.find((table) => table.kind === "packages" && table.component === component)?.rules.get(name) ?? []).map(({ file, edit }) => [
    file,
    edit.field,
    edit.value,
  ]);

test("the examples have no fault", () => assert.deepEqual(errors, []));

for (const { name, bytes } of files) {
  test(`${name} sets something in the suite of its name`, () => {
    const used = tables.flatMap(({ rules }) => [...rules.values()].flat()).filter((rule) => rule.file === name);
    const lines = bytes.toString("utf8").split("\n");
    const written = lines.filter((line) => line !== "" && !line.startsWith("#"));
    assert.ok(written.length > 0, "it has comments only");
    assert.deepEqual([...new Set(used.map((rule) => rule.line))].length, written.length);
  });

  test(`${name} explains itself before its first rule, and the folder's README leads to it`, () => {
    assert.match(bytes.toString("utf8"), /^# [A-Z]/);
    assert.ok(readFileSync(join(FOLDER, "README.md"), "utf8").includes(`(${name})`));
  });
}

test("there is an example of each form", () => {
  assert.deepEqual(
    files.map(({ name }) => name),
    [
      "override.example.contrib",
      "override.example.extra.main",
      "override.example.extra.main.src",
      "override.example.main",
      "override.example.main.debian-installer",
      "override.example.main.src",
    ],
  );
});

test("a package gets its priority, its section and its further fields", () => {
  assert.deepEqual(fieldsOf(MAIN, "nano"), [
    ["override.example.main", "Priority", "standard"],
    ["override.example.main", "Section", "editors"],
    ["override.example.extra.main", "Task", "example-desktop, example-server"],
    ["override.example.extra.main", "Bugs", "mailto:bugs@distribution.example"],
  ]);
});

test("a section outside of main gets its component in front", () => {
  assert.deepEqual(fieldsOf(CONTRIB, "game-data-packager").at(-1), ["override.example.contrib", "Section", "contrib/games"]);
});

test("the YAML example has no fault, a rule of every kind, and the folder's README leads to it", () => {
  const text = readFileSync(join(FOLDER, "example.yaml"), "utf8");
  const { rules, errors: faults } = readOverrideRules(text, "example.yaml");
  assert.deepEqual(faults, []);
  assert.ok(rules.every(({ match }) => match.suite === SUITE));
  for (const one of [
    rules.some(({ set }) => set.size > 0),
    rules.some(({ remove }) => remove.length > 0),
    rules.some(({ dropRelations }) => dropRelations.size > 0),
    rules.some(({ inherit }) => inherit.length > 0),
    rules.some(({ match }) => match.types.includes("source")),
  ])
    assert.ok(one);
  assert.ok(readFileSync(join(FOLDER, "README.md"), "utf8").includes("(example.yaml)"));
  assert.deepEqual(
    readdirSync(FOLDER).filter((name) => isOverrideFile(name) && !isOverrideName(name)),
    ["example.yaml"],
  );
});
