import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { test } from "node:test";
import { deb, newWorld, type TestWorld, upstream } from "../support/world.ts";

const md5 = (text: string): string => createHash("md5").update(`${text}\n`).digest("hex");

const entry = (name: string, text: string, language = "en", own = text): string =>
  `Package: ${name}\nDescription-md5: ${md5(text)}\nDescription-${language}: ${own}\n`;

const short = (name: string, text: string, version = "1.0"): ReturnType<typeof deb> => ({
  ...deb(name, version),
  ...{ Description: text.split("\n")[0], "Description-md5": md5(text) },
});

const SUITES = { suites: { merged: { from: ["overlay/stable", "base/stable"], components: ["main"], architectures: ["amd64"] } } };

test("translation: entries of the winners, from whichever mirror has them; those of losers stay out", async (t) => {
  const world = await newWorld(
    t,
    {
      overlay: upstream()
        .deb(short("forked", "ours\n our text", "2"))
        .deb(short("rebuilt", "the same\n as ever", "2"))
        .index("main/i18n/Translation-en", entry("forked", "ours\n our text")),
      base: upstream()
        .deb(short("forked", "theirs\n their text"))
        .deb(short("rebuilt", "the same\n as ever"))
        .deb(short("alone", "alone\n in base"))
        .index(
          "main/i18n/Translation-en",
          [
            entry("alone", "alone\n in base"),
            entry("forked", "theirs\n their text"),
            entry("gone", "gone\n long ago"),
            entry("rebuilt", "the same\n as ever"),
          ].join("\n"),
        ),
    },
    SUITES,
  );
  const { exit, problems } = await world.run();
  assert.equal(exit, 0, JSON.stringify(problems));
  const text = await world.text("main/i18n/Translation-en");
  assert.equal(
    text,
    [entry("alone", "alone\n in base"), entry("forked", "ours\n our text"), entry("rebuilt", "the same\n as ever")]
      .map((one) => `${one}\n`)
      .join(""),
  );
});

const LISTED = entry("alone", "alone\n in base");
const base = () => upstream().deb(short("alone", "alone\n in base")).deb(short("other", "other\n one"));

const translationsOf = async (world: TestWorld): Promise<readonly string[]> =>
  [...(await world.read("dists/merged/Release")).matchAll(/ main\/i18n\/(\S+)$/gm)].map(([, name = ""]) => name).sort();

test("translation: languages that are asked for, and only those; all takes every one", async (t) => {
  const several = ["en", "de", "pt_BR", "sr@latin"].reduce(
    (archive, language) => archive.index(`main/i18n/Translation-${language}`, entry("alone", "alone\n in base", language)),
    base().index("main/i18n/Translation-../../evil", "x"),
  );
  for (const [languages, expected] of [
    [undefined, ["en"]],
    [
      ["de", "fr", "pt_BR"],
      ["de", "pt_BR"],
    ],
    ["all", ["de", "en", "pt_BR", "sr@latin"]],
    [[], []],
  ] as const) {
    const world = await newWorld(t, { base: several }, { suites: { merged: languages === undefined ? {} : { languages } } });
    assert.equal((await world.run()).exit, 0);
    assert.deepEqual(
      await translationsOf(world),
      expected.flatMap((language) => [`Translation-${language}`, `Translation-${language}.gz`]),
    );
  }
});

test("translation: a kind that the config leaves out is neither fetched nor listed", async (t) => {
  const world = await newWorld(
    t,
    { base: base().index("main/i18n/Translation-en", LISTED) },
    { suites: { merged: { indices: ["packages"] } } },
  );
  assert.equal((await world.run()).exit, 0);
  assert.deepEqual(await translationsOf(world), []);
  assert.deepEqual(
    world.mirror("base").requests.filter(({ path }) => path.includes("i18n")),
    [],
  );
});

