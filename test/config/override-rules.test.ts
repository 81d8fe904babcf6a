/** YAML override files: what rules become, and every fault with its place. */
import assert from "node:assert/strict";
import test from "node:test";
import { overrideRuleDoubts, readOverrideRules } from "../../config/override-rules.ts";
import { load, withLines } from "./config-file.ts";

const read = (text: string) => readOverrideRules(text, "a.yaml");
const OPEN = {
  package: undefined,
  source: undefined,
  suite: undefined,
  component: undefined,
  mirror: undefined,
  architecture: undefined,
  version: undefined,
};

test("every key of a rule arrives", () => {
  const { rules, errors } = read(`# why
- match: { package: "gnome-*", source: gnome, suite: daedalus, component: main, mirror: debian/bookworm, architecture: amd64, version: "<< 44" }
  set:
    Priority: optional
    Description: |
      short
      long

      \${more}
  remove: [Task]
  drop-relations: { Recommends: [systemd], suggests: ["systemd*"] }
  inherit: [Tag]
  reason: no systemd here
`);
  assert.deepEqual(errors, []);
  assert.deepEqual(rules, [
    {
      file: "a.yaml",
      line: 2,
      match: {
        types: ["deb", "udeb"],
        package: "gnome-*",
        source: "gnome",
        suite: "daedalus",
        component: "main",
        mirror: { mirror: "debian", suite: "bookworm" },
        architecture: "amd64",
        version: { operator: "<<", version: "44" },
      },
      set: new Map([
        ["Priority", "optional"],
        ["Description", `short\nlong\n\n\${more}`],
      ]),
      remove: ["Task"],
      dropRelations: new Map([
        ["Recommends", ["systemd"]],
        ["suggests", ["systemd*"]],
      ]),
      inherit: ["Tag"],
      reason: "no systemd here",
    },
  ]);
});

test("a list of names is a rule for each, on the same line", () => {
  const { rules } = read("- match: { package: [a, b] }\n  remove: [Task]\n- match: { type: source, source: c }\n  set: { Section: net }\n");
  assert.deepEqual(
    rules.map(({ line, match }) => [line, match]),
    [
      [1, { ...OPEN, types: ["deb", "udeb"], package: "a" }],
      [1, { ...OPEN, types: ["deb", "udeb"], package: "b" }],
      [3, { ...OPEN, types: ["source"], source: "c" }],
    ],
  );
});

for (const [what, text] of [
  ["an empty file", ""],
  ["nothing but comments", "# later\n"],
  ["an empty list", "[]\n"],
] as const) {
  test(`${what} has no rules`, () => assert.deepEqual(read(text), { rules: [], errors: [] }));
}

const RULE = "a map with match and one of set, remove, drop-relations and inherit";
for (const [what, text, ...expected] of [
  ["a map is no list", "match: { package: a }", `1:1: Cannot use the file: it is a map, it must be a list of rules, each ${RULE}`],
  ["a rule does something", "- match: { package: a }", `1:3: Cannot use [0]: it is a map, it must be ${RULE}`],
  [
    "a rule has a match",
    "- set: { Priority: optional }",
    '1:3: Cannot use [0]: "match" is missing, it must be a map of what the rule speaks of, such as { package: NAME }',
  ],
  [
    "an empty match would fit everything",
    "- match: {}\n  remove: [Task]",
    "1:10: Cannot use [0].match: it is an empty map, it must be a map of what the rule speaks of, such as { package: NAME }",
  ],
  [
    "an unknown key names the nearest one",
    "- match: { pakage: a }\n  remove: [Task]",
    '1:12: Cannot use key "pakage" of [0].match: it is unknown, did you mean "package"',
  ],
  [
    "fields that say what the package is stay",
    "- match: { package: a }\n  set: { Version: '2' }",
    '2:10: Cannot use key "Version" of [0].set: it must be another field: this one says what the package is and stays as it came',
  ],
  [
    "they may not be removed either",
    "- match: { package: a }\n  remove: [sha256]",
    '2:12: Cannot use [0].remove[0]: it is "sha256", it must be another field: this one says what the package is and stays as it came',
  ],
  [
    "a priority is one of those that there are",
    "- match: { package: a }\n  set: { priority: high }",
    '2:20: Cannot use [0].set.priority: it is "high", it must be one of required, important, standard, optional, extra, source',
  ],
  [
    "a section is one word",
    "- match: { package: a }\n  set: { Section: a b }",
    '2:19: Cannot use [0].set.Section: it is "a b", it must be one word, such as net or contrib/net',
  ],
  [
    "a number wants quotes",
    "- match: { package: a }\n  set: { X-Count: 5 }",
    "2:19: Cannot use [0].set.X-Count: it is 5, it must be text, in quotes",
  ],
  [
    "no empty value",
    '- match: { package: a }\n  set: { Task: "" }',
    '2:16: Cannot use [0].set.Task: it is "", it must be text that is not empty; remove takes a field away',
  ],
  [
    "no control characters",
    '- match: { package: a }\n  set: { Task: "a\\e" }',
    '2:16: Cannot use [0].set.Task: it is "a\\u001b", it must be text without control characters',
  ],
  [
    "relations are dropped from relation fields",
    "- match: { package: a }\n  drop-relations: { Built-Using: [b] }",
    '2:21: Cannot use key "Built-Using" of [0].drop-relations: it must be a relation field: Pre-Depends, Depends, Recommends, Suggests, Enhances, Breaks, Conflicts, Replaces, Provides, Build-Depends, Build-Depends-Arch, Build-Depends-Indep, Build-Conflicts, Build-Conflicts-Arch, Build-Conflicts-Indep',
  ],
  [
    "a field is named once, whatever its case",
    "- match: { package: a }\n  set: { Task: a, task: b }",
    '2:25: Cannot use [0].set.task: it is "b", it must be listed only once, whatever its case',
  ],
  [
    "YAML must be sound",
    "- match: [a\n- b",
    "2:1: Cannot read YAML: Flow sequence in block collection must be sufficiently indented and end with a ]",
  ],
  [
    "every fault is told in one run",
    "- match: { version: '2' }\n  remove: []\n- 5\n",
    '1:21: Cannot use [0].match.version: it is "2", it must be a version with one of << <= = >= >>, such as "<< 2.0"',
    "2:11: Cannot use [0].remove: it is an empty list, it must be a list of fields",
    `3:3: Cannot use [1]: it is 5, it must be ${RULE}`,
  ],
] as const) {
  test(`a YAML override file is refused: ${what}`, () => {
    const { rules, errors } = read(text);
    assert.deepEqual(
      errors.map(({ code, message }) => `${code} ${message}`),
      expected.map((message) => `OVERRIDE_MALFORMED a.yaml:${message}`),
    );
    assert.deepEqual(rules, []);
  });
}

test("rules for mirrors and components that the config does not have are doubted", async (t) => {
  const { settings } = await load(t, withLines({}));
  assert.ok(settings);
  const { rules } = read(
    "- match: { mirror: debain }\n  remove: [Task]\n- match: { mirror: debian/bookwrom, component: mian }\n  remove: [Task]\n- match: { mirror: debian/bookworm, component: main }\n  remove: [Task]\n",
  );
  assert.deepEqual(
    overrideRuleDoubts(rules, settings).map(({ message }) => message),
    [
      'a.yaml:1: The rule does nothing: no mirror is called "debain", did you mean "debian"',
      'a.yaml:3: The rule does nothing: no component is called "mian", did you mean "main"',
      'a.yaml:3: The rule does nothing: no mirror is called "debian/bookwrom", did you mean "debian/bookworm"',
    ],
  );
});
