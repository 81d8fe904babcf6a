/**
 * What Devuan does, with real Debian data: a small overlay that forks ten real source packages lies over bookworm, systemd is banned with all
 * that needs it. Real apt judges the result by its own reading of every relation.
 */
import assert from "node:assert/strict";
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import test, { type TestContext } from "node:test";
import type { Report } from "../../lib/report/report.ts";
import { isolatedApt } from "../support/apt.ts";
import { debianSuite, fieldOf } from "../support/debian-cut.ts";
import { newKey } from "../support/keys.ts";
import { machineSources, reachable } from "../support/machine-sources.ts";
import { needs, without } from "../support/needs.ts";
import { temporaryFolder } from "../support/temporary.ts";
import { aptmerge } from "./aptmerge.ts";
import { FORK, forkArchive } from "./fork-archive.ts";
import { hasAptLibrary, type Relations, relationsByApt } from "./relations-by-apt.ts";

const BASE = "bookworm";
/** Real sources with binaries that need systemd's, so that a fork without that need makes a difference. */
const FORKS = ["dbus", "policykit-1", "network-manager", "udisks2", "accountsservice", "colord", "rtkit", "procps", "util-linux", "nano"];
const BANNED = ["systemd", "systemd-sysv", "libpam-systemd", "libnss-systemd", "systemd-timesyncd", "dbus-user-session"];
/** A binary of the overlay that names a source which nobody has. */
const ORPHAN = "fork-keyring";

