import assert from "node:assert/strict";
import { test } from "node:test";
import { gatherMembers } from "../../config/from-apt/members.ts";
import { planMirrors } from "../../config/from-apt/mirrors.ts";
import { readOneLine } from "../../config/from-apt/one-line.ts";
import { otherCodename, planFields } from "../../config/from-apt/release-fields.ts";
import { type PlannedSuite, planSuites } from "../../config/from-apt/suites.ts";
import { MergeError } from "../../lib/errors.ts";

const DEFAULTS = { architectures: ["amd64"] };
type Known = Readonly<Record<string, Readonly<Record<string, string>>>>;

/** @param known what apt fetched: `mirror/suite` to fields */
async function plan(sources: string, known: Known = {}, fetched: Known = {}): Promise<readonly PlannedSuite[]> {
  const { mirrors } = planMirrors(readOneLine(sources, "/x.list", DEFAULTS).entries);
  const fieldsOf = (from: Known, key: string) => (from[key] === undefined ? undefined : new Map(Object.entries(from[key])));
  const members = await gatherMembers(mirrors, {
    listed: async (uri, suite) => fieldsOf(known, `${uri.replace(/^.*\//, "")}/${suite}`),
    fetched: async (mirror, suite) => fieldsOf(fetched, `${mirror.name}/${suite}`),
  });
  return planSuites(members);
}

const brief = (suites: readonly PlannedSuite[]): Record<string, string> =>
  Object.fromEntries(suites.map(({ name, from }) => [name, from.map(({ mirror, suite }) => `${mirror.name}/${suite}`).join(" ")]));

const line = (archive: string, ...suites: readonly string[]): string =>
  suites.map((suite) => `deb http://${archive}.example/${archive} ${suite} ${suite.endsWith("/") ? "" : "main"}\n`).join("");
const APART = { notautomatic: "yes" };

for (const [name, sources, known, expected] of [
  ["one suite", line("debian", "stable"), {}, { stable: "debian/stable" }],
  [
    "a release with security and updates, whatever their order",
    line("debian", "trixie", "trixie-updates") + line("security", "trixie-security"),
    {},
    { trixie: "security/trixie-security debian/trixie-updates debian/trixie" },
  ],
  [
    "the old name of security",
    line("security", "buster/updates") + line("debian", "buster"),
    {},
    { buster: "security/buster/updates debian/buster" },
  ],
  [
    "a release by its role",
    line("debian", "stable", "stable-security", "stable-updates"),
    {},
    { stable: "debian/stable-security debian/stable-updates debian/stable" },
  ],
  [
    "two releases",
    line("debian", "stable", "next", "next-updates"),
    {},
    { stable: "debian/stable", next: "debian/next-updates debian/next" },
  ],
  ["proposed updates", line("debian", "stable", "stable-proposed-updates"), {}, { stable: "debian/stable-proposed-updates debian/stable" }],
  [
    "proposed updates that are NotAutomatic",
    line("debian", "stable", "stable-proposed"),
    { "debian/stable-proposed": APART },
    { stable: "debian/stable", "stable-proposed": "debian/stable-proposed" },
  ],
  [
    "backports by name",
    line("debian", "stable", "stable-backports"),
    {},
    { stable: "debian/stable", "stable-backports": "debian/stable-backports" },
  ],
  [
    "sloppy backports and experimental by name",
    line("debian", "stable", "stable-backports-sloppy", "experimental", "rc-buggy"),
    {},
    {
      stable: "debian/stable",
      "stable-backports-sloppy": "debian/stable-backports-sloppy",
      experimental: "debian/experimental",
      "rc-buggy": "debian/rc-buggy",
    },
  ],
  [
    "a third party's suite of the same name",
    line("vendor", "stable") + line("debian", "stable", "stable-updates"),
    {},
    { stable: "debian/stable-updates debian/stable vendor/stable" },
  ],
  [
    "a third party's updates after the release",
    line("vendor", "stable-updates") + line("debian", "stable"),
    { "vendor/stable-updates": { origin: "Vendor" }, "debian/stable": { origin: "Debian" } },
    { stable: "debian/stable vendor/stable-updates" },
  ],
  [
    "a third party's NotAutomatic suite of the same name",
    line("debian", "stable") + line("vendor", "stable"),
    { "vendor/stable": APART, "debian/stable": { origin: "Debian" } },
    { stable: "debian/stable", "stable-vendor": "vendor/stable" },
  ],
  [
    "a third party's other suite",
    line("debian", "stable") + line("vendor", "nodistro"),
    {},
    { stable: "debian/stable", nodistro: "vendor/nodistro" },
  ],
  [
    "companions without their release",
    line("debian", "stable-updates", "stable-security"),
    {},
    { "stable-updates": "debian/stable-updates", "stable-security": "debian/stable-security" },
  ],
  [
    "a flat archive, named after its mirror",
    line("debian", "stable") + line("vendor", "./"),
    {},
    { stable: "debian/stable", vendor: "vendor/./" },
  ],
  ["two flat folders of one mirror", line("vendor", "./", "sub/"), {}, { vendor: "vendor/./", "vendor-sub": "vendor/sub/" }],
  ["flat archives of two mirrors apart", line("one", "./") + line("two", "./"), {}, { one: "one/./", two: "two/./" }],
  [
    "a flat archive named like a release",
    line("debian", "vendor") + line("vendor", "./"),
    {},
    { vendor: "debian/vendor", "vendor-flat": "vendor/./" },
  ],
  ["one suite named twice", line("debian", "stable", "stable"), {}, { stable: "debian/stable" }],
] as const) {
  test(`planSuites: ${name}`, async () => assert.deepEqual(brief(await plan(sources, known)), expected));
}

