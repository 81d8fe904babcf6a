/** A mirror signs stanzas that must not be published, or that want more than is theirs. Through the whole pipeline, to the published bytes. */
import assert from "node:assert/strict";
import test from "node:test";
import type { Archive } from "../support/archive.ts";
import { status } from "../support/fault-answers.ts";
import { assertPublished, assertRefused } from "../support/refused.ts";
import { deb, newWorld, upstream } from "../support/world.ts";

const DIGEST = "a".repeat(64);

/** A stanza by hand; what is given as undefined is left out. */
function stanza(changes: Readonly<Record<string, string | undefined>>): string {
  const fields = {
    Package: "evil",
    Version: "1.0",
    Architecture: "amd64",
    Filename: "pool/main/e/evil/evil_1.0_amd64.deb",
    Size: "10",
    SHA256: DIGEST,
    ...changes,
  };
  return Object.entries(fields)
    .flatMap(([name, value]) => (value === undefined ? [] : [`${name}: ${value}\n`]))
    .join("");
}

const REFUSED: readonly (readonly [name: string, text: string])[] = [
  ["X09: Filename leaves the archive", stanza({ Filename: "pool/../../../etc/evil.deb" })],
  ["X09: Filename leaves the archive percent-encoded", stanza({ Filename: "pool/%2e%2e/%2E%2E/evil.deb" })],
  ["X09: Filename is absolute", stanza({ Filename: "/etc/evil.deb" })],
  ["X09: Filename is a URL", stanza({ Filename: "http://evil.example/evil.deb" })],
  ["X09: Filename names a host", stanza({ Filename: "//evil.example/evil.deb" })],
  ["X09: Filename holds a query", stanza({ Filename: "pool/main/e.deb?x=/etc" })],
  ["X09: Filename holds a fragment", stanza({ Filename: "pool/main/e.deb#x" })],
  ["X09: Filename holds a backslash", stanza({ Filename: "pool\\..\\evil.deb" })],
  ["X09: Filename holds a line separator", stanza({ Filename: "pool/main/e\u2028.deb" })],
  ["M10 X09: Filename holds a NUL", stanza({ Filename: "pool/main/e\0.deb" })],
  ["M15: Filename is missing", stanza({ Filename: undefined })],
  ["M15: Filename is empty", stanza({ Filename: "" })],
  ["M16: Filename stands there twice", `${stanza({})}Filename: pool/main/other.deb\n`],
  ["M16: Filename stands there twice in another case", `${stanza({})}FILENAME: pool/main/other.deb\n`],
  ["M15: Package is missing", stanza({ Package: undefined })],
  ["M16: Package stands there twice", `Package: good\n${stanza({})}`],
  ["M15: SHA256 is missing", stanza({ SHA256: undefined })],
  ["M15: SHA256 is too short", stanza({ SHA256: "abc" })],
  ["M05: Size is negative", stanza({ Size: "-1" })],
  ["M05: Size is no number of digits", stanza({ Size: "1e3" })],
  ["M15: Version is missing", stanza({ Version: undefined })],
  ["M22: Version holds a blank", stanza({ Version: "1.0 (evil)" })],
  ["X08: Architecture is of another index", stanza({ Architecture: "s390x" })],
  ["M15: Architecture is missing", stanza({ Architecture: undefined })],
  ["X06: Package holds a letter that only looks like one", stanza({ Package: "ev\u0456l" })],
  ["X06: Package holds a slash", stanza({ Package: "../evil" })],
  ["M10: a control byte", stanza({ Description: "bell \u0007" })],
  ["M10: a carriage return inside a value", stanza({ Description: "one\rFilename: pool/two" })],
  ["M05: Size has 31 digits", stanza({ Size: `1${"0".repeat(30)}` })],
  ["M05: Size is hexadecimal", stanza({ Size: "0x10" })],
  ["M05: Size has a fraction", stanza({ Size: "10.0" })],
  ["M15: Version is empty", stanza({ Version: "" })],
  ["M15: Size is missing", stanza({ Size: undefined })],
  ["M22: the epoch is no number", stanza({ Version: "a:1.0" })],
  ["M22: the revision is empty", stanza({ Version: "1.0-" })],
  ["M22: Version holds an underscore", stanza({ Version: "1_0" })],
  ["M10: a NUL in a description", stanza({ Description: "one\0two" })],
  ["M10: an escape in a description", stanza({ Description: "\u001b[2J" })],
  ["M17: a field name that holds a blank", `${stanza({})}Evil Field: yes\n`],
  ["M17: a field name that starts a comment", `${stanza({})}#Evil: yes\n`],
  ["M17: a field name with bytes above 127", Buffer.from(`${stanza({})}Evil\u00ff: yes\n`, "latin1").toString("latin1")],
  ["M17: a field without a name", `${stanza({})}: Evil: yes\n`],
  ["M09: a byte order mark before the first field", `\ufeff${stanza({})}`],
  ["M17: a field name that starts with a dash", `${stanza({})}-Evil: yes\n`],
  ["Depends that apt cannot read", stanza({ Depends: "hello tool" })],
  ["Enhances that is not closed", stanza({ Enhances: "hello (>= 1.0" })],
  ["Provides that is empty", stanza({ Provides: "" })],
  ["Description-md5 that is no digest", stanza({ "Description-md5": "x" })],
  ["Optional, an old name of Suggests, that apt cannot read", stanza({ Optional: ")" })],
  ["Section that apt cannot keep", stanza({ Section: "x".repeat(65_535) })],
  ["a version in Depends that apt cannot keep", stanza({ Depends: `hello (>= ${"1".repeat(65_535)})` })],
  ["more bytes than apt reads of a stanza", stanza({ Description: "x".repeat(2 * 1024 * 1024) })],
];

