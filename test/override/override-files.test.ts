import assert from "node:assert/strict";
import { test } from "node:test";
import { parseComponentName, parseSuiteName } from "../../lib/archive/names.ts";
import { readOverrides } from "../../lib/override/override-files.ts";

const SUITE = parseSuiteName("daedalus");
const COMPONENTS = ["main", "contrib"].map(parseComponentName);

/** `kind component name: Field=value …` for every rule, and what was refused. */
function read(
  files: Readonly<Record<string, string>>,
  suite = SUITE,
): { readonly rules: readonly string[]; readonly errors: readonly string[] } {
  const given = Object.entries(files).map(([name, text]) => ({ name, bytes: Buffer.from(text) }));
  const { tables, errors } = readOverrides(suite, COMPONENTS, given);
  for (const error of errors) assert.equal(error.code, "OVERRIDE_MALFORMED");
  const rules = tables.flatMap(({ kind, component, rules: byName }) =>
    [...byName].map(([name, list]) => `${kind} ${component} ${name}: ${list.map(({ edit }) => `${edit.field}=${edit.value}`).join(" ")}`),
  );
  return { rules, errors: errors.map(({ message }) => message) };
}

for (const [name, file, text, expected] of [
  ["priority and section act on debs", "override.daedalus.main", "x optional net", ["packages main x: Priority=optional Section=net"]],
  [
    "debian-installer acts on udebs",
    "override.daedalus.main.debian-installer",
    "x standard debian-installer",
    ["udeb main x: Priority=standard Section=debian-installer"],
  ],
  ["src acts on sources, and has no priority", "override.daedalus.main.src", "x net", ["sources main x: Section=net"]],
  ["extra sets any field of debs", "override.daedalus.extra.main", "x Task a, b", ["packages main x: Task=a, b"]],
  ["extra of sources", "override.daedalus.extra.main.src", "x Testsuite autopkgtest", ["sources main x: Testsuite=autopkgtest"]],
  [
    "a name that ends in .gz is the same file",
    "override.daedalus.main.gz",
    "x optional net",
    ["packages main x: Priority=optional Section=net"],
  ],
  [
    "the component stands before the section",
    "override.daedalus.contrib",
    "x optional net",
    ["packages contrib x: Priority=optional Section=contrib/net"],
  ],
  [
    "a section that names its component already keeps it once",
    "override.daedalus.contrib",
    "x optional contrib/net",
    ["packages contrib x: Priority=optional Section=contrib/net"],
  ],
  ["main is never named", "override.daedalus.main", "x optional main/net", ["packages main x: Priority=optional Section=net"]],
  [
    "the section of another component stays",
    "override.daedalus.main",
    "x optional non-free/net",
    ["packages main x: Priority=optional Section=non-free/net"],
  ],
  [
    "tabs, several blanks and blank lines do not matter",
    "override.daedalus.main",
    "\n\t x \t optional   net \n\n",
    ["packages main x: Priority=optional Section=net"],
  ],
  ["comments", "override.daedalus.main", "# a comment\n  # another\nx optional net", ["packages main x: Priority=optional Section=net"]],
  ["several lines of one package", "override.daedalus.extra.main", "x Task a\nx Tag b", ["packages main x: Task=a Tag=b"]],
  ["another suite's file says nothing", "override.bookworm.main", "x optional net", []],
  ["a component that the suite has not says nothing", "override.daedalus.non-free", "x optional net", []],
] as const) {
  test(`readOverrides: ${name}`, () => assert.deepEqual(read({ [file]: text }), { rules: expected, errors: [] }));
}

test("readOverrides: a slash in the suite's name is written as a dash", () => {
  const { rules } = read({ "override.buster-updates.main": "x optional net" }, parseSuiteName("buster/updates"));
  assert.deepEqual(rules, ["packages main x: Priority=optional Section=net"]);
});

test("readOverrides: the extra file's rules come after those of section and priority", () => {
  const { rules } = read({ "override.daedalus.extra.main": "x Section admin", "override.daedalus.main": "x optional net" });
  assert.deepEqual(rules, ["packages main x: Priority=optional Section=net Section=admin"]);
});