test("planSuites: the suites come in order of appearance", async () => {
  assert.deepEqual(Object.keys(brief(await plan(line("b", "zeta") + line("a", "alpha", "zeta-updates")))), ["zeta", "alpha"]);
});

test("a Release that apt lacks is asked for, and decides as apt's would", async () => {
  const suites = await plan(line("debian", "stable", "edge"), {}, { "debian/edge": { notautomatic: "yes", origin: "Edge" } });
  assert.deepEqual(
    suites.map(({ name, apart }) => [name, apart]),
    [
      ["stable", false],
      ["edge", true],
    ],
  );
});

test("gatherMembers: components and architectures are united, deb-src adds sources", async () => {
  const sources =
    "deb http://a.example/d s main\ndeb [arch=arm64] http://a.example/d s contrib main\ndeb-src [arch=mips] http://a.example/d s main\n";
  const [suite] = await plan(sources);
  const [member] = suite?.from ?? [];
  assert.deepEqual([member?.components, member?.architectures, member?.sources], [["main", "contrib"], ["amd64", "arm64"], true]);
});

test("planFields: the base suite's fields, in one line each, and nothing that leads clients elsewhere", async () => {
  const base = {
    origin: "Debian",
    label: "Debian",
    suite: "stable",
    codename: "trixie",
    version: "13.2",
    description: "a\n b\u0000c",
    "signed-by": "F",
    changelogs: "http://x.example/",
  };
  const [suite] = await plan(line("debian", "trixie", "trixie-updates"), {
    "debian/trixie": base,
    "debian/trixie-updates": { origin: "Debian", suite: "other" },
  });
  assert.deepEqual(suite && planFields(suite), {
    fields: [
      ["Origin", "Debian"],
      ["Label", "Debian"],
      ["Suite", "stable"],
      ["Version", "13.2"],
      ["Codename", "trixie"],
      ["Description", "a b c"],
    ],
    problems: [],
  });
});

test("planFields: a suite apart says so itself", async () => {
  const [suite] = await plan(line("debian", "x-backports"), {
    "debian/x-backports": { codename: "x-backports", notautomatic: "yes", butautomaticupgrades: "yes" },
  });
  assert.deepEqual(suite && planFields(suite).fields, [
    ["Codename", "x-backports"],
    ["NotAutomatic", "yes"],
    ["ButAutomaticUpgrades", "yes"],
  ]);
});

test("planFields: unknown fields leave the Codename and a warning", async () => {
  const [suite] = await plan(line("debian", "stable"));
  assert.ok(suite);
  const { fields, problems } = planFields(suite);
  assert.deepEqual(
    [fields, problems.map(({ code, severity }) => [severity, code])],
    [[["Codename", "stable"]], [["warning", "RELEASE_FIELDS_UNKNOWN"]]],
  );
});

test("a Release that cannot be had is told with the reason; a bug is not swallowed", async () => {
  const { mirrors } = planMirrors(readOneLine(line("debian", "stable"), "/x.list", DEFAULTS).entries);
  const failing = (error: Error) => ({ listed: async () => undefined, fetched: () => Promise.reject(error) });
  const [suite] = planSuites(await gatherMembers(mirrors, failing(new MergeError("MIRROR_UNREACHABLE", "the line is dead"))));
  assert.match(suite ? (planFields(suite).problems[0]?.message ?? "") : "", /the line is dead/);
  await assert.rejects(gatherMembers(mirrors, failing(new TypeError("a bug"))), TypeError);
});

for (const [name, suite, fields, codename, expected] of [
  ["known by its Codename", "trixie", { suite: "stable", codename: "trixie" }, undefined, "trixie"],
  ["known by its Suite", "stable", { suite: "stable", codename: "trixie" }, undefined, "trixie"],
  ["called otherwise by its Release", "stable", { suite: "latest", codename: "v1" }, "v1", "stable"],
  ["called otherwise by its Suite alone", "stable", { suite: "latest" }, "latest", "stable"],
  ["not named by its Release", "stable", { origin: "x" }, undefined, "stable"],
  ["flat", "./", { suite: "latest", codename: "v1" }, undefined, "debian"],
] as const) {
  test(`a suite ${name}: what it is asked for and what it becomes`, async () => {
    const [planned] = await plan(line("debian", suite), { [`debian/${suite}`]: fields });
    assert.ok(planned);
    assert.equal(otherCodename(planned.base), codename);
    assert.equal(new Map(planFields(planned).fields).get("Codename"), expected);
  });
}
