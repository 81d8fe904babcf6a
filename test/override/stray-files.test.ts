import assert from "node:assert/strict";
import test from "node:test";
import { parseComponentName, parseSuiteName } from "../../lib/archive/names.ts";
import { isOverrideFile, isOverrideName, strayOverrides } from "../../lib/override/override-files.ts";
import type { OverrideRuleSettings } from "../../lib/settings.ts";

const suites = [{ name: parseSuiteName("buster/updates"), components: [parseComponentName("main")] }];

for (const [name, stray] of [
  ["override.buster-updates.main", false],
  ["override.buster-updates.main.gz", false],
  ["override.buster-updates.main.src", false],
  ["override.buster-updates.main.debian-installer", false],
  ["override.buster-updates.extra.main", false],
  ["override.buster-updates.contrib", true],
  ["override.bullseye.main", true],
  ["override.buster-updates.main.bz2", true],
] as const) {
  test(`strayOverrides: ${name} ${stray ? "fits nothing and is told" : "fits"}`, () => {
    const problems = strayOverrides([{ name, bytes: Buffer.from("a optional net\n") }], suites);
    assert.deepEqual(
      problems.map(({ code, severity, file }) => ({ code, severity, file })),
      stray ? [{ code: "OVERRIDE_UNUSED", severity: "warning", file: name }] : [],
    );
  });
}

test("strayOverrides: a YAML file is named as its owner likes", () => {
  assert.deepEqual(strayOverrides([{ name: "override.any.yaml", bytes: Buffer.alloc(0), rules: [] }], suites), []);
});

test("strayOverrides: a YAML rule for a suite that the config does not have is told with its place", () => {
  const match = { package: "a", source: undefined, component: undefined, mirror: undefined, architecture: undefined, version: undefined };
  const rule = (suite: string, line: number): OverrideRuleSettings => ({
    file: "a.yaml",
    line,
    match: { ...match, types: ["deb"], suite: parseSuiteName(suite) },
    set: new Map(),
    remove: ["Task"],
    dropRelations: new Map(),
    inherit: [],
    reason: undefined,
  });
  const rules = [rule("buster/updates", 1), rule("bullseye", 4), rule("bullseye", 4)];
  const found = strayOverrides([{ name: "a.yaml", bytes: Buffer.alloc(0), rules }], suites);
  assert.deepEqual(
    found.map(({ message }) => message),
    ['a.yaml:4: The rule is for suite "bullseye", which the config does not have: it does nothing'],
  );
});

for (const [name, isDebian, isAny] of [
  ["override.stable.main", true, true],
  ["override.stable.main.gz", true, true],
  ["rules.yaml", false, true],
  ["rules.yml", false, true],
  ["rules.yaml~", false, false],
  ["rules.yaml.gz", false, false],
  [".rules.yaml", false, false],
  [".yaml", false, false],
  ["README", false, false],
  ["README.md", false, false],
  ["overrides", false, false],
] as const) {
  test(`${name} is ${isDebian ? "an override file of Debian's formats" : isAny ? "a YAML override file" : "no override file"}`, () => {
    assert.deepEqual([isOverrideName(name), isOverrideFile(name)], [isDebian, isAny]);
  });
}
