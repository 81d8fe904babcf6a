import assert from "node:assert/strict";
import { test } from "node:test";
import { sha256Of } from "../../lib/archive/digests.ts";
import { parseArchitecture, parseComponentName, parseMirrorName, parseSuitePath } from "../../lib/archive/names.ts";
import { parseRelease } from "../../lib/archive/release.ts";
import { type TrustedRelease, vouch } from "../../lib/archive/trusted.ts";
import { pathsOf, type Wish, wantedIndices } from "../../lib/fetch/wanted.ts";
import { KINDS } from "../../lib/kinds/registry.ts";
import type { MirrorSuite } from "../../lib/settings.ts";
import { mirrorOf } from "../verify/world.ts";

/** Path to size; the digest is made of the path. */
type Listing = Readonly<Record<string, number>>;

function releaseOf(
  listing: Listing,
  fields: Readonly<Record<string, string>> = {},
  suite = "bookworm",
  section = "SHA256",
): TrustedRelease {
  const digest = (path: string): string => (section === "SHA256" ? sha256Of(path) : sha256Of(path).slice(0, 32));
  const list = Object.entries(listing).map(([path, bytes]) => ` ${digest(path)} ${bytes} ${path}\n`);
  const said = Object.entries(fields).map(([name, value]) => `${name}: ${value}\n`);
  const text = `${said.join("")}${section}:\n${list.join("")}`;
  return vouch({
    mirror: parseMirrorName("debian"),
    suite: parseSuitePath(suite),
    release: parseRelease(Buffer.from(text), {}),
    date: new Date(0),
    validUntil: undefined,
    sha256: sha256Of(text),
    signedBy: [],
    files: { form: "InRelease", inRelease: Buffer.from(text) },
  });
}

const fromOf = (suite = "bookworm", components: readonly (readonly [string, string])[] = [["main", "main"]]): MirrorSuite => ({
  mirror: mirrorOf({ files: [], pins: [] }),
  suite: parseSuitePath(suite),
  rank: 0,
  components: new Map(components.map(([upstream, merged]) => [upstream, parseComponentName(merged)])),
  codename: undefined,
});

const wish = (architectures: readonly string[] = ["amd64"], sources = true): Wish => ({
  kinds: KINDS,
  architectures: architectures.map(parseArchitecture),
  sources,
});

/** `path -> component architecture: forms`, in order. */
const told = (release: TrustedRelease, from = fromOf(), wanted = wish()): readonly string[] =>
  wantedIndices(release, from, wanted).map(
    ({ path, component, architecture, choices }) =>
      `${path} -> ${component} ${architecture}: ${choices.map(({ compression }) => compression).join(" ")}`,
  );

const WHOLE: Listing = {
  "main/binary-amd64/Packages": 900,
  "main/binary-amd64/Packages.xz": 100,
  "main/binary-arm64/Packages.xz": 100,
  "main/debian-installer/binary-amd64/Packages.xz": 10,
  "main/source/Sources.xz": 50,
  "main/Contents-amd64.gz": 5000,
  "main/i18n/Translation-en.bz2": 500,
  "contrib/binary-amd64/Packages.xz": 7,
};

test("wantedIndices: of all that is listed only what the merge needs", () => {
  assert.deepEqual(told(releaseOf(WHOLE)), [
    "main/binary-amd64/Packages -> main amd64: xz plain",
    "main/debian-installer/binary-amd64/Packages -> main amd64: xz",
    "main/source/Sources -> main source: xz",
  ]);
});

test("wantedIndices: every architecture and every component of the suite, sources only when asked for", () => {
  const components = [
    ["main", "main"],
    ["contrib", "contrib"],
    ["non-free", "non-free"],
  ] as const;
  assert.deepEqual(told(releaseOf(WHOLE), fromOf("bookworm", components), wish(["amd64", "arm64", "riscv64"], false)), [
    "main/binary-amd64/Packages -> main amd64: xz plain",
    "contrib/binary-amd64/Packages -> contrib amd64: xz",
    "main/binary-arm64/Packages -> main arm64: xz",
    "main/debian-installer/binary-amd64/Packages -> main amd64: xz",
  ]);
});

test("wantedIndices: components are mapped, also several to one", () => {
  const release = releaseOf({ "updates/main/binary-amd64/Packages.xz": 1, "universe/binary-amd64/Packages.xz": 1 });
  const mapping = [
    ["updates/main", "main"],
    ["universe", "main"],
  ] as const;
  assert.deepEqual(told(release, fromOf("bookworm", mapping)), [
    "updates/main/binary-amd64/Packages -> main amd64: xz",
    "universe/binary-amd64/Packages -> main amd64: xz",
  ]);
});

for (const [name, listing, forms] of [
  ["the smallest form comes first", { ".xz": 100, ".gz": 90, ".bz2": 110, ".zst": 95 }, "gz zst xz bz2"],
  ["of equal sizes xz comes first", { ".gz": 100, ".xz": 100 }, "xz gz"],
  ["gz alone", { ".gz": 1 }, "gz"],
  ["uncompressed alone", { "": 1 }, "plain"],
  ["uncompressed comes last however small: it is mostly listed and not there", { "": 1, ".xz": 60, ".gz": 50 }, "gz xz plain"],
  ["a form that nobody here can read is passed over", { ".lz4": 1, ".lzma": 1, ".xz": 9 }, "xz"],
] as const) {
  test(`wantedIndices: ${name}`, () => {
    const path = "main/binary-amd64/Packages";
    const release = releaseOf(Object.fromEntries(Object.entries(listing).map(([ending, bytes]) => [path + ending, bytes])));
    assert.deepEqual(told(release), [`${path} -> main amd64: ${forms}`]);
  });
}