test("readOverrides: a rule remembers where it stands", () => {
  const { tables } = readOverrides(SUITE, COMPONENTS, [{ name: "override.daedalus.main", bytes: Buffer.from("# c\nx optional net\n") }]);
  const [first] = tables[0]?.rules.get("x") ?? [];
  assert.deepEqual([first?.file, first?.line, first?.name], ["override.daedalus.main", 2, "x"]);
});

for (const [name, file, text, message] of [
  ["one column", "override.daedalus.main", "x", /^override\.daedalus\.main:1:1: .* 1 columns/],
  ["no section", "override.daedalus.main", "# c\nx optional", /^override\.daedalus\.main:2:1: /],
  ["a maintainer column", "override.daedalus.main", "x optional net someone", /:1:16: .*fourth column "someone"/],
  ["a priority that is none", "override.daedalus.main", "  x  urgent net", /:1:6: .*priority is "urgent".* required, important/],
  ["a source with three columns", "override.daedalus.main.src", "x optional net", /:1:12: .*third column "net"/],
  ["a source without a section", "override.daedalus.main.src", "x", /:1:1: .*one column/],
  ["an extra line without a value", "override.daedalus.extra.main", "x Task", /:1:1: .*package Field value/],
  [
    "a flag that apt does not know",
    "override.daedalus.extra.main",
    "x Essential maybe",
    /:1:13: .*Essential is "maybe", it must be one of yes, no/,
  ],
  ["a Multi-Arch that there is not", "override.daedalus.extra.main", "x Multi-Arch any", /it must be one of no, same, foreign, allowed/],
  [
    "a Provides of later versions",
    "override.daedalus.extra.main",
    "x Provides y (= 1), z (>= 2)",
    /it must be names, with no other version than one behind =/,
  ],
  [
    "a section with a comma",
    "override.daedalus.main",
    "x optional net,games",
    /:1:12: .*section is "net,games", it must be one word without a comma/,
  ],
  ["a section of sources with a comma", "override.daedalus.main.src", "x net,games", /:1:3: .*section is "net,games"/],
  ["a section of two words in the extra file", "override.daedalus.extra.main", "x Section net games", /:1:11: .*Section is "net games"/],
  [
    "a relation that apt cannot read",
    "override.daedalus.extra.main",
    "x Depends b (>= 1",
    /:1:11: .*Depends is "b \(>= 1", it must be relations/,
  ],
  [
    "a section that ends apt",
    "override.daedalus.main",
    `x optional ${"s".repeat(5000)}`,
    /:1:12: .*section is "s{60}…", it must be a section of/,
  ],
  ["a field name with a colon", "override.daedalus.extra.main", "x Task: a", /:1:3: .*field is "Task:"/],
  ["a field name that begins with #", "override.daedalus.extra.main", "x #Task a", /:1:3: /],
  ["control characters", "override.daedalus.main", "x optional net\r", /:1:1: .*control characters/],
] as const) {
  test(`readOverrides: ${name} is refused with file, line and column`, () => {
    const { rules, errors } = read({ [file]: text });
    assert.deepEqual(rules, []);
    assert.equal(errors.length, 1);
    assert.match(errors[0] ?? "", message);
  });
}

for (const field of [
  "Package",
  "version",
  "ARCHITECTURE",
  "Filename",
  "Size",
  "SHA256",
  "sha512",
  "MD5sum",
  "Source",
  "Directory",
  "Files",
  "Checksums-Sha256",
  "Description-md5",
]) {
  test(`readOverrides: ${field} says what the package is and may not be set`, () => {
    assert.match(read({ "override.daedalus.extra.main": `x ${field} y` }).errors[0] ?? "", /:1:3: .*stays as it came/);
  });
}

test("readOverrides: every fault of every file is told in one pass, and sound lines count all the same", () => {
  const { rules, errors } = read({
    "override.daedalus.main": "a optional net\nb\nc urgent net\n",
    "override.daedalus.contrib.src": "d\n",
  });
  assert.deepEqual(rules, ["packages main a: Priority=optional Section=net"]);
  assert.deepEqual(
    errors.map((message) => message.split(": ")[0]),
    ["override.daedalus.main:2:1", "override.daedalus.main:3:3", "override.daedalus.contrib.src:1:1"],
  );
});
