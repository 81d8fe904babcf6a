import assert from "node:assert/strict";
import { test } from "node:test";
import { readDeb822 } from "../../config/from-apt/deb822-sources.ts";
import type { AptEntry } from "../../config/from-apt/entry.ts";

const DEFAULTS = { architectures: ["amd64"] };
const SOUND = "Types: deb\nURIs: http://a.example/d\nSuites: stable\nComponents: main\n";

const brief = (entry: AptEntry): string =>
  [entry.source ? "deb-src" : "deb", entry.url, entry.suite, entry.components.join("+"), entry.options.architectures.join("+")].join(" ");

for (const [name, text, expected] of [
  ["one stanza", SOUND, ["deb http://a.example/d stable main amd64"]],
  [
    "every type, URI and suite with every other",
    "Types: deb deb-src\nURIs: http://a.example/d http://b.example/d\nSuites: stable next\nComponents: main contrib\n",
    ["deb", "deb-src"].flatMap((type) =>
      ["a", "b"].flatMap((host) => ["stable", "next"].map((suite) => `${type} http://${host}.example/d ${suite} main+contrib amd64`)),
    ),
  ],
  [
    "values on further lines",
    "Types: deb\nURIs:\n http://a.example/d\nSuites: stable\n next\nComponents: main\n",
    ["deb http://a.example/d stable main amd64", "deb http://a.example/d next main amd64"],
  ],
  ["field names in any case", SOUND.toLowerCase(), ["deb http://a.example/d stable main amd64"]],
  [
    "comments between and inside fields",
    "# head\nTypes: deb\n# URIs: http://x.example/\nURIs: http://a.example/d\nSuites: stable\n#x\n next\nComponents: main",
    ["deb http://a.example/d stable main amd64", "deb http://a.example/d next main amd64"],
  ],
  ["a disabled stanza", `Enabled: no\n${SOUND}`, []],
  ["a disabled stanza before another", `Enabled: FALSE\n${SOUND}\n${SOUND}`, ["deb http://a.example/d stable main amd64"]],
  ["an enabled stanza", `Enabled: yes\n${SOUND}`, ["deb http://a.example/d stable main amd64"]],
  [
    "blank lines in plenty, ends of lines from elsewhere",
    `\n \n${SOUND.replaceAll("\n", "\r\n")}\n\n\n`,
    ["deb http://a.example/d stable main amd64"],
  ],
  ["architectures", `${SOUND}Architectures: arm64 armhf\n`, ["deb http://a.example/d stable main arm64+armhf"]],
  ["further architectures", `${SOUND}Architectures-Add: arm64\n`, ["deb http://a.example/d stable main amd64+arm64"]],
  ["a flat archive", "Types: deb\nURIs: http://a.example/flat\nSuites: ./\n", ["deb http://a.example/flat ./  amd64"]],
  ["unknown fields", `${SOUND}X-Repolib-Name: something\nPDiffs: no\n`, ["deb http://a.example/d stable main amd64"]],
  ["nothing at all", "", []],
] as const) {
  test(`readDeb822: ${name}`, () => {
    const { entries, problems } = readDeb822(text, "/x.sources", DEFAULTS);
    assert.deepEqual([entries.map(brief), problems], [expected, []]);
  });
}

for (const [name, text, found] of [
  ["a stanza without suites", "Types: deb\nURIs: http://a.example/d\nComponents: main\n", "it has no Suites"],
  ["a field that stands there twice", `${SOUND}suites: next\n`, 'field "suites" stands there twice'],
  ["a line that is no field", `${SOUND}nonsense\n`, '"nonsense" is no "Name: value"'],
  ["a stanza that starts with a continued line", ` x\n${SOUND}`, 'is no "Name: value"'],
  ["a field named like what objects inherit", `${SOUND}__proto__: x\n`, '"__proto__" is no field name'],
  ["a clear-signed file", `-----BEGIN PGP SIGNED MESSAGE-----\n${SOUND}`, 'is no "Name: value"'],
  ["a method that is not read", SOUND.replace("http:", "tor+https:"), 'the method "tor+https"'],
  ["an unknown type", SOUND.replace("deb", "rpm"), 'its type is "rpm"'],
] as const) {
  test(`readDeb822 leaves out ${name}, says so and reads on`, () => {
    const { entries, problems } = readDeb822(`${text}\n${SOUND.replace("stable", "after")}`, "/x.sources", DEFAULTS);
    assert.deepEqual([entries.map((entry) => entry.suite), problems.map(({ code }) => code)], [["after"], ["APT_SOURCE_SKIPPED"]]);
    assert.ok(problems[0]?.message.includes(found), problems[0]?.message);
    assert.match(problems[0]?.message ?? "", /\/x\.sources:1:/);
  });
}

test("readDeb822: a key block in the source comes out as it was armored", () => {
  const armor = "-----BEGIN PGP PUBLIC KEY BLOCK-----\n\nmDMEYCQj\n=IE0r\n-----END PGP PUBLIC KEY BLOCK-----\n";
  const field = armor
    .trimEnd()
    .split("\n")
    .map((line) => ` ${line || "."}`)
    .join("\n");
  const { entries, problems } = readDeb822(`${SOUND}Signed-By:\n${field}\n`, "/x.sources", DEFAULTS);
  assert.deepEqual([entries[0]?.options.signedBy, problems], [{ kind: "embedded", armor }, []]);
});

test("readDeb822: keyrings and fingerprints on several lines", () => {
  const FPR = "0123456789ABCDEF0123456789ABCDEF01234567";
  const { entries } = readDeb822(`${SOUND}Signed-By: /a.gpg\n /b.gpg\n ${FPR}!\n`, "/x.sources", DEFAULTS);
  assert.deepEqual(entries[0]?.options.signedBy, { kind: "files", files: ["/a.gpg", "/b.gpg"], pins: [`${FPR}!`] });
});

for (const [field, expected] of [
  ["Check-Valid-Until: no", { checkValidUntil: false, allowWeak: false, trusted: false }],
  ["Check-Date: no", { checkValidUntil: false, allowWeak: false, trusted: false }],
  ["Allow-Weak: yes", { checkValidUntil: true, allowWeak: true, trusted: false }],
  ["Trusted: yes", { checkValidUntil: true, allowWeak: false, trusted: true }],
  ["Trusted: no", { checkValidUntil: true, allowWeak: false, trusted: false }],
] as const) {
  test(`readDeb822: ${field}`, () => {
    const {
      architectures: _,
      signedBy: __,
      ...options
    } = readDeb822(`${SOUND}${field}\n`, "/x.sources", DEFAULTS).entries[0]?.options ?? assert.fail();
    assert.deepEqual(options, expected);
  });
}
