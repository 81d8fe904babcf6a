/** Signed indices whose text is odd: what is carried byte for byte, what is left out, what is refused whole, with the published tree as it was. */
import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import test from "node:test";
import { scanStanzas } from "../../lib/deb822/stanza-table.ts";
import { hasAptLibrary } from "../real/relations-by-apt.ts";
import type { Archive } from "../support/archive.ts";
import { runWell } from "../support/child.ts";
import { compressed } from "../support/compressed.ts";
import { without } from "../support/needs.ts";
import { assertPublished, assertRefused } from "../support/refused.ts";
import { temporaryFolder } from "../support/temporary.ts";
import { deb, newWorld, type TestWorld, upstream } from "../support/world.ts";

const PACKAGES = "main/binary-amd64/Packages";
const calm = upstream().deb(deb("hello"));

const digest = (bytes: Buffer, kind = "sha256"): string => createHash(kind).update(bytes).digest("hex");

/** Serves this text in one form, listed as it is, or with another uncompressed digest. */
async function publish(
  world: TestWorld,
  text: Buffer | string,
  plain = digest(Buffer.from(text)),
  form: "gz" | "xz" = "gz",
): Promise<void> {
  const bytes = Buffer.from(text);
  const packed = await compressed(bytes, form);
  const lines = [` ${plain} ${bytes.length} ${PACKAGES}`, ` ${digest(packed)} ${packed.length} ${PACKAGES}.${form}`].join("\n");
  const edit = (release: string): string => `${release.replace(/^ .*\/Packages(\.xz)?\n/gm, "")}${lines}\n`;
  await world.publish("base", calm.at("2026-10-01T12:00:00Z").editRelease(edit));
  world.mirror("base").tree.set(`dists/stable/${PACKAGES}.${form}`, packed);
}

const stanza = (name: string, more = ""): string =>
  `Package: ${name}\nVersion: 2\nArchitecture: amd64\nFilename: pool/main/${name}.deb\nSize: 1\nSHA256: ${"a".repeat(64)}\n${more}`;

async function assertTextRefused(
  t: Parameters<typeof newWorld>[0],
  text: Buffer | string,
  code: string,
  message: RegExp,
  ...listed: [plain?: string, form?: "gz" | "xz"]
) {
  const world = await newWorld(t, { base: calm });
  await assertPublished(world);
  await publish(world, text, ...listed);
  const { problems } = await assertRefused(world, code, code === "INDEX_MISMATCH" ? 5 : 6);
  assert.match(problems[0]?.message ?? "", message);
  assert.deepEqual([problems[0]?.mirror, problems[0]?.suite], ["base", "stable"]);
}

// xz is scanned while it is decompressed: what is found there must not be told of a text that nobody vouches for.
for (const form of ["gz", "xz"] as const) {
  for (const [what, text] of [
    ["whose text", stanza("hello")],
    ["whose text is no index and", `${stanza("hello")}\nnonsense\n`],
  ] as const) {
    test(`M07: a .${form} ${what} is not what Release lists for the uncompressed path is refused, though the file is`, async (t) => {
      const other = "0".repeat(64);
      const message = new RegExp(`Packages" of base/stable: its SHA256 is ${digest(Buffer.from(text))}, the signed Release says ${other}`);
      await assertTextRefused(t, text, "INDEX_MISMATCH", message, other, form);
    });
  }
}

test("M09: an index in xz whose text is no index is refused when the text is proven", async (t) => {
  await assertTextRefused(t, `${stanza("hello")}\nnonsense\n`, "INDEX_MALFORMED", /line 8 is "nonsense"/, undefined, "xz");
});

for (const [what, text, message] of [
  ["with line ends of other systems", `${stanza("hello")}\n${stanza("other")}`.replaceAll("\n", "\r\n"), /line 7 is "\\r", it must be/],
  ["in UTF-16", Buffer.from(`${stanza("hello")}\n${stanza("other")}`, "utf16le"), /line \d+ is /],
] as const) {
  test(`M09: an index ${what} is refused, never rewritten`, (t) => assertTextRefused(t, text, "INDEX_MALFORMED", message));
}

test("M09: one stanza with line ends of other systems is left out", async (t) => {
  const world = await newWorld(t, { base: calm.deb(stanza("other").replaceAll("\n", "\r\n")) });
  const { problems, warnings } = await assertPublished(world);
  assert.deepEqual(warnings, ["STANZA_REFUSED"]);
  assert.match(problems[0]?.message ?? "", /control byte 0x0d/);
});

for (const [what, edit] of [
  ["with a byte order mark before Date", (text: string) => text.replace(/^Date:/m, "\ufeffDate:")],
  ["in UTF-16", (text: string) => Buffer.from(text, "utf16le").toString("latin1")],
] as const) {
  test(`M09: a Release ${what} is not read as if it were without`, async (t) => {
    const world = await newWorld(t, { base: calm });
    await assertPublished(world);
    await world.publish("base", calm.at("2026-10-01T12:00:00Z").editRelease(edit));
    const before = await world.tree({ inodes: true });
    const { exit, errors } = await world.run();
    assert.ok([5, 6].includes(exit), errors.join(" "));
    assert.deepEqual(await world.tree({ inodes: true }), before);
  });
}

