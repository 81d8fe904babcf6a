/** YAML override files: what rules become, and every fault with its place. */
import assert from "node:assert/strict";
import test from "node:test";
import { overrideRuleDoubts } from "../../config/override-rule-doubts.ts";
import { readOverrideRules } from "../../config/override-rules.ts";
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
    '2:19: Cannot use [0].set.Section: it is "a b", it must be one word without a comma, such as net or contrib/net',
  ],
  [
    "a section is one place in Contents",
    "- match: { package: a }\n  set: { Section: 'a,b' }",
    '2:19: Cannot use [0].set.Section: it is "a,b", it must be one word without a comma, such as net or contrib/net',
  ],
  [
    "a relation that apt cannot read would cost clients all their indices",
    "- match: { package: a }\n  set: { depends: 'b (>= 1' }",
    '2:19: Cannot use [0].set.depends: it is "b (>= 1", it must be relations that apt can read, such as libc6 (>= 2.36)',
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
  ...(
    [
      ["\\t", "\\t"],
      ["\\0", "\\u0000"],
      ["\\x7f", "\x7f"],
      ["\\x85", "\x85"],
    ] as const
  ).map(
    ([character, shown]) =>
      [
        `no control character ${character} in a long text`,
        `- match: { package: a }\n  set: { Description: "a\\nb${character}" }`,
        `2:23: Cannot use [0].set.Description: it is "a\\nb${shown}", it must be text without control characters`,
      ] as const,
  ),
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
    "the same word twice is told once",
    "- match: { package: a }\n  inherit: [Tag, Tag]",
    '2:18: Cannot use [0].inherit[1]: it is "Tag", it must be listed only once',
  ],
  [
    "relations are dropped once for each field",
    "- match: { package: a }\n  drop-relations: { Depends: [b], depends: [c] }",
    "2:44: Cannot use [0].drop-relations.depends: it is a list, it must be listed only once, whatever its case",
  ],
  [
    "a set without fields does nothing",
    "- match: { package: a }\n  set: {}",
    "2:8: Cannot use [0].set: it is an empty map, it must be a map of fields to text, such as { Section: net }",
  ],
  [
    "drop-relations without fields does nothing",
    "- match: { package: a }\n  drop-relations: {}",
    "2:19: Cannot use [0].drop-relations: it is an empty map, it must be a map of relation fields to lists of names, such as { Recommends: [NAME] }",
  ],
  [
    "a misspelt part is not also a missing one",
    "- match: { package: a }\n  remvoe: [Task]",
    '2:3: Cannot use key "remvoe" of [0]: it is unknown, did you mean "remove"',
  ],
  [
    "a package that looks like a number",
    "- match: { package: 7 }\n  remove: [Task]",
    "1:21: Cannot use [0].match.package: it is 7, it must be a package name or pattern, or a list of them, in quotes",
  ],
  [
    "a package that looks like a truth value",
    "- match: { package: true }\n  remove: [Task]",
    "1:21: Cannot use [0].match.package: it is true, it must be a package name or pattern, or a list of them, in quotes",
  ],
  [
    "each name of a list",
    "- match: { package: [a, 'b c'] }\n  remove: [Task]",
    '1:25: Cannot use [0].match.package[1]: it is "b c", it must be a package name, or a pattern with * and ?',
  ],
  [
    "what match asks for",
    "- match: { mirror: a/, architecture: x y, type: dep, version: 44 }\n  inherit: [Version]",
    '1:20: Cannot use [0].match.mirror: it is "a/", it must be MIRROR or MIRROR/SUITE, as in from',
    '1:38: Cannot use [0].match.architecture: it is "x y", it must be an architecture such as amd64, or all',
    '1:49: Cannot use [0].match.type: it is "dep", it must be deb, udeb or source',
    '1:63: Cannot use [0].match.version: it is 44, it must be a version with one of << <= = >= >>, such as "<< 2.0", in quotes',
    '2:13: Cannot use [0].inherit[0]: it is "Version", it must be another field: this one says what the package is and stays as it came',
  ],
  [
    "a byte order mark",
    "\ufeff- match: { package: a }\n  remove: [Task]",
    "1:1: Cannot read YAML: it begins with a byte order mark, it must be plain UTF-8",
  ],
  [
    "one faulty value hides no other of its rule",
    "- match: { pakage: a }\n  set: { Priority: high, X-Count: 5, Section: a b, task: x, Task: y }\n  remove: [5, Tag, tag]\n- match: { package: a }\n",
    '1:12: Cannot use key "pakage" of [0].match: it is unknown, did you mean "package"',
    '2:20: Cannot use [0].set.Priority: it is "high", it must be one of required, important, standard, optional, extra, source',
    "2:35: Cannot use [0].set.X-Count: it is 5, it must be text, in quotes",
    '2:47: Cannot use [0].set.Section: it is "a b", it must be one word without a comma, such as net or contrib/net',
    '2:67: Cannot use [0].set.Task: it is "y", it must be listed only once, whatever its case',
    "3:12: Cannot use [0].remove[0]: it is 5, it must be a field name, in quotes",
    '3:20: Cannot use [0].remove[2]: it is "tag", it must be listed only once, whatever its case',
    `4:3: Cannot use [1]: it is a map, it must be ${RULE}`,
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

test("nesting without end is refused in words that fit the file", () => {
  const [first] = read(`- match: { package: a }\n  set: ${"[".repeat(5000)}${"]".repeat(5000)}`).errors;
  // Where it is noticed depends on the stack.
  assert.match(first?.message ?? "", /^a\.yaml:\d+:\d+: Cannot read YAML: it nests too deep, a file of rules has at most some ten levels$/);
});

for (const [what, match, ...wanted] of [
  ["a mirror that there is not", "{ mirror: debain }", 'no mirror is called "debain", did you mean "debian"'],
  ["a list of names is told once", "{ mirror: debain, package: [a, b] }", 'no mirror is called "debain", did you mean "debian"'],
  [
    "component and mirror",
    "{ mirror: debian/bookwrom, component: mian }",
    'no component is called "mian", did you mean "main"',
    'no suite takes anything from "debian/bookwrom", did you mean "debian/bookworm"',
  ],
  ["a mirror that takes no part", "{ mirror: idle }", 'no suite takes anything from "idle", known here: debian, two'],
  ["a mirror of another suite", "{ mirror: two, suite: daedalus }", 'suite "daedalus" takes nothing from "two", known here: debian'],
  [
    "a component of another suite",
    "{ component: contrib, suite: daedalus }",
    'suite "daedalus" has no component "contrib", known here: main',
  ],
  ["what there is", "{ mirror: debian/bookworm, component: main, suite: daedalus }"],
  ["what some suite has", "{ mirror: two/bookworm, component: contrib }"],
  ["an unknown suite, which is told elsewhere", "{ mirror: two, component: contrib, suite: dedalus }"],
] as const) {
  test(`rules that can do nothing by the config: ${what}`, async (t) => {
    const mirrors = ["debian", "two", "idle"].map(
      (name) => `  ${name}: { url: http://${name}.example/debian, signed-by: a.gpg, pool: ${name} }`,
    );
    const other = "  other: { from: [two/bookworm], components: [main, contrib], architectures: [amd64] }";
    const { settings } = await load(t, withLines({ 4: mirrors.join("\n"), 10: other }));
    assert.ok(settings);
    const { rules, errors } = read(`# why\n- match: ${match}\n  remove: [Task]\n`);
    assert.deepEqual(errors, []);
    assert.deepEqual(
      overrideRuleDoubts(rules, settings).map(({ severity, code, message }) => `${severity} ${code} ${message}`),
      wanted.map((why) => `warning OVERRIDE_UNUSED a.yaml:2: The rule does nothing: ${why}`),
    );
  });
}
