import assert from "node:assert/strict";
import { test } from "node:test";
import type { AptEntry } from "../../config/from-apt/entry.ts";
import { readOneLine } from "../../config/from-apt/one-line.ts";

const DEFAULTS = { architectures: ["amd64", "i386"] };
const FPR = "0123456789ABCDEF0123456789ABCDEF01234567";

const brief = (entry: AptEntry): string =>
  [entry.source ? "deb-src" : "deb", entry.url, entry.suite, entry.components.join("+"), entry.options.architectures.join("+")].join(" ");

for (const [name, line, expected] of [
  ["a plain line", "deb http://a.example/debian stable main contrib", ["deb http://a.example/debian stable main+contrib amd64+i386"]],
  ["a source line", "deb-src http://a.example/debian/ stable main", ["deb-src http://a.example/debian stable main amd64+i386"]],
  ["tabs and blanks between words", " deb\thttp://a.example/d\t stable   main ", ["deb http://a.example/d stable main amd64+i386"]],
  ["a comment behind it", "deb http://a.example/d stable main # contrib", ["deb http://a.example/d stable main amd64+i386"]],
  ["a comment right behind a word", "deb http://a.example/d stable main#x", ["deb http://a.example/d stable main amd64+i386"]],
  ["a line that is a comment", "# deb http://a.example/d stable main", []],
  ["an empty line", "  ", []],
  ["an architecture", "deb [arch=arm64] http://a.example/d stable main", ["deb http://a.example/d stable main arm64"]],
  ["several architectures", "deb [ arch=arm64,armhf ] http://a.example/d stable main", ["deb http://a.example/d stable main arm64+armhf"]],
  ["one architecture more", "deb [arch+=arm64] http://a.example/d stable main", ["deb http://a.example/d stable main amd64+i386+arm64"]],
  ["one architecture less", "deb [arch-=i386] http://a.example/d stable main", ["deb http://a.example/d stable main amd64"]],
  ["no blank around options", "deb [arch=i386]http://a.example/d stable main", ["deb http://a.example/d stable main i386"]],
  ["a number sign inside options", "deb [lang=#x arch=i386] http://a.example/d stable main", ["deb http://a.example/d stable main i386"]],
  ["a quoted URI", 'deb "http://a.example/my archive" stable main', ["deb http://a.example/my%20archive stable main amd64+i386"]],
  ["a percent sign", "deb http://a.example/my%20archive stable main", ["deb http://a.example/my%20archive stable main amd64+i386"]],
  ["an IPv6 host", "deb http://[::1]:8080/d stable main", ["deb http://[::1]:8080/d stable main amd64+i386"]],
  ["a flat archive", "deb http://a.example/flat ./", ["deb http://a.example/flat ./  amd64+i386"]],
  ["a flat archive as a slash", "deb http://a.example/flat /", ["deb http://a.example/flat ./  amd64+i386"]],
  ["a flat folder", "deb http://a.example/flat sub/folder/", ["deb http://a.example/flat sub/folder/  amd64+i386"]],
  ["the machine's architecture in a suite", "deb http://a.example/d x-$(ARCH)/", ["deb http://a.example/d x-amd64/  amd64+i386"]],
  ["a suite with a slash", "deb http://a.example/d stable/updates main", ["deb http://a.example/d stable/updates main amd64+i386"]],
  ["file with one slash", "deb file:/srv/archive stable main", ["deb file:///srv/archive stable main amd64+i386"]],
  ["file with three slashes", "deb file:///srv/archive/ stable main", ["deb file:///srv/archive stable main amd64+i386"]],
  ["copy is file", "deb copy:/srv/archive stable main", ["deb file:///srv/archive stable main amd64+i386"]],
  ["a dollar in a URI", `deb http://a.example/\${HOME} stable main`, ["deb http://a.example/%24%7BHOME%7D stable main amd64+i386"]],
  ["a component twice", "deb http://a.example/d stable main main", ["deb http://a.example/d stable main amd64+i386"]],
] as const) {
  test(`readOneLine: ${name}`, () => {
    const { entries, problems } = readOneLine(line, "/x.list", DEFAULTS);
    assert.deepEqual([entries.map(brief), problems], [expected, []]);
  });
}

