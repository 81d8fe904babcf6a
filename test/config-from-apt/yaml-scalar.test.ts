import assert from "node:assert/strict";
import { test } from "node:test";
import { parse } from "yaml";
import { expand } from "../../config/environment.ts";
import { yamlList, yamlScalar } from "../../config/from-apt/yaml-scalar.ts";

const TEXTS = [
  "main",
  "",
  "yes",
  "no",
  "null",
  "~",
  "12",
  "12.10",
  "1e3",
  "0x1F",
  ".5",
  "- x",
  "a: b",
  "a #b",
  "#",
  "*alias",
  "&anchor",
  "!tag",
  "{x}",
  "[x]",
  "a, b",
  "'",
  '"',
  "\\",
  "tab\there",
  "line\nbreak",
  "\u0000\u0007\u007f\u0085\u00a0\u2028\u2029\ufeff",
  "ünï 漢 😀",
  "http://a.example/debian",
  "http://user:p@a.example:80/x,y",
  "/a path/with blanks",
  "./",
  "$",
  "$HOME",
  `\${HOME}`,
  `\${HOME:-x}`,
  "${",
  `$\${HOME}}`,
  `\${\${HOME}`,
  "2001-01-01",
  "12:30",
  "%a",
  "@a",
  "`a",
  "a|b",
  "> x",
  "---",
];

for (const text of TEXTS) {
  test(`yamlScalar: ${JSON.stringify(text)} comes back, alone, in a list and in a map`, () => {
    const back = (value: unknown) => expand(String(value), { HOME: "leaked", USER: "leaked" });
    const expected = { kind: "text", text };
    const alone: unknown = parse(`key: ${yamlScalar(text)}   # comment\n`).key;
    assert.equal(typeof alone, "string");
    assert.deepEqual(back(alone), expected);
    const [first, second]: unknown[] = parse(yamlList([text, "end"]));
    assert.deepEqual([back(first), second], [expected, "end"]);
    assert.deepEqual(back(parse(`{ a: ${yamlScalar(text)}, b: x }`).a), expected);
  });
}
