import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { fitsArchitecture, parseGroup, splitGroups, withoutNames } from "../../lib/deb822/relations.ts";

for (const [name, value, groups] of [
  ["a comma parts groups", "a, b", ["a", "b"]],
  ["an empty value has none", "", []],
  ["white space alone has none", " \n\t", []],
  ["white space around a group goes", " a ,\tb\n", ["a", "b"]],
  ["empty groups are left out", ",a,, b, ", ["a", "b"]],
  ["a folded field reads as one line", "a\n (>= 1),\n\tb |\n  c", ["a (>= 1)", "b | c"]],
  ["several blanks become one", "a   (>=  1)", ["a (>= 1)"]],
  ["a byte that is a blank elsewhere is no white space", "\xa0a\xa0", ["\xa0a\xa0"]],
] as const) {
  test(`splitGroups: ${name}`, () => assert.deepEqual(splitGroups(value), groups));
}

const plain = { qualifier: undefined, constraint: undefined, architectures: [], profiles: [] };

for (const [name, text, alternatives] of [
  ["a name alone", "libc6", [{ ...plain, name: "libc6" }]],
  ["white space around it", "\n libc6\t", [{ ...plain, name: "libc6" }]],
  ["each operator", "a (<< 1)", [{ ...plain, name: "a", constraint: { operator: "<<", version: "1" } }]],
  ["at most", "a (<= 1)", [{ ...plain, name: "a", constraint: { operator: "<=", version: "1" } }]],
  ["exactly", "a (= 1:1.0-1~x+b1)", [{ ...plain, name: "a", constraint: { operator: "=", version: "1:1.0-1~x+b1" } }]],
  ["at least", "a (>= 1)", [{ ...plain, name: "a", constraint: { operator: ">=", version: "1" } }]],
  ["more than", "a (>> 1)", [{ ...plain, name: "a", constraint: { operator: ">>", version: "1" } }]],
  ["a lone < means at most", "a (< 1)", [{ ...plain, name: "a", constraint: { operator: "<=", version: "1" } }]],
  ["a lone > means at least", "a (> 1)", [{ ...plain, name: "a", constraint: { operator: ">=", version: "1" } }]],
  ["a version without operator means exactly", "a (1)", [{ ...plain, name: "a", constraint: { operator: "=", version: "1" } }]],
  ["no white space at all", "a(>=1)", [{ ...plain, name: "a", constraint: { operator: ">=", version: "1" } }]],
  ["white space everywhere", "a ( >=\t1 )", [{ ...plain, name: "a", constraint: { operator: ">=", version: "1" } }]],
  ["a qualifier", "python3:any", [{ ...plain, name: "python3", qualifier: "any" }]],
  ["a qualifier and a version", "a:amd64(= 1)", [{ ...plain, name: "a", qualifier: "amd64", constraint: { operator: "=", version: "1" } }]],
  ["architectures", "a [!amd64  !linux-any ]", [{ ...plain, name: "a", architectures: ["!amd64", "!linux-any"] }]],
  ["profiles", "a <!nocheck cross> <x.y>", [{ ...plain, name: "a", profiles: [["!nocheck", "cross"], ["x.y"]] }]],
  [
    "all parts without white space",
    "a:any(>=1)[amd64]<!x><y>",
    [
      {
        name: "a",
        qualifier: "any",
        constraint: { operator: ">=", version: "1" },
        architectures: ["amd64"],
        profiles: [["!x"], ["y"]],
      },
    ],
  ],
  [
    "alternatives in order",
    "b|a | c",
    [
      { ...plain, name: "b" },
      { ...plain, name: "a" },
      { ...plain, name: "c" },
    ],
  ],
] as const) {
  test(`parseGroup: ${name}`, () => assert.deepEqual(parseGroup(text), alternatives));
}