test("translation: a mirror that has none does not stop the others", async (t) => {
  const world = await newWorld(t, {
    overlay: upstream().deb(short("more", "more")),
    base: base().index("main/i18n/Translation-en", LISTED),
  });
  assert.equal((await world.run()).exit, 0);
  assert.match(await world.text("main/i18n/Translation-en"), /alone/);
});

const bad = (change: (bytes: Buffer) => Buffer | undefined) =>
  base().index("main/i18n/Translation-en", LISTED).tamper("dists/stable/main/i18n/Translation-en.xz", change);

for (const [what, archive, code] of [
  ["that is not there", bad(() => undefined), "INDEX_ABSENT"],
  ["with other bytes than signed", bad((bytes) => Buffer.from(bytes).reverse()), "INDEX_MISMATCH"],
  [
    "that is signed and no text of stanzas",
    base().index("main/i18n/Translation-en", `A: ${"b: c\n".repeat(10)}\nno field\n\n`),
    "INDEX_MALFORMED",
  ],
  [
    "with entries that cannot be read",
    base().index("main/i18n/Translation-en", `${LISTED}\nPackage: x\n\nDescription-md5: y\n`),
    "ENTRIES_UNREADABLE",
  ],
] as const) {
  test(`translation: a file ${what} is told, and the packages are published`, async (t) => {
    const world = await newWorld(t, { base: archive, other: upstream().deb(deb("more")) });
    const { exit, warnings, problems } = await world.run();
    assert.deepEqual([exit, warnings], [0, [code]], JSON.stringify(problems));
    assert.ok((await world.packages()).includes("alone 1.0"));
    if (code === "ENTRIES_UNREADABLE") {
      assert.match(problems[0]?.message ?? "", /^Left 2 entries of main\/i18n\/Translation-en of base\/stable out/);
      assert.match(await world.text("main/i18n/Translation-en"), /Package: alone/);
    } else {
      assert.deepEqual(await translationsOf(world), []);
      assert.match(problems[0]?.hint ?? "", /goes without main\/i18n\/Translation-en until/);
    }
  });
}

test("translation: it can be made essential", async (t) => {
  const world = await newWorld(t, { base: bad(() => undefined) }, { suites: { merged: { essential: ["packages", "translation"] } } });
  assert.deepEqual((await world.run()).errors, ["INDEX_ABSENT"]);
});

test("translation: the description that an override gives is the one that is looked for", async (t) => {
  const overrides = { "a.yaml": "- match: { package: alone }\n  set: { Description: other words }\n" };
  const world = await newWorld(
    t,
    { base: base().index("main/i18n/Translation-en", `${LISTED}\n${entry("alone", "other words")}`) },
    { overrides },
  );
  assert.equal((await world.run()).exit, 0);
  const text = await world.text("main/i18n/Translation-en");
  assert.ok(text.includes(md5("other words")) && !text.includes(md5("alone\n in base")), text);
});

test("translation: an entry may stand in another component than its package", async (t) => {
  const both = { components: ["main", "contrib"] };
  const overlay = upstream(both)
    .deb(short("moved", "moved\n here", "2"), { component: "contrib" })
    .index("contrib/i18n/Translation-en", "");
  const under = upstream(both).deb(short("moved", "moved\n here")).index("main/i18n/Translation-en", entry("moved", "moved\n here"));
  const world = await newWorld(t, { overlay, base: under }, { suites: { merged: { components: ["main", "contrib"] } } });
  assert.equal((await world.run()).exit, 0);
  assert.match(await world.text("contrib/i18n/Translation-en"), /Package: moved/);
  assert.equal(await world.text("main/i18n/Translation-en"), "");
});

test("translation: a dry run writes nothing and says what would be", async (t) => {
  const world = await newWorld(t, { base: base().index("main/i18n/Translation-en", LISTED) });
  const { exit, report } = await world.run({ dryRun: true });
  assert.equal(exit, 0);
  assert.deepEqual(
    report?.suites[0]?.indices.map(({ path, stanzas }) => [path, stanzas]),
    [
      ["main/binary-amd64/Packages", 2],
      ["main/i18n/Translation-en", 1],
    ],
  );
});