test("a Devuan-like merge of real bookworm: bans leak nowhere, and explain tells why", async (t) => {
  if (!needs(t, "apt-get", "dpkg", "xz")) return;
  if (!(await hasAptLibrary())) return void without(t, "not installed: python3-apt (apt-get install python3-apt provides it)");
  const source = (await machineSources()).find(({ suite, component }) => suite === BASE && component === "main");
  if (source === undefined) return void without(t, `this machine's apt has no ${BASE} with component main`);
  if (!(await reachable(source))) return void without(t, `not reachable: ${source.baseUri}`);

  const folder = await temporaryFolder();
  const debian = await debianSuite(BASE);
  const packages = await debian.stanzas(`main/binary-${source.architecture}/Packages`);
  const sources = await debian.stanzas("main/source/Sources");
  const key = await newKey({ userId: "Fork Archive" });
  const signing = await newKey({ userId: "Merged Archive" });
  const gone = [...BANNED, "default-logind", "logind", "default-dbus-session-bus", "dbus-session-bus"];
  const { architecture } = source;
  const { archive, names } = forkArchive({
    key,
    architecture,
    packages,
    sources,
    forks: FORKS,
    without: gone,
    date: new Date(Date.now() - 3_600_000),
  });
  const orphan = { Package: ORPHAN, Version: "1", Architecture: "all", Source: "fork-keyring-source" };
  for (const [path, bytes] of await archive.deb(orphan, { architecture }).build()) await put(join(folder, "fork", path), bytes);
  await put(join(folder, "fork.asc"), key.publicArmored);
  await put(join(folder, "signing-key.asc"), signing.secretArmored, 0o600);
  await put(join(folder, "indices/override.merged.main"), "nano required editors\n");
  await put(
    join(folder, "indices/50-no-systemd.yaml"),
    `- match: { package: "gnome-*" }\n  drop-relations: { Recommends: [${BANNED.join(", ")}], Suggests: ["systemd*"] }\n  reason: no systemd here\n`,
  );
  const config = (name: string, policy: object): Promise<void> =>
    put(
      join(folder, `${name}.yaml`),
      JSON.stringify({
        state: `state-${name}`,
        output: `output-${name}`,
        overrides: "indices",
        sign: [{ key: "signing-key.asc" }],
        mirrors: {
          fork: { url: join(folder, "fork"), "signed-by": "fork.asc", pool: "FORK" },
          debian: { url: source.baseUri, "signed-by": source.keyrings, pool: "DEBIAN", "check-valid-until": false },
        },
        suites: {
          merged: {
            from: ["fork/fork", `debian/${BASE}`],
            components: ["main"],
            architectures: [architecture, "source"],
            indices: ["packages", "sources"],
            release: { Origin: "Fork", Label: "Fork" },
          },
        },
        policy: { pin: [{ source: "procps", mirror: "debian" }], ...policy },
        publish: { compress: { gz: 1 }, "ban-report": true },
      }),
    );
  await config("free", {});
  await config("banned", { ban: BANNED.map((name) => ({ package: name, reason: "no systemd here", report: ["recommends"] })) });
  const cli = (name: string, ...args: readonly string[]) => aptmerge(["--config", join(folder, `${name}.yaml`), ...args]);

  let report: Report | undefined;
  await t.test("both merges publish a sound tree", async () => {
    for (const name of ["free", "banned"]) {
      const merged = await cli(name, "merge", "--report", `json:${join(folder, `${name}.json`)}`);
      assert.equal(merged.rc, 0, merged.stderr);
      const verified = await cli(name, "verify", "--with-apt");
      assert.equal(verified.rc, 0, verified.stderr);
    }
    report = JSON.parse(await readFile(join(folder, "banned.json"), "utf8"));
  });
  const [suite] = report?.suites ?? [];
  assert.ok(suite);

  await t.test(
    "the bans take just what real apt's reading of the relations says, and nothing that is left needs what is gone",
    async () => {
      const [free, banned] = await Promise.all([
        relationsOf(t, folder, "free", architecture),
        relationsOf(t, folder, "banned", architecture),
      ]);
      const fallen = fallByApt(free, new Set(BANNED));
      assert.deepEqual([...free.keys()].filter((name) => !banned.has(name)).sort(), [...fallen].sort());
      assert.deepEqual(suite.banned.map(({ package: name }) => name).sort(), [...fallen].sort());
      for (const [name, versions] of banned) {
        const before = new Set((free.get(name) ?? []).flat().flatMap(({ group, takes }) => (takes.length > 0 ? [group] : [])));
        for (const { group, takes } of versions.flat())
          assert.ok(takes.length > 0 || !before.has(group), `${name} needs ${group}, which is gone`);
      }
      t.diagnostic(`${fallen.size - BANNED.length} packages need ${BANNED.length} banned ones, of ${free.size}`);
      assert.ok(fallen.size > BANNED.length + 50, "a scenario in which hardly anything falls proves little");
    },
  );

  await t.test("every chain leads by real relations from the package to a banned one", async () => {
    const text = new Map(packages.map((stanza) => [fieldOf(stanza, "Package"), stanza]));
    for (const { package: name, chain } of suite.banned) {
      assert.equal(chain[0], name);
      assert.ok(BANNED.includes(chain.at(-1) ?? ""), chain.join(" <- "));
      for (const [position, link] of chain.slice(0, -1).entries()) {
        const next = text.get(chain[position + 1]) ?? "";
        const offered = [
          chain[position + 1] ?? "",
          ...(fieldOf(next, "Provides") ?? "").split(",").map((one) => one.trim().split(/[ (]/)[0] ?? ""),
        ];
        const wants = `${fieldOf(text.get(link) ?? "", "Depends")},${fieldOf(text.get(link) ?? "", "Pre-Depends")}`;
        const wanted = wants.split(/[,|]/).map((one) => one.trim().split(/[ (:]/)[0] ?? "");
        assert.ok(
          offered.some((one) => wanted.includes(one)),
          `${link} does not need ${chain[position + 1]}`,
        );
      }
    }
  });

  const fell = suite.banned.find(({ chain }) => chain.length > 2);
  assert.ok(fell);
  const overridden = "gnome-session-bin";
  for (const [what, name, wanted] of [
    [
      "a forked package",
      "udisks2",
      [/wins {4}fork\/fork main \S+\+fork1/, /loses {3}debian\/bookworm main/, /source udisks2 \S+\+fork1: its stanza is that of "fork"/],
    ],
    [
      "a banned package",
      "systemd-sysv",
      [/banned {2}debian\/bookworm main 252\S*: policy\.ban\[1\]: ban package systemd-sysv/, /no systemd here/, /published: nothing/],
    ],
    [
      "a transitively banned package",
      fell.package,
      [/dropped/, new RegExp(`goes with it: ${fell.chain.join(" <- ").replaceAll("+", "\\+")}`)],
    ],
    ["an overridden package", "nano", [/override override\.merged\.main:1 sets Priority: required/, /sets Section: editors/]],
    [
      "a package overridden by a YAML rule",
      overridden,
      [/override 50-no-systemd\.yaml:1 drops systemd, .* from Recommends \(no systemd here\)/],
    ],
    [
      "a pinned package",
      "procps",
      [/rule: policy\.pin\[0\]: pin source procps of debian; a pin gives the name to its mirror/, /wins {4}debian\/bookworm/],
    ],
    [
      "an orphaned package",
      ORPHAN,
      [/source fork-keyring-source 1: orphaned: no mirror wins the source, and no mirror offers this version/],
    ],
  ] as const) {
    await t.test(`explain answers for ${what}: ${name}`, async () => {
      const { rc, stdout, stderr } = await cli("banned", "explain", name, "--arch", architecture);
      assert.equal(rc, 0, stderr);
      for (const pattern of wanted) assert.match(stdout, pattern);
    });
  }

  await t.test("explain --ban and --source tell all that a rule takes, and all that a source gives", async () => {
    const ban = await cli("banned", "explain", "--ban", "libpam-systemd", "--format", "json");
    const [rule] = JSON.parse(ban.stdout).bans;
    const own = suite.banned.filter((one) => one.rule === "package libpam-systemd").map(({ package: name }) => name);
    assert.deepEqual(rule.banned.map((one: { package: string }) => one.package).sort(), own.sort());
    const explained = await cli("banned", "explain", "--source", "udisks2");
    for (const name of ["udisks2", "libudisks2-0"])
      assert.match(explained.stdout, new RegExp(`binary ${name} \\S+\\+fork1 for ${architecture} of fork`));
  });

  await t.test("the report has the forks, what lies behind and the orphan; bans.json lies beside the tree", async () => {
    assert.deepEqual(
      suite.orphans.filter(({ package: name }) => name === ORPHAN),
      [{ package: ORPHAN, source: "fork-keyring-source", version: "1" }],
    );
    const kept = new Set(names.filter((name) => !suite.banned.some((one) => one.package === name)));
    const index = await readFile(join(folder, "banned.json"), "utf8");
    for (const name of ["udisks2", "network-manager"]) assert.ok(kept.has(name) && index.includes(`"${name}"`), name);
    assert.ok(suite.behind.every(({ version }) => !version.endsWith(FORK)));
    const list = JSON.parse(await readFile(join(folder, "output-banned/bans.json"), "utf8"));
    assert.equal(list.suites.merged.length, suite.banned.length);
  });
});

async function relationsOf(
  t: TestContext,
  folder: string,
  name: string,
  architecture: string,
): Promise<ReadonlyMap<string, readonly Relations[]>> {
  const output = join(folder, `output-${name}`);
  const apt = await isolatedApt(await temporaryFolder(), { architectures: [architecture] });
  await apt.sources(`deb [signed-by=${output}/key.asc arch=${architecture}] file:${output} merged main`);
  const updated = await apt.update();
  assert.deepEqual([updated.rc, updated.complaints], [0, []], updated.output);
  t.diagnostic(`apt reads ${name}`);
  return relationsByApt(apt);
}

/** The rule of bans as it is written, over what apt takes for each group: who needs a group of which nothing is left goes, and so on. */
function fallByApt(all: ReadonlyMap<string, readonly Relations[]>, banned: ReadonlySet<string>): ReadonlySet<string> {
  const gone = new Set([...banned].filter((name) => all.has(name)));
  for (let before = -1; before !== gone.size; ) {
    before = gone.size;
    for (const [name, versions] of all) {
      if (gone.has(name)) continue;
      if (versions.every((relations) => relations.some(({ takes }) => takes.length > 0 && takes.every((one) => gone.has(one)))))
        gone.add(name);
    }
  }
  return gone;
}

async function put(path: string, content: string | Buffer, mode = 0o644): Promise<void> {
  await mkdir(dirname(path), { recursive: true });
  await writeFile(path, content, { mode });
}
