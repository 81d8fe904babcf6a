import assert from "node:assert/strict";
import { test } from "node:test";
import { parseComponentName, parseSuiteName } from "../../lib/archive/names.ts";
import { isOverrideName, readOverrides } from "../../lib/override/override-files.ts";
import { editsFor, rulesForName, unusedRules } from "../../lib/override/override-set.ts";

const [MAIN, CONTRIB] = [parseComponentName("main"), parseComponentName("contrib")];

function tablesOf(files: Readonly<Record<string, string>>) {
  const given = Object.entries(files).map(([name, text]) => ({ name, bytes: Buffer.from(text) }));
  const { tables, errors } = readOverrides(parseSuiteName("stable"), [MAIN, CONTRIB], given);
  assert.deepEqual(errors, []);
  return tables;
}

const TABLES = tablesOf({
  "override.stable.main": "x optional net\ny extra misc\n",
  "override.stable.extra.main": "x SECTION admin\nx Task t\n",
  "override.stable.main.src": "x devel\n",
});

test("editsFor: of two rules for one field the later one counts, whatever its case", () => {
  assert.deepEqual(editsFor(TABLES, "packages", MAIN).get("x"), [
    { field: "Priority", value: "optional" },
    { field: "SECTION", value: "admin" },
    { field: "Task", value: "t" },
  ]);
});

test("editsFor: rules of one kind and component do not act on another", () => {
  assert.deepEqual([...editsFor(TABLES, "sources", MAIN)], [["x", [{ field: "Section", value: "devel" }]]]);
  assert.equal(editsFor(TABLES, "udeb", MAIN).size, 0);
  assert.equal(editsFor(TABLES, "packages", CONTRIB).size, 0);
});

test("rulesForName: every rule of a name in order, the ones that lost too", () => {
  assert.deepEqual(
    rulesForName(TABLES, "packages", MAIN, "x").map(({ file, line, edit }) => `${file}:${line} ${edit.field}`),
    [
      "override.stable.main:1 Priority",
      "override.stable.main:1 Section",
      "override.stable.extra.main:1 SECTION",
      "override.stable.extra.main:2 Task",
    ],
  );
  assert.deepEqual(rulesForName(TABLES, "packages", MAIN, "absent"), []);
});

test("unusedRules: OVERRIDE_UNUSED for a package that no index has, with file and line", () => {
  const found = unusedRules(TABLES, (kind, component, name) => `${kind} ${component} ${name}` !== "packages main y", "stable");
  assert.deepEqual(
    found.map(({ severity, code, message }) => [severity, code, message]),
    [["warning", "OVERRIDE_UNUSED", 'override.stable.main:2: No package "y" is in main of suite "stable": the override does nothing']],
  );
});

test("unusedRules: each kind is looked up for itself", () => {
  const found = unusedRules(TABLES, (kind) => kind === "packages", "stable");
  assert.deepEqual(
    found.map(({ file }) => file),
    ["override.stable.main.src"],
  );
});

test("isOverrideName: Debian's files and no others", () => {
  assert.deepEqual(["override.stable.main", "override.stable.main.gz", "rules.yaml", "README", "overrides"].map(isOverrideName), [
    true,
    true,
    false,
    false,
    false,
  ]);
});