for (const text of [
  ["nothing", ""],
  ["an empty alternative", "a |"],
  ["an empty first alternative", "| a"],
  ["two bars", "a || b"],
  ["a name that begins with a dot", ".a"],
  ["a name with a slash", "a/b"],
  ["an unreplaced variable", "$misc"],
  ["two names", "a b"],
  ["an empty qualifier", "a:"],
  ["a qualifier behind a blank", "a :any"],
  ["an open round bracket", "a (>= 1"],
  ["a round bracket that another alternative closes", "a (>= 1 | b )"],
  ["no version", "a (>=)"],
  ["an empty bracket", "a ()"],
  ["an unknown operator", "a (!= 1)"],
  ["a version with a blank", "a (= 1 2)"],
  ["a version with an odd character", "a (= 1_2)"],
  ["two versions", "a (>= 1) (<< 2)"],
  ["an open square bracket", "a [amd64"],
  ["no architecture", "a [ ]"],
  ["an odd architecture", "a [amd64,]"],
  ["architectures before the version", "a [amd64] (>= 1)"],
  ["an open profile", "a <x"],
  ["an empty profile", "a <>"],
  ["profiles before the architectures", "a <x> [amd64]"],
  ["something behind the end", "a <x> b"],
  ["a control byte", "a\0"],
] as const) {
  test(`parseGroup: ${text[0]} is malformed`, () => assert.equal(parseGroup(text[1]), undefined));
}

test("parseGroup and withoutNames: what is made to be slow takes no longer", { timeout: 20_000 }, () => {
  for (const unit of ["a <x>", "<x> ", "(", "| a (", " ", "a|", "a [", ", a", "\n"]) {
    const value = `a ${unit.repeat(200_000)}`;
    parseGroup(value);
    splitGroups(value);
    withoutNames(value, (name) => name === "b");
  }
});

for (const [name, text, architecture, fits] of [
  ["no bracket fits all", "a", "amd64", true],
  ["a named architecture", "a [arm64 amd64]", "amd64", true],
  ["another one", "a [arm64 armhf]", "amd64", false],
  ["an excluded architecture", "a [!arm64 !amd64]", "amd64", false],
  ["one that is not excluded", "a [!arm64 !armhf]", "amd64", true],
  ["any", "a [any]", "amd64", true],
  ["any system", "a [any-amd64]", "amd64", true],
  ["any system of another processor", "a [any-arm64]", "amd64", false],
  ["any processor of Linux", "a [linux-any]", "arm64", true],
  ["an excluded wildcard", "a [!linux-any]", "arm64", false],
  ["any processor of Hurd is not Linux", "a [hurd-any]", "amd64", false],
  ["Hurd has its own", "a [hurd-any]", "hurd-amd64", true],
  ["Hurd is not Linux", "a [linux-any]", "hurd-amd64", false],
  ["any system, as Hurd", "a [any-amd64]", "hurd-amd64", true],
  ["an architecture with its system", "a [linux-amd64]", "amd64", true],
  ["a processor of several architectures", "a [any-arm]", "armhf", true],
  ["the name of an architecture is not that of its processor", "a [any-armhf]", "armhf", false],
  ["another ABI of the processor", "a [any-amd64]", "x32", true],
  ["another libc", "a [musl-linux-any]", "amd64", false],
  ["the libc of musl", "a [musl-linux-any]", "musl-linux-amd64", true],
  ["three parts", "a [gnu-any-any]", "amd64", true],
  ["upper case is read as dpkg reads it", "a [AMD64]", "amd64", true],
  ["all is no architecture of Linux", "a [linux-any]", "all", false],
  ["all is any", "a [any]", "all", true],
] as const) {
  test(`fitsArchitecture: ${name}`, () => {
    const [alternative] = parseGroup(text) ?? [];
    assert.ok(alternative);
    assert.equal(fitsArchitecture(alternative, architecture), fits);
  });
}

