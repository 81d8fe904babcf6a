import assert from "node:assert/strict";
import { test } from "node:test";
import { parseComponentName, parseMirrorName, parseSuiteName, parseSuitePath } from "../../lib/archive/names.ts";
import { editStanza } from "../../lib/deb822/edit.ts";
import { packages } from "../../lib/kinds/packages.ts";
import { sources } from "../../lib/kinds/sources.ts";
import { udeb } from "../../lib/kinds/udeb.ts";
import { readOverrides } from "../../lib/override/override-files.ts";
import {
  type AppliedOverride,
  noneUsed,
  type OverrideFacts,
  type OverrideSet,
  type OverridesUsed,
  overrideSet,
} from "../../lib/override/override-set.ts";
import type { OverrideRuleSettings } from "../../lib/settings.ts";

const [MAIN, CONTRIB] = [parseComponentName("main"), parseComponentName("contrib")];
const STABLE = parseSuiteName("stable");
const DEBIAN = parseMirrorName("debian");
const TRIXIE = parseSuitePath("trixie");

const FACTS: OverrideFacts = {
  version: "1.0-1",
  architecture: "amd64",
  mirror: DEBIAN,
  suite: TRIXIE,
  source: { name: "src-a", version: "2.0" },
};
const facts = (): OverrideFacts => FACTS;
const untold = (): OverrideFacts => assert.fail("the facts were read");

type RuleChanges = Omit<Partial<OverrideRuleSettings>, "match"> & { readonly match?: Partial<OverrideRuleSettings["match"]> };

/** Debs and udebs of every suite, sets `X-By` to file and line. */
function rule({ match = {}, ...changes }: RuleChanges = {}): OverrideRuleSettings {
  const { file = "a.yaml", line = 1 } = changes;
  return {
    file,
    line,
    match: {
      types: ["deb", "udeb"],
      package: undefined,
      source: undefined,
      suite: undefined,
      component: undefined,
      mirror: undefined,
      architecture: undefined,
      version: undefined,
      ...match,
    },
    set: new Map([["X-By", `${file}:${line}`]]),
    remove: [],
    dropRelations: new Map(),
    inherit: [],
    reason: undefined,
    ...changes,
  };
}

function setOf(files: Readonly<Record<string, string>>, rules: readonly OverrideRuleSettings[] = []): OverrideSet {
  const given = Object.entries(files).map(([name, text]) => ({ name, bytes: Buffer.from(text) }));
  const { tables, errors } = readOverrides(STABLE, [MAIN, CONTRIB], given);
  assert.deepEqual(errors, []);
  return overrideSet(STABLE, tables, rules);
}

const places = (applied: readonly AppliedOverride[] | undefined) => applied?.map(({ file, line }) => `${file}:${line}`);
const afterwards = (stanza: string, applied: readonly AppliedOverride[] | undefined): string =>
  editStanza(
    Buffer.from(stanza),
    (applied ?? []).flatMap(({ edits }) => edits),
  ).toString();

const FILES = {
  "override.stable.main": "x optional net\ny extra misc\n",
  "override.stable.extra.main": "x SECTION admin\nx Task t\n",
  "override.stable.main.src": "x devel\n",
};

test("Debian's files: every line of a name in order, without asking for facts", () => {
  const applied = setOf(FILES).forIndex(packages, MAIN).appliedTo("x", untold);
  assert.deepEqual(applied, [
    {
      file: "override.stable.main",
      line: 1,
      edits: [
        { field: "Priority", value: "optional" },
        { field: "Section", value: "net" },
      ],
      inherit: [],
      does: ["sets Priority: optional", "sets Section: net"],
      reason: undefined,
    },
    {
      file: "override.stable.extra.main",
      line: 1,
      edits: [{ field: "SECTION", value: "admin" }],
      inherit: [],
      does: ["sets SECTION: admin"],
      reason: undefined,
    },
    {
      file: "override.stable.extra.main",
      line: 2,
      edits: [{ field: "Task", value: "t" }],
      inherit: [],
      does: ["sets Task: t"],
      reason: undefined,
    },
  ]);
});

test("Debian's files: of two lines for one field the later one counts, whatever its case", () => {
  const applied = setOf(FILES).forIndex(packages, MAIN).appliedTo("x", untold);
  assert.equal(afterwards("Package: x\nSection: a\n", applied), "Package: x\nSection: admin\nPriority: optional\nTask: t\n");
});

for (const [name, kind, component, found] of [
  ["a name without rules", packages, MAIN, undefined],
  ["another component", packages, CONTRIB, undefined],
  ["another kind", udeb, MAIN, undefined],
  ["sources have their own", sources, MAIN, ["override.stable.main.src:1"]],
] as const) {
  test(`Debian's files: ${name}`, () => {
    const asked = name === "a name without rules" ? "absent" : "x";
    assert.deepEqual(places(setOf(FILES).forIndex(kind, component).appliedTo(asked, untold)), found);
  });
}