for (const [name, text] of REFUSED) {
  test(`${name}: the stanza is left out with a warning`, async (t) => {
    const place = { architecture: "amd64" };
    const lower = upstream().deb(deb("evil", "9.9")).deb(deb("good"));
    const world = await newWorld(t, { top: upstream().deb(text, place).deb(deb("fine")), lower });
    const { warnings, problems } = await assertPublished(world);
    assert.deepEqual(warnings, ["STANZA_REFUSED"]);
    assert.equal(problems[0]?.mirror, "top");
    const index = await world.index();
    // Of that name nothing is published: the lower mirror does not inherit it.
    const readable = /^Package: evil$/m.test(text) && !name.includes("Package stands");
    const packages = await world.packages();
    assert.ok(packages.includes("fine 1.0"));
    assert.equal(packages.includes("evil 9.9"), !readable, index);
    assert.doesNotMatch(index, /etc|evil\.example|\.\.|\\|\?|#|\r|\0|Evil:|FILENAME|other\.deb|s390x/);
  });
}

const KEPT: readonly (readonly [name: string, changes: Readonly<Record<string, string>>, encoding: "utf8" | "latin1"])[] = [
  ["M08: a name that JavaScript objects have", { Package: "constructor" }, "utf8"],
  ["M08: a name of digits", { Package: "2048" }, "utf8"],
  ["M17: fields that JavaScript objects have", { __proto: "x", toString: "y" }, "utf8"],
  ["M11: letters and separators beyond ASCII", { Description: "caf\u00e9 \u2028 \ufeff" }, "utf8"],
  ["M11: bytes that are no UTF-8", { Description: "caf\u00e9 \u0085" }, "latin1"],
  ["M08: a version of many digits", { Version: "9007199254740993" }, "utf8"],
];

for (const [name, changes, encoding] of KEPT) {
  test(`${name}: the stanza is kept byte for byte`, async (t) => {
    const bytes = Buffer.from(stanza(changes), encoding);
    const world = await newWorld(t, { top: upstream().deb(bytes) });
    const { warnings } = await assertPublished(world);
    assert.deepEqual(warnings, []);
    assert.equal(await world.index(), `${bytes.toString("latin1").replace("Filename: pool/", "Filename: pool/TOP/")}\n`);
  });
}

test("X01: a higher version in a lower mirror does not show", async (t) => {
  const world = await newWorld(t, { top: upstream().deb(deb("sudo", "1.0")), lower: upstream().deb(deb("sudo", "99:1.0")) });
  await assertPublished(world);
  assert.deepEqual(await world.packages(), ["sudo 1.0"]);
  assert.match(await world.index(), /^Filename: pool\/TOP\//m);
});

test("X01: a name of a higher mirror in capitals is the same name, as clients take it", async (t) => {
  const lower = upstream().deb(deb("SUDO", "99:1.0")).deb(deb("Own", "1.0"));
  const world = await newWorld(t, { top: upstream().deb(deb("sudo", "1.0")), lower });
  const { warnings, problems } = await assertPublished(world);
  assert.deepEqual(await world.packages(), ["Own 1.0", "sudo 1.0"]);
  assert.deepEqual(warnings, ["STANZA_REFUSED"]);
  assert.match(problems[0]?.message ?? "", /"SUDO".*clients take its name for "sudo"/);
});

test("X02: a top mirror that is made to fail does not hand its names down", async (t) => {
  const lower = (number: number): Archive =>
    upstream()
      .deb(deb("sudo", `99:${number}`))
      .at(`2026-10-01T0${number}:00:00Z`);
  const world = await newWorld(t, { top: upstream().deb(deb("sudo", "1.0")), lower: lower(1) });
  await assertPublished(world);
  for (const [number, rule] of [
    [2, status(500)],
    [3, status(404)],
    [4, status(200, {}, "login")],
  ] as const) {
    await world.publish("lower", lower(number));
    world.mirror("top").rules = [[/./, rule]];
    const before = await world.tree({ inodes: true });
    const { exit } = await world.run();
    assert.ok([4, 5].includes(exit));
    assert.deepEqual(await world.tree({ inodes: true }), before);
  }
  assert.deepEqual(await world.packages(), ["sudo 1.0"]);
});

test("M20: one name and version with other files in two mirrors gives the winner's stanza, whole, and a warning with both digests", async (t) => {
  const world = await newWorld(t, {
    top: upstream().deb({ ...deb("hello"), content: "built here", Depends: "libtop" }),
    lower: upstream().deb({ ...deb("hello"), content: "built there", Depends: "liblower" }),
  });
  const { warnings, problems } = await assertPublished(world);
  assert.deepEqual(warnings, ["STANZA_CONFLICT"]);
  assert.equal(problems[0]?.message.match(/[0-9a-f]{64}/g)?.length, 2);
  const index = await world.index();
  assert.equal(index.match(/^Package: hello$/gm)?.length, 1);
  assert.match(index, /^Depends: libtop$/m);
  assert.ok(index.includes(problems[0]?.message.match(/[0-9a-f]{64}/g)?.[0] ?? "?"));
});

test("M21: one name and version with other files twice in one mirror gives the first, and a warning", async (t) => {
  const world = await newWorld(t, {
    top: upstream()
      .deb({ ...deb("hello"), content: "one", Tag: "first" })
      .deb({ ...deb("hello"), content: "two", Tag: "second" }),
  });
  const { warnings } = await assertPublished(world);
  assert.deepEqual(warnings, ["STANZA_CONFLICT"]);
  assert.match(await world.index(), /^Tag: first$/m);
  assert.doesNotMatch(await world.index(), /second/);
});

test("M19: the same stanza twice is emitted once, without a word", async (t) => {
  const world = await newWorld(t, { top: upstream().deb(deb("hello")).deb(deb("hello")) });
  const { warnings } = await assertPublished(world);
  assert.deepEqual([warnings, await world.packages()], [[], ["hello 1.0"]]);
});

test("X07: a source of the top mirror's name in a lower mirror does not show", async (t) => {
  const world = await newWorld(
    t,
    {
      top: upstream().deb(deb("hello", "1.0")).source({ Package: "hello", Version: "1.0" }),
      lower: upstream().deb(deb("other", "1.0")).source({ Package: "hello", Version: "99" }),
    },
    { suites: { merged: { architectures: ["amd64", "source"] } } },
  );
  await assertPublished(world);
  assert.deepEqual(await world.packages("merged", "main/source"), ["hello 1.0"]);
});

test("M28: a source whose Directory or files leave the archive is left out", async (t) => {
  const base = { Package: "evil", Version: "1.0" };
  const world = await newWorld(
    t,
    {
      top: upstream()
        .deb(deb("hello"))
        .source({ ...base, Directory: "pool/../../etc" })
        .source({ ...base, Package: "evil2", "Checksums-Sha256": `\n ${DIGEST} 10 ../../x.dsc` })
        .source({ Package: "hello", Version: "1.0" }),
    },
    { suites: { merged: { architectures: ["amd64", "source"] } } },
  );
  const { warnings } = await assertPublished(world);
  assert.deepEqual([warnings, await world.packages("merged", "main/source")], [["STANZA_REFUSED", "STANZA_REFUSED"], ["hello 1.0"]]);
});

test("X16: upstream's Release steers no client of ours", async (t) => {
  const fields = {
    "Signed-By": "F".repeat(40),
    Snapshots: "https://evil.example/@SNAPSHOTID@",
    Changelogs: "https://evil.example/@CHANGEPATH@",
    NotAutomatic: "yes",
    "Valid-Until": "Thu, 01 Jan 2099 00:00:00 UTC",
  };
  const world = await newWorld(t, { top: upstream().deb(deb("hello")).fields(fields) });
  await assertPublished(world);
  assert.doesNotMatch(await world.read("dists/merged/Release"), /evil|Signed-By|NotAutomatic|Valid-Until/);
});

for (const path of [
  "../../../../etc/evil",
  "/etc/evil",
  "main/../../evil",
  "main/binary-amd64/%2e%2e/Packages.xz",
  "a\\b",
  "x".repeat(6000),
]) {
  test(`M01: a Release that lists ${JSON.stringify(path.slice(0, 40))} makes nobody ask for it`, async (t) => {
    const world = await newWorld(t, {
      top: upstream()
        .deb(deb("hello"))
        .editRelease((text) => `${text} ${DIGEST} 10 ${path}\n`),
    });
    await assertPublished(world);
    assert.deepEqual(
      world.mirror("top").requests.filter(({ path: asked }) => /evil|\.\.|\\|xxx|%/.test(asked)),
      [],
    );
  });
}

test("M01: a Release that lists a path with a NUL is refused whole", async (t) => {
  const edit = (text: string): string => `${text} ${DIGEST} 10 main/binary-amd64/\0Packages.xz\n`;
  const world = await newWorld(t, { top: upstream().deb(deb("hello")).editRelease(edit) });
  const { problems } = await assertRefused(world, "CLEARSIGN_MALFORMED", 5);
  assert.match(problems[0]?.message ?? "", /InRelease of top\/stable: line \d+ has a NUL byte/);
});

for (const size of ["-1", "0x10", "1e3", "1.5", "99999999999999999999999999"]) {
  test(`M05: a Release with the size ${size} is malformed`, async (t) => {
    const edit = (text: string): string => text.replace(/^( \S+ +)\d+( main\/binary-amd64\/Packages\.xz)$/m, `$1${size}$2`);
    const world = await newWorld(t, { top: upstream().deb(deb("hello")).editRelease(edit) });
    await assertRefused(world, "RELEASE_MALFORMED", 6);
  });
}

test("M02: a Release that lists one file twice with other digests is malformed", async (t) => {
  const edit = (text: string): string => `${text} ${DIGEST}        1 main/binary-amd64/Packages.xz\n`;
  const world = await newWorld(t, { top: upstream().deb(deb("hello")).editRelease(edit) });
  await assertRefused(world, "RELEASE_MALFORMED", 6);
});

test("M04: an index that says it has 20 GB is refused, and the message names the option", async (t) => {
  const edit = (text: string): string => text.replace(/^( \S+ +)\d+( main\/binary-amd64\/Packages)$/m, "$120000000000$2");
  const world = await newWorld(t, { top: upstream().deb(deb("hello")) });
  await assertPublished(world);
  await world.publish("top", upstream().deb(deb("hello", "2")).at("2026-10-01T12:00:00Z").editRelease(edit));
  const { problems } = await assertRefused(world, "INDEX_TOO_LARGE", 6);
  assert.match(problems[0]?.message ?? "", /20000000000 bytes, max-index-size/);
});