for (const [what, bytes] of [
  ["a lone surrogate, written as three bytes", Buffer.from([0xed, 0xa0, 0x80])],
  ["NEL, NBSP and U+2028", Buffer.from("a\u0085b\u00a0c\u2028d")],
  ["Latin-1", Buffer.from([0xe9, 0xff, 0x85, 0xa0])],
  ["a delete and C1 bytes", Buffer.from([0x7f, 0x80, 0x9b])],
] as const) {
  test(`M11: ${what} in a value go through byte for byte`, async (t) => {
    const text = Buffer.concat([Buffer.from(`${stanza("odd")}Description: `), bytes, Buffer.from("\n")]);
    const world = await newWorld(t, { base: calm.deb(text) });
    const { warnings } = await assertPublished(world);
    assert.deepEqual(warnings, []);
    const [, published = ""] = (await world.index()).split("\n\n");
    assert.equal(published.trimEnd(), text.toString("latin1").trimEnd().replace("pool/", "pool/BASE/"));
  });
}

test("M08: odd case, odd order and fields that nobody knows stay as they are", async (t) => {
  const text = `X-Unknown: 1\nSHA256: ${"a".repeat(64)}\nsize: 1\nPACKAGE:odd\nfilename:   pool/odd.deb\nversion:\t2 \nARCHITECTURE: amd64\nx-more:\n two\n`;
  const world = await newWorld(t, { base: upstream().deb(text, { architecture: "amd64" }) });
  const { warnings } = await assertPublished(world);
  assert.deepEqual(warnings, []);
  assert.equal(await world.index(), `${text.replace("pool/", "pool/BASE/")}\n`);
});

const FORMS: readonly (readonly [what: string, text: string, names: readonly string[]])[] = [
  ["no newline at the end", `${stanza("a")}\n${stanza("b")}`.trimEnd(), ["a", "b"]],
  ["many empty lines", `\n\n\n${stanza("a")}\n\n\n\n${stanza("b")}\n\n\n`, ["a", "b"]],
  ["a line of blanks behind an empty one", `${stanza("a")}\n \t\n${stanza("b")}`, ["a", "b"]],
  ["nothing", "", []],
  ["empty lines alone", "\n\n\n", []],
];

/** As apt's own parser takes the text apart; empty lines at the beginning are an empty stanza for it. */
const BY_APT =
  'import apt_pkg,sys\nwith apt_pkg.TagFile(open(sys.argv[1])) as f:\n  print(" ".join(s["Package"] for s in f if "Package" in s))\n';

for (const [what, text, names] of FORMS) {
  test(`M13: an index with ${what} is read as it stands`, async (t) => {
    const world = await newWorld(t, { base: calm }, { config: { policy: { "max-shrink": "100%" } } });
    await publish(world, text);
    await assertPublished(world);
    assert.deepEqual(
      await world.packages(),
      names.map((name) => `${name} 2`),
    );
    assert.equal((await world.index()).endsWith("\n\n") || names.length === 0, true);
  });
}

test("M13: where stanzas part is where apt parts them", async (t) => {
  if (!(await hasAptLibrary())) return void without(t, "not installed: python3-apt (apt-get install provides it)");
  // A line of blanks inside a stanza does not end it for apt; what clients see is what must be decided on.
  const forms = [...FORMS.map(([, text]) => text), `${stanza("a")} \nTag: x\n\n${stanza("b")}`, `${stanza("a")}\t\n\n${stanza("b")}`];
  const file = join(await temporaryFolder(), "Packages");
  for (const text of forms.filter((one) => one.trim() !== "")) {
    await writeFile(file, text);
    // The system's own Python, which has apt's library.
    const stdout = await runWell("env", ["/usr/bin/python3", "-c", BY_APT, file]);
    const table = scanStanzas(Buffer.from(text), ["package"], {});
    const own = Array.from({ length: table.count }, (_, i) => text.slice(table.spans[i * 2], table.spans[i * 2 + 1]));
    assert.equal(own.join(" "), stdout.toString().trim(), JSON.stringify(text));
  }
});

for (const [what, text, message] of [
  ["whose first line continues nothing", ` continued\n${stanza("hello")}`, /line 1 continues a field but none is open/],
  ["in which a later stanza begins with a continuation", `${stanza("hello")}\n continued\n${stanza("x")}`, /line 8 continues a field/],
  ["with a line that has no colon", `${stanza("hello")}nothing\n`, /line 7 is "nothing", it must be "Field: value"/],
] as const) {
  test(`M18: an index ${what} is refused, with file and line`, (t) =>
    assertTextRefused(t, text, "INDEX_MALFORMED", new RegExp(`base/stable main/binary-amd64/Packages: ${message.source}`)));
}