for (const [name, match, asked, fits] of [
  ["no condition fits all", {}, "anything", true],
  ["a name", { package: "a" }, "a", true],
  ["another name", { package: "a" }, "ab", false],
  ["a glob", { package: "gnome-*" }, "gnome-shell", true],
  ["a glob that does not fit", { package: "gnome-*" }, "libgnome-x", false],
  ["a glob with an end", { package: "*-dbg" }, "a-dbg", true],
  ["the source's name", { source: "src-a" }, "a", true],
  ["a glob of the source's name", { source: "src-*" }, "a", true],
  ["another source", { source: "src-b" }, "a", false],
  ["a source does not fit by the package's name", { source: "a" }, "a", false],
  ["package and source", { package: "a*", source: "src-?" }, "ab", true],
  ["package and another source", { package: "a*", source: "src" }, "ab", false],
  ["the suite that is merged", { suite: STABLE }, "a", true],
  ["another suite", { suite: parseSuiteName("testing") }, "a", false],
  ["the component", { component: MAIN }, "a", true],
  ["another component", { component: CONTRIB }, "a", false],
  ["a mirror", { mirror: { mirror: DEBIAN, suite: undefined } }, "a", true],
  ["another mirror", { mirror: { mirror: parseMirrorName("devuan"), suite: undefined } }, "a", false],
  ["a mirror's suite", { mirror: { mirror: DEBIAN, suite: TRIXIE } }, "a", true],
  ["another suite of the mirror", { mirror: { mirror: DEBIAN, suite: parseSuitePath("sid") } }, "a", false],
  ["the stanza's architecture", { architecture: "amd64" }, "a", true],
  ["another architecture", { architecture: "all" }, "a", false],
  ["a version", { version: { operator: "<<", version: "1.0-2" } }, "a", true],
  ["another version", { version: { operator: ">=", version: "1.0-2" } }, "a", false],
  ["versions by Debian's order", { version: { operator: "=", version: "0:1.0-1" } }, "a", true],
  ["debs", { types: ["deb"] }, "a", true],
  ["udebs only", { types: ["udeb"] }, "a", false],
  ["sources only", { types: ["source"] }, "a", false],
  ["all conditions, one does not hold", { package: "a", source: "src-a", architecture: "arm64" }, "a", false],
] satisfies readonly (readonly [string, RuleChanges["match"], string, boolean])[]) {
  test(`match: ${name}`, () => {
    const applied = setOf({}, [rule({ match })])
      .forIndex(packages, MAIN)
      .appliedTo(asked, facts);
    assert.deepEqual(places(applied), fits ? ["a.yaml:1"] : undefined);
  });
}

test("match: a source package by its name, and one of its architectures", () => {
  const index = setOf({}, [rule({ match: { types: ["source"], package: "src-a", architecture: "arm64" } })]).forIndex(sources, MAIN);
  assert.ok(index.appliedTo("src-a", () => ({ ...FACTS, architecture: "amd64 arm64" })));
  assert.equal(
    index.appliedTo("src-a", () => ({ ...FACTS, architecture: "amd64" })),
    undefined,
  );
});

test("match: udebs", () => {
  const set = setOf({}, [rule({ match: { types: ["udeb"] } })]);
  assert.ok(set.forIndex(udeb, MAIN).appliedTo("a", facts));
});

for (const [name, match, asked] of [
  ["for a name that no rule names", { package: "b", version: { operator: "=", version: "1" } }, "a"],
  ["for a glob that does not fit", { package: "b*", source: "b" }, "a"],
  ["when the rule asks for the name alone", { package: "a" }, "a"],
  ["when the rule asks for nothing", {}, "a"],
] satisfies readonly (readonly [string, RuleChanges["match"], string])[]) {
  test(`facts are not read ${name}`, () => {
    setOf({}, [rule({ match })])
      .forIndex(packages, MAIN)
      .appliedTo(asked, untold);
  });
}

test("facts are read once for all rules", () => {
  let reads = 0;
  const both = [rule({ match: { source: "src-a" } }), rule({ line: 2, match: { package: "a", architecture: "amd64" } })];
  const applied = setOf({}, both)
    .forIndex(packages, MAIN)
    .appliedTo("a", () => {
      reads++;
      return FACTS;
    });
  assert.deepEqual([reads, applied?.length], [1, 2]);
});