test("wantedIndices: forms that nobody can read are as if the index were not listed", () => {
  assert.deepEqual(told(releaseOf({ "main/binary-amd64/Packages.lz4": 1 })), []);
});

test("wantedIndices: the uncompressed file's entry goes along, to check what comes out", () => {
  const [first, second] = wantedIndices(releaseOf(WHOLE), fromOf(), wish());
  assert.deepEqual([first?.plain?.bytes, second?.plain], [900, undefined]);
});

const ALL: Listing = {
  "main/binary-amd64/Packages.xz": 1,
  "main/binary-all/Packages.xz": 1,
  "main/debian-installer/binary-all/Packages.xz": 1,
};
for (const [name, fields, reads] of [
  ["lists all", { Architectures: "amd64 all" }, true],
  [
    "lists all and supports it for something else only",
    { Architectures: "amd64 all", "No-Support-for-Architecture-all": "Contents" },
    true,
  ],
  ["lists all and says that it is not needed", { Architectures: "all amd64", "No-Support-for-Architecture-all": "Packages" }, false],
  ["does not list all, as bookworm-security, whose files answer 404", { Architectures: "amd64" }, false],
  ["says nothing of architectures", {}, false],
] as const satisfies readonly (readonly [string, Readonly<Record<string, string>>, boolean])[]) {
  test(`wantedIndices: binary-all is ${reads ? "read" : "left alone"} when the Release ${name}`, () => {
    const paths = told(releaseOf(ALL, fields)).filter((one) => one.includes("binary-all"));
    const wanted = ["main/binary-all/Packages -> main amd64: xz", "main/debian-installer/binary-all/Packages -> main amd64: xz"];
    assert.deepEqual(paths, reads ? wanted : []);
  });
}

test("wantedIndices: binary-all goes into each architecture, behind the architecture's own", () => {
  const release = releaseOf({ ...ALL, "main/binary-arm64/Packages.xz": 1 }, { Architectures: "amd64 arm64 all" });
  assert.deepEqual(
    told(release, fromOf(), wish(["amd64", "arm64"])).filter((one) => !one.includes("installer")),
    [
      "main/binary-amd64/Packages -> main amd64: xz",
      "main/binary-all/Packages -> main amd64: xz",
      "main/binary-arm64/Packages -> main arm64: xz",
      "main/binary-all/Packages -> main arm64: xz",
    ],
  );
});

test("wantedIndices: a flat archive has one file for all architectures and no udebs", () => {
  const release = releaseOf(
    { "Packages.gz": 1, "Sources.gz": 1, "main/binary-amd64/Packages.xz": 1 },
    { Architectures: "all amd64" },
    "./",
  );
  const from = fromOf("./", [["", "vendor"]]);
  assert.deepEqual(told(release, from, wish(["amd64", "arm64"])), [
    "Packages -> vendor amd64: gz",
    "Packages -> vendor arm64: gz",
    "Sources -> vendor source: gz",
  ]);
  assert.deepEqual(
    wantedIndices(release, from, wish()).map(({ mixed }) => mixed),
    [true, true],
  );
});

test("wantedIndices: outside of flat archives stanzas of other architectures are not expected", () => {
  assert.ok(wantedIndices(releaseOf(WHOLE), fromOf(), wish()).every(({ mixed }) => !mixed));
});

test("wantedIndices: a mirror that lists nothing of it has nothing to give, which is no error", () => {
  assert.deepEqual(told(releaseOf({ "main/Contents-amd64.gz": 1 })), []);
});

for (const [name, suite, fields, expected] of [
  ["by its name", "bookworm", {}, ["dists/bookworm/main/source/Sources.xz"]],
  [
    "by-hash first where it is offered",
    "bookworm",
    { "Acquire-By-Hash": "yes" },
    ["dists/bookworm/main/source/by-hash/SHA256/DIGEST", "dists/bookworm/main/source/Sources.xz"],
  ],
  ["by-hash: no", "bookworm", { "Acquire-By-Hash": "no" }, ["dists/bookworm/main/source/Sources.xz"]],
  ["a suite with a slash", "buster/updates", {}, ["dists/buster/updates/main/source/Sources.xz"]],
  ["a flat archive in a folder", "stable/", {}, ["stable/main/source/Sources.xz"]],
] as const) {
  test(`pathsOf: ${name}`, () => {
    const path = "main/source/Sources.xz";
    const release = releaseOf({ [path]: 1 }, fields, suite);
    const [entry] = release.release.entries.values();
    assert.ok(entry);
    assert.deepEqual(
      pathsOf(release, entry),
      expected.map((one) => one.replace("DIGEST", sha256Of(path))),
    );
  });
}

test("pathsOf: at the root of a flat archive nothing stands before the name, by-hash too", () => {
  const release = releaseOf({ "Packages.gz": 1 }, { "Acquire-By-Hash": "yes" }, "./");
  const [entry] = release.release.entries.values();
  assert.ok(entry);
  assert.deepEqual(pathsOf(release, entry), [`by-hash/SHA256/${sha256Of("Packages.gz")}`, "Packages.gz"]);
});

test("pathsOf: a file without SHA256 has no by-hash path", () => {
  const release = releaseOf({ "Packages.gz": 1 }, { "Acquire-By-Hash": "yes" }, "./", "MD5Sum");
  const [entry] = release.release.entries.values();
  assert.ok(entry);
  assert.deepEqual(pathsOf(release, entry), ["Packages.gz"]);
});