for (const [name, value, expected] of [
  ["nothing of the name: the same text", "a,b |c,\n\td ", "a,b |c,\n\td "],
  ["the only one", "x", undefined],
  ["all", "x, x | x (>= 1),\n x", undefined],
  ["all but an empty group", "x,", undefined],
  ["the first group", "x, a, b", "a, b"],
  ["a group between", "a, x, b", "a, b"],
  ["the last group", "a, b, x", "a, b"],
  ["the first alternative", "x | a, b", "a, b"],
  ["an alternative between", "a | x | b", "a | b"],
  ["the last alternative", "a | x, b", "a, b"],
  ["a folded field keeps its folding", "a,\n x,\n b,\n\tc", "a,\n b,\n\tc"],
  ["the first line of a folded field", "x,\n a,\n b", "a,\n b"],
  ["the last line of a folded field", "a,\n b,\n x", "a,\n b"],
  ["a field that begins on its second line", "\n x,\n a,\n", "\n a,\n"],
  ["an alternative over two lines", "a,\n b |\n x,\n c", "a,\n b,\n c"],
  ["a comma at the end stays", "a, x, b,", "a, b,"],
  ["whatever version, qualifier, architecture or profile", "x (>= 1), x:any, x [amd64], x <!nocheck>, x(=1)[any]<y>, a", "a"],
  ["a name that begins alike stays", "x-dev, xx, x1", "x-dev, xx, x1"],
  ["a malformed group stays", "x (, a, x", "x (, a"],
  ["a malformed alternative keeps its group", "x | b c, x", "x | b c"],
  ["odd white space of what stays", "a  (>=  1)  ,x ,b|c", "a  (>=  1)  ,b|c"],
] as const) {
  test(`withoutNames: ${name}`, () =>
    assert.equal(
      withoutNames(value, (found) => found === "x"),
      expected,
    ));
}

const blank = fc.constantFrom("", " ", "\n ", "\t", "  ");
const name = fc.constantFrom("a", "b", "x", "x-dev", "libc6", "0ad", "g++");
const tail = fc.constantFrom("", "(>= 1)", ":any", ":any(<<2)", "[!amd64]", "(= 1)[any]<!nocheck>", "<x> <y>");
const alternative = fc.tuple(blank, name, tail, blank).map((parts) => parts.join(""));
const odd = fc.constantFrom("", " ", "x (", "a b", "| x", "x |", "\xa0x");
const group = fc.oneof(
  { weight: 5, arbitrary: fc.array(alternative, { minLength: 1, maxLength: 4 }).map((all) => all.join("|")) },
  { weight: 1, arbitrary: odd },
);
const field = fc.oneof(
  { weight: 5, arbitrary: fc.array(group, { maxLength: 6 }).map((all) => all.join(",")) },
  { weight: 1, arbitrary: fc.string({ unit: "binary-ascii" }) },
);
const namesOf = (value: string): readonly (readonly string[] | string)[] =>
  splitGroups(value).map((text) => parseGroup(text)?.map((one) => one.name) ?? text);

test("withoutNames: dropping nothing changes nothing", () => {
  fc.assert(
    fc.property(field, (value) =>
      assert.equal(
        withoutNames(value, () => false),
        value,
      ),
    ),
  );
});

test("withoutNames: no alternative of the name is left, the others are in order", () => {
  fc.assert(
    fc.property(field, name, (value, dropped) => {
      const left = namesOf(withoutNames(value, (one) => one === dropped) ?? "");
      const expected = namesOf(value)
        .map((one) => (typeof one === "string" ? one : one.filter((other) => other !== dropped)))
        .filter((one) => one.length > 0);
      assert.deepEqual(left, expected);
    }),
  );
});

test("withoutNames: a second time changes nothing", () => {
  fc.assert(
    fc.property(field, name, (value, dropped) => {
      const once = withoutNames(value, (one) => one === dropped);
      if (once !== undefined)
        assert.equal(
          withoutNames(once, (one) => one === dropped),
          once,
        );
    }),
  );
});

test("withoutNames: no line becomes blank", () => {
  fc.assert(
    fc.property(field, name, (value, dropped) => {
      const hasBlankLine = (text: string): boolean => /\n[ \t]*\n/.test(text);
      fc.pre(!hasBlankLine(value));
      assert.ok(!hasBlankLine(withoutNames(value, (one) => one === dropped) ?? ""));
    }),
  );
});

test("parseGroup: a group reads the same before and after splitGroups has folded it", () => {
  fc.assert(
    fc.property(group, (text) => {
      fc.pre(!text.includes(","));
      const [folded] = splitGroups(text);
      assert.deepEqual(parseGroup(folded ?? ""), parseGroup(text));
    }),
  );
});