test("order: Debian's files, then YAML files by name, the rules of each as they stand there", () => {
  const rules = [
    rule({ file: "b.yaml", line: 1, match: { package: "x" } }),
    rule({ file: "b.yaml", line: 5 }),
    rule({ file: "a.yaml", line: 9, match: { source: "src-a" } }),
    rule({ file: "a.yaml", line: 12, match: { package: "*" } }),
    rule({ file: "B.yaml", line: 2, match: { package: "x*" } }),
  ];
  const applied = setOf(FILES, rules).forIndex(packages, MAIN).appliedTo("x", facts);
  assert.deepEqual(places(applied), [
    "override.stable.main:1",
    "override.stable.extra.main:1",
    "override.stable.extra.main:2",
    "B.yaml:2",
    "a.yaml:9",
    "a.yaml:12",
    "b.yaml:1",
    "b.yaml:5",
  ]);
  assert.match(afterwards("Package: x\n", applied), /^X-By: b\.yaml:5$/m);
});

test("a YAML rule removes, then drops relations, then sets", () => {
  const one = rule({
    set: new Map([
      ["Task", "new"],
      ["Description", "short\n\nlong"],
    ]),
    remove: ["Task", "Tag"],
    dropRelations: new Map([
      ["Recommends", ["systemd"]],
      ["Suggests", ["systemd*", "?-dbg"]],
    ]),
    inherit: ["Bugs"],
    reason: "no systemd here",
  });
  const applied = setOf({}, [one]).forIndex(packages, MAIN).appliedTo("a", untold);
  assert.equal(
    afterwards("Task: old\nTag: x\nRecommends: systemd, b | systemd\nSuggests: systemd-x, a-dbg | systemd\nPackage: a\n", applied),
    "Recommends: b\nPackage: a\nTask: new\nDescription: short\n .\n long\n",
  );
  assert.deepEqual(
    applied?.map(({ inherit, does, reason }) => ({ inherit, does, reason })),
    [
      {
        inherit: ["Bugs"],
        does: [
          "removes Task",
          "removes Tag",
          "drops systemd from Recommends",
          "drops systemd*, ?-dbg from Suggests",
          "sets Task: new",
          "sets Description: short …",
          "takes Bugs from a stanza that lost",
        ],
        reason: "no systemd here",
      },
    ],
  );
});

const unusedTexts = (set: OverrideSet, used: readonly OverridesUsed[]): readonly string[] =>
  set.unused(used).map(({ severity, code, file, suite, message }) => {
    assert.deepEqual([severity, code, suite], ["warning", "OVERRIDE_UNUSED", "stable"]);
    assert.ok(file !== undefined && message.startsWith(`${file}:`));
    return message;
  });

test("unused: a name of Debian's files that no index has, with file and line", () => {
  const used = noneUsed();
  const set = setOf(FILES);
  set.forIndex(packages, MAIN, used).appliedTo("x", facts);
  set.forIndex(sources, MAIN, used).appliedTo("x", facts);
  assert.deepEqual(unusedTexts(set, [used]), [
    'override.stable.main:2: No package "y" is in main of suite "stable": the override does nothing',
  ]);
});

test("unused: each kind is looked up for itself", () => {
  const used = noneUsed();
  const set = setOf(FILES);
  for (const name of ["x", "y"]) set.forIndex(packages, MAIN, used).appliedTo(name, facts);
  assert.deepEqual(
    set.unused([used]).map(({ file }) => file),
    ["override.stable.main.src"],
  );
});

test("unused: YAML rules that fitted no stanza, those of another suite left out", () => {
  const used = noneUsed();
  const set = setOf({}, [
    rule({ line: 1, match: { package: "a" } }),
    rule({ line: 2, match: { package: "b" } }),
    rule({ line: 3, match: { package: "a", architecture: "arm64" } }),
    rule({ line: 4, match: { suite: parseSuiteName("testing") } }),
    rule({ line: 5, match: { types: ["source"] } }),
  ]);
  set.forIndex(packages, MAIN, used).appliedTo("a", facts);
  assert.deepEqual(
    unusedTexts(set, [used]),
    [2, 3, 5].map((line) => `a.yaml:${line}: No package of suite "stable" fits this rule: the override does nothing`),
  );
});

test("unused: one stanza of one index is enough", () => {
  const used = [noneUsed(), noneUsed()];
  const set = setOf({ "override.stable.main": "y extra misc\n" }, [rule({ match: { architecture: "amd64" } })]);
  for (const [position, architecture] of ["amd64", "arm64"].entries())
    for (const name of ["x", "y"]) set.forIndex(packages, MAIN, used[position]).appliedTo(name, () => ({ ...FACTS, architecture }));
  assert.deepEqual(unusedTexts(set, used), []);
});

for (const [name, files, rules, size] of [
  ["nothing", {}, [], 0],
  [
    "rules of another suite only",
    { "override.testing.main": "x optional net\n" },
    [rule({ match: { suite: parseSuiteName("testing") } })],
    0,
  ],
  ["names of Debian's files and YAML rules", FILES, [rule(), rule()], 5],
] satisfies readonly (readonly [string, Readonly<Record<string, string>>, readonly OverrideRuleSettings[], number])[]) {
  test(`size: ${name}`, () => assert.equal(setOf(files, rules).size, size));
}