for (const [name, line, found] of [
  ["a CD", "deb cdrom:[Debian 12 _Bookworm_ - Official amd64]/ bookworm main", 'the method "cdrom"'],
  ["tor", "deb tor+http://a.example/debian stable main", 'the method "tor+http"'],
  ["a list of mirrors", "deb mirror+file:/etc/apt/mirrors.txt stable main", 'the method "mirror+file"'],
  ["a list of mirrors over http", "deb mirror://a.example/mirrors.txt stable main", 'the method "mirror"'],
  ["ftp", "deb ftp://a.example/debian stable main", 'the method "ftp"'],
  ["an unknown type", "rpm http://a.example/d stable main", 'its type is "rpm"'],
  ["a missing suite", "deb http://a.example/d", "no URI and suite"],
  ["a missing component", "deb http://a.example/d stable", "it names no component"],
  ["a flat archive with a component", "deb http://a.example/d ./ main", "it names components"],
  ["an open bracket", "deb [arch=amd64 http://a.example/d stable main", 'its "[" has no "]"'],
  ["an option without value", "deb [arch=] http://a.example/d stable main", 'its option is "arch="'],
  ["an open quote", 'deb "http://a.example/d stable main', "no closing"],
  ["a suite that leaves dists", "deb http://a.example/d ../../etc main", 'upstream suite "../../etc"'],
  ["a URI without method", "deb /srv/archive stable main", "is no URI"],
  ["a URI with a query", "deb http://a.example/d?token=x stable main", "has a query"],
  ["a short key id", "deb [signed-by=01234567] http://a.example/d stable main", 'its Signed-By names "01234567"'],
  ["a relative keyring", "deb [signed-by=keys/x.gpg] http://a.example/d stable main", 'its Signed-By names "keys/x.gpg"'],
] as const) {
  test(`readOneLine leaves out ${name} and says so`, () => {
    const { entries, problems } = readOneLine(`\n${line}\n`, "/x.list", DEFAULTS);
    assert.deepEqual([entries, problems.map(({ code, severity }) => [severity, code])], [[], [["warning", "APT_SOURCE_SKIPPED"]]]);
    assert.ok(problems[0]?.message.includes(found), problems[0]?.message);
    assert.match(problems[0]?.message ?? "", /\/x\.list:2:/);
  });
}

for (const [name, option, expected] of [
  ["a keyring", "signed-by=/k.gpg", { kind: "files", files: ["/k.gpg"], pins: [] }],
  ["two keyrings", "signed-by=/a.gpg,/b.asc", { kind: "files", files: ["/a.gpg", "/b.asc"], pins: [] }],
  ["a fingerprint", `signed-by=${FPR.toLowerCase()}`, { kind: "machine", pins: [FPR] }],
  ["exactly one key", `signed-by=/k.gpg,${FPR}!`, { kind: "files", files: ["/k.gpg"], pins: [`${FPR}!`] }],
  ["nothing", "arch=amd64", { kind: "machine", pins: [] }],
] as const) {
  test(`readOneLine: signed by ${name}`, () => {
    const { entries } = readOneLine(`deb [${option}] http://a.example/d stable main`, "/x.list", DEFAULTS);
    assert.deepEqual(entries[0]?.options.signedBy, expected);
  });
}

test("readOneLine: a message never shows a password", () => {
  const { problems } = readOneLine(
    "deb http://user:secret@a.example/d?x stable main\ndeb ftp://user:secret@a.example/ s main",
    "/x.list",
    DEFAULTS,
  );
  assert.equal(problems.length, 2);
  assert.doesNotMatch(JSON.stringify(problems), /secret/);
});

test("readOneLine: a slash inside a component leaves out that component alone", () => {
  const { entries, problems } = readOneLine("deb http://a.example/d stable main x/y", "/x.list", DEFAULTS);
  assert.deepEqual([entries.map(brief), problems.length], [["deb http://a.example/d stable main amd64+i386"], 1]);
});