// CONTRACT: max-shrink is of the suite, and the exit status is 9.
test("M14: an index that lost all its stanzas holds the suite, and the message says how many of whose", async (t) => {
  const many = Array.from({ length: 60 }, (_, number) => deb(`package${number}`));
  const world = await newWorld(t, { base: upstream().debs(many), other: upstream().debs([deb("a"), deb("b")]) });
  await assertPublished(world);
  await world.publish("base", upstream().at("2026-10-01T12:00:00Z"));
  const { problems } = await assertRefused(world, "SUITE_SHRANK", 9);
  assert.match(
    problems[0]?.message ?? "",
    /^Cannot publish suite "merged": it would go from 62 stanzas to 2, which is 96\.8% less, max-shrink is 20%$/,
  );
  assert.match(problems[0]?.hint ?? "", /--accept-shrink/);
});

// CONTRACT: `all` is folded into each architecture.
for (const noSupport of [false, true]) {
  test(`M23: packages for all stand once, ${noSupport ? "though they are listed in two indices" : "though they come in an index of their own"}`, async (t) => {
    const base = upstream().deb(deb("hello")).deb({ Package: "data", Version: "1", Architecture: "all" }).splitAll({ noSupport });
    const world = await newWorld(t, { base });
    const { warnings } = await assertPublished(world);
    assert.deepEqual([warnings, await world.packages()], [[], ["data 1", "hello 1.0"]]);
    const release = await world.read("dists/merged/Release");
    assert.match(release, /^No-Support-for-Architecture-all: Packages$/m);
    assert.doesNotMatch(release, /binary-all/);
  });
}

test("M23: one package for all in both indices of a mirror that asks for both stands once", async (t) => {
  const both = upstream().deb(deb("hello")).deb({ Package: "data", Version: "1", Architecture: "all" }).splitAll({ noSupport: true });
  const base = both.editRelease((release) => release.replace(/^No-Support-for-Architecture-all.*\n/m, ""));
  const world = await newWorld(t, { base });
  const { warnings } = await assertPublished(world);
  assert.deepEqual([warnings, await world.packages()], [[], ["data 1", "hello 1.0"]]);
});

const md5 = digest(Buffer.from("long words\n of it\n"), "md5");
const followed = (version: string): Archive =>
  upstream()
    .deb({ ...deb("hello", version), Description: "long words", "Description-md5": md5 })
    .index("main/i18n/Translation-en", `Package: hello\nDescription-md5: ${md5}\nDescription-en: long words\n of it\n`)
    .index("main/Contents-amd64", "usr/bin/hello misc/hello\n");

for (const path of ["main/i18n/Translation-en", "main/Contents-amd64"]) {
  test(`M24: ${path} that a mirror lists and does not have is told and left out, never taken from before`, async (t) => {
    const world = await newWorld(t, { base: followed("1") });
    await assertPublished(world);
    assert.match(await world.text(path), /hello/);
    const next = followed("2").at("2026-10-01T12:00:00Z");
    await world.publish(
      "base",
      next.index(path, "").tamper(`dists/stable/${path}.xz`, () => undefined),
    );
    const changed = followed("2").at("2026-10-01T12:00:00Z").index("main/i18n/Translation-de", "");
    await world.publish(
      "base",
      changed.tamper(`dists/stable/${path}.xz`, () => undefined),
    );
    // The index itself did not change: its stored copy is the one that the Release lists, and may be used.
    await assertPublished(world);
    assert.match(await world.text(path), /hello/);
    const other = upstream()
      .deb({ ...deb("hello", "3"), Description: "long words", "Description-md5": md5 })
      .at("2026-10-01T13:00:00Z")
      .index(path, "other text of it\n")
      .tamper(`dists/stable/${path}.xz`, () => undefined);
    await world.publish("base", other);
    const { warnings, problems } = await assertPublished(world);
    assert.deepEqual([warnings, await world.packages()], [["INDEX_ABSENT"], ["hello 3"]]);
    assert.deepEqual([problems[0]?.mirror, problems[0]?.suite], ["base", "stable"]);
    assert.doesNotMatch(await world.read("dists/merged/Release"), new RegExp(` ${path}`));
    await assert.rejects(world.text(path), /ENOENT/);
  });
}

test("M25: without a Translation the stanza keeps its Description and Description-md5 as they are", async (t) => {
  const base = upstream().deb({ ...deb("hello"), Description: "long words", "Description-md5": md5 });
  const world = await newWorld(t, { base });
  await assertPublished(world);
  const text = await world.index();
  assert.match(text, /^Description: long words$/m);
  assert.match(text, new RegExp(`^Description-md5: ${md5}$`, "m"));
  assert.doesNotMatch(await world.read("dists/merged/Release"), /i18n/);
});

test("M25: a whole Description in a stanza stays whole, with and without a Translation", async (t) => {
  const whole = "long words\n of it";
  const plan = upstream().deb({ ...deb("hello"), Description: whole });
  for (const base of [plan, plan.index("main/i18n/Translation-en", "")]) {
    const world = await newWorld(t, { base });
    await assertPublished(world);
    assert.match(await world.index(), /^Description: long words\n of it$/m);
  }
});
