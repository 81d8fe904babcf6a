import assert from "node:assert/strict";
import { test } from "node:test";
import { digestsOf } from "../../lib/archive/digests.ts";
import { parseArchitecture, parseComponentName, parseSuiteName } from "../../lib/archive/names.ts";
import { parseRelease } from "../../lib/archive/release.ts";
import type { ListedFile } from "../../lib/release/listed-file.ts";
import { indexReleaseText, type ReleaseFacts, releaseText } from "../../lib/release/release-text.ts";

function file(path: string, text: string, written = true): ListedFile {
  const bytes = Buffer.from(text);
  return { path, bytes: bytes.length, digests: digestsOf(bytes, ["SHA512", "MD5Sum"]), written };
}

const FACTS: ReleaseFacts = {
  suite: parseSuiteName("daedalus"),
  fields: new Map([
    ["Description", "Devuan 5"],
    ["Suite", "stable"],
    ["NotAutomatic", "yes"],
    ["Origin", "Devuan"],
    ["Version", "5.0"],
    ["Label", "Devuan"],
  ]),
  date: new Date("2026-11-21T03:12:45Z"),
  validUntil: new Date("2026-11-28T03:12:45Z"),
  architectures: ["amd64", "arm64"].map(parseArchitecture),
  components: ["main", "contrib"].map(parseComponentName),
  byHash: true,
  digests: [],
  files: [
    file("main/binary-amd64/Packages.xz", "x".repeat(1234)),
    file("main/binary-amd64/Packages", "abc", false),
    file("contrib/source/Sources", "", false),
  ],
};

test("releaseText: fields in the order that archives are used to, files by path, sizes in one column", () => {
  const { digests } = file("x", "x".repeat(1234));
  assert.equal(
    releaseText(FACTS).toString(),
    `Origin: Devuan
Label: Devuan
Suite: stable
Version: 5.0
Codename: daedalus
Date: Sat, 21 Nov 2026 03:12:45 UTC
Valid-Until: Sat, 28 Nov 2026 03:12:45 UTC
Acquire-By-Hash: yes
No-Support-for-Architecture-all: Packages
Architectures: amd64 arm64
Components: main contrib
Description: Devuan 5
NotAutomatic: yes
SHA256:
 e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855    0 contrib/source/Sources
 ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad    3 main/binary-amd64/Packages
 ${digests.SHA256} 1234 main/binary-amd64/Packages.xz
`,
  );
});

test("releaseText: what is not configured is not there", () => {
  const text = releaseText({ ...FACTS, fields: new Map(), validUntil: undefined, byHash: false, files: [] }).toString();
  assert.equal(
    text,
    `Codename: daedalus
Date: Sat, 21 Nov 2026 03:12:45 UTC
No-Support-for-Architecture-all: Packages
Architectures: amd64 arm64
Components: main contrib
SHA256:
`,
  );
});

test("releaseText: the config's Codename stands, and no second one", () => {
  const text = releaseText({ ...FACTS, fields: new Map([["Codename", "bookworm"]]) }).toString();
  assert.deepEqual(text.match(/^Codename: .*$/gm), ["Codename: bookworm"]);
});

test("releaseText: further digests in the order MD5Sum, SHA256, SHA512, whatever the config's", () => {
  const text = releaseText({ ...FACTS, digests: ["SHA512", "MD5Sum"] }).toString();
  assert.deepEqual(text.match(/^(MD5Sum|SHA1|SHA256|SHA512):$/gm), ["MD5Sum:", "SHA256:", "SHA512:"]);
  assert.match(text, /^ 900150983cd24fb0d6963f7d28e17f72 {4}3 main\/binary-amd64\/Packages$/m);
});

test("releaseText: no line ends in a blank or in CR, the text ends in one newline, lines of the signed text begin with no dash", () => {
  const text = releaseText({ ...FACTS, digests: ["SHA512", "MD5Sum"] }).toString();
  assert.doesNotMatch(text, /[ \t\r]$/m);
  assert.match(text, /[^\n]\n$/);
  assert.doesNotMatch(text, /^(-|From )/m);
});

test("releaseText: the order in which files are given does not matter", () => {
  assert.deepEqual(releaseText({ ...FACTS, files: [...FACTS.files].reverse() }), releaseText(FACTS));
});

test("releaseText: our own reader finds every field and every file again", () => {
  const { fields, entries } = parseRelease(releaseText({ ...FACTS, digests: ["MD5Sum"] }), {});
  for (const [name, value] of FACTS.fields) assert.equal(fields.get(name.toLowerCase()), value);
  assert.deepEqual(
    [...entries.values()].map(({ path, bytes, sha256 }) => [path, bytes, sha256]).sort(),
    FACTS.files.map(({ path, bytes, digests }) => [path, bytes, digests.SHA256]).sort(),
  );
});

test("indexReleaseText: the small Release beside an index", () => {
  const text = indexReleaseText(FACTS, parseComponentName("main"), parseArchitecture("amd64")).toString();
  assert.equal(
    text,
    "Archive: stable\nOrigin: Devuan\nLabel: Devuan\nVersion: 5.0\nAcquire-By-Hash: yes\nComponent: main\nArchitecture: amd64\n",
  );
});

test("indexReleaseText: without a Suite the archive is the merged suite; without by-hash it does not promise it", () => {
  const facts = { ...FACTS, fields: new Map<string, string>(), byHash: false };
  const text = indexReleaseText(facts, parseComponentName("main"), parseArchitecture("source")).toString();
  assert.equal(text, "Archive: daedalus\nComponent: main\nArchitecture: source\n");
});
