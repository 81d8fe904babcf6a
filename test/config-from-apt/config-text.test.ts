import assert from "node:assert/strict";
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { type TestContext, test } from "node:test";
import { configFromApt, type FetchRelease } from "../../config/from-apt/from-apt.ts";
import { loadSettings } from "../../config/load.ts";
import { MergeError } from "../../lib/errors.ts";
import type { Settings } from "../../lib/settings.ts";
import { needs, without } from "../support/needs.ts";
import { debianLike, type MachineRoot, machineRoot } from "./machine-root.ts";

const NOW = new Date("2026-11-21T03:00:00Z");
const FPR = "0123456789ABCDEF0123456789ABCDEF01234567";

async function made(machine: MachineRoot, fetchRelease: FetchRelease = async () => undefined) {
  const folder = join(machine.root, "made");
  await mkdir(join(folder, "indices"), { recursive: true });
  const write = async (path: string, content: string): Promise<void> => {
    await mkdir(dirname(join(folder, path)), { recursive: true });
    await writeFile(join(folder, path), content);
  };
  const config = await configFromApt({ env: machine.env, now: NOW, folder, fetchRelease, writeKeyring: write });
  await write("aptmerge.yaml", config.text);
  const { settings, warnings } = await loadSettings(join(folder, "aptmerge.yaml"), { HOME: "leaked" });
  return { folder, config, settings, warnings };
}

const suitesOf = (settings: Settings) =>
  settings.suites.map((suite) => [
    String(suite.name),
    suite.from.map(({ mirror, suite: path, components }) => `${mirror.name} ${path} ${[...components.keys()].join("+")}`),
    suite.components.join("+"),
    [...suite.architectures, ...(suite.sources ? ["source"] : [])].join("+"),
  ]);

/** For machines without apt-config: the test is about what is made of its answer. */
async function withApt(t: TestContext, files: Readonly<Record<string, string>>): Promise<MachineRoot | undefined> {
  return needs(t, "apt-config") ? machineRoot(t, files) : undefined;
}

test("a Debian machine becomes one merged suite per release, with backports apart", async (t) => {
  if (!needs(t, "apt-config")) return;
  const machine = await debianLike(t);
  const { config, settings, warnings, folder } = await made(machine, () => assert.fail("apt has fetched all of them"));
  assert.deepEqual([config.problems, warnings, config.secret], [[], [], false]);
  assert.deepEqual(
    [settings.state, settings.output, settings.overrides],
    [join(folder, "state"), join(folder, "output"), join(folder, "indices")],
  );
  assert.deepEqual(settings.sign, [{ kind: "file", path: join(folder, "signing-key.asc"), passphrase: "" }]);
  assert.deepEqual(suitesOf(settings), [
    [
      "bookworm",
      ["debian-security bookworm-security main", "debian bookworm-updates main+contrib", "debian bookworm main+contrib"],
      "main+contrib",
      "amd64+source",
    ],
    ["bookworm-backports", ["debian bookworm-backports main+contrib"], "main+contrib", "amd64+source"],
  ]);
  assert.deepEqual(
    // What stands behind them is what this machine's apt fetches.
    settings.suites.map((suite) => [suite.policy.winner, suite.indices.slice(0, 3), suite.languages, suite.validForMs]),
    [0, 1].map(() => ["newest", ["packages", "sources", "translation"], ["en"], undefined]),
  );
  assert.deepEqual(
    [...settings.mirrors.values()].map(({ name, urls, pool, keyring }) => [name, urls, pool, keyring]),
    ["debian", "debian-security"].map((name) => [
      name,
      [`http://a.example/${name}`],
      name.toUpperCase(),
      { files: [join(machine.root, "etc/keyrings/debian.asc")], pins: [] },
    ]),
  );
  assert.deepEqual(Object.fromEntries(settings.suites[0]?.release ?? []), {
    Origin: "Debian",
    Label: "Debian",
    Suite: "oldstable",
    Version: "12.15",
    Codename: "bookworm",
    Description: `Debian 12.15 "it" \${HOME}`,
  });
  assert.deepEqual(settings.suites[1]?.release.get("NotAutomatic"), "yes");
});

test("everything that a source can say of trust comes out as it went in", async (t) => {
  const armor = "-----BEGIN PGP PUBLIC KEY BLOCK-----\n\nmDMEYCQj\n-----END PGP PUBLIC KEY BLOCK-----\n";
  const machine = await withApt(t, {
    "k1.gpg": "x",
    "k2.gpg": "x",
    "sources.list": `deb http://a.example/machine stable main
deb [signed-by=${FPR}] http://a.example/pinned stable main
deb [signed-by=ETC/k1.gpg,ETC/k2.gpg,${FPR}!] http://a.example/both stable main
deb [signed-by=ETC/k1.gpg check-valid-until=no allow-weak=yes] http://user:secret@a.example/loose stable main
`,
    "sources.list.d/x.sources": `Types: deb\nURIs: http://a.example/embedded\nSuites: stable\nComponents: main\nSigned-By:\n${armor
      .trimEnd()
      .split("\n")
      .map((line) => ` ${line || "."}`)
      .join("\n")}\n`,
  });
  if (machine === undefined) return;
  const { config, settings, folder } = await made(machine);
  const etc = join(machine.root, "etc");
  assert.deepEqual(
    Object.fromEntries(
      [...settings.mirrors.values()].map(({ name, keyring, checkValidUntil, allowWeak }) => [name, [keyring, checkValidUntil, allowWeak]]),
    ),
    {
      machine: [{ files: [join(etc, "trusted.gpg.d/archive.asc")], pins: [] }, true, false],
      pinned: [{ files: [join(etc, "trusted.gpg.d/archive.asc")], pins: [{ fingerprint: FPR, exact: false }] }, true, false],
      both: [{ files: [join(etc, "k1.gpg"), join(etc, "k2.gpg")], pins: [{ fingerprint: FPR, exact: true }] }, true, false],
      loose: [{ files: [join(etc, "k1.gpg")], pins: [] }, false, true],
      embedded: [{ files: [join(folder, "keyrings/embedded.asc")], pins: [] }, true, false],
    },
  );
  assert.equal(await readFile(join(folder, "keyrings/embedded.asc"), "utf8"), armor);
  assert.equal(config.secret, true);
  assert.doesNotMatch(JSON.stringify(config.problems), /secret/);
});

test("a machine that ignores Valid-Until everywhere does not hand that on", async (t) => {
  if (!needs(t, "apt-config")) return;
  const lenient = 'Acquire::Check-Valid-Until "false";';
  const machine = await machineRoot(t, { "sources.list": "deb http://a.example/debian stable main\n" }, lenient);
  const { settings, config } = await made(machine);
  assert.deepEqual(
    [...settings.mirrors.values()].map(({ checkValidUntil }) => checkValidUntil),
    [true],
  );
  assert.match(config.text, /apt here accepts expired Release files/);
});

test("fewer components, flat archives, other codenames and slashes are written so that the config reads them back", async (t) => {
  const machine = await withApt(t, {
    "sources.list": `deb http://a.example/debian stable main contrib
deb http://a.example/security stable/updates main
deb http://a.example/vendor stable contrib
deb http://a.example/flat ./
deb http://a.example/debian-src unstable main
deb-src http://a.example/only-source next main
`,
  });
  if (machine === undefined) return;
  await machine.fetched("http://a.example/vendor", "stable", "Origin: Vendor\nCodename: v1");
  const { settings } = await made(machine);
  assert.deepEqual(suitesOf(settings), [
    ["stable", ["security stable/updates main", "debian stable main+contrib", "vendor stable contrib"], "main+contrib", "amd64"],
    ["flat", ["flat ./ "], "main", "amd64"],
    ["unstable", ["debian-src unstable main"], "main", "amd64"],
    ["next", ["only-source next main"], "main", "source"],
  ]);
  assert.deepEqual(
    settings.suites[0]?.from.map(({ codename }) => codename),
    [undefined, undefined, "v1"],
  );
});

test("a Release that apt has not fetched is asked for with the mirror's own keys", async (t) => {
  const machine = await withApt(t, {
    "k.gpg": "x",
    "sources.list": `deb [signed-by=ETC/k.gpg,${FPR}] http://a.example/debian stable main\n`,
  });
  if (machine === undefined) return;
  const asked: unknown[] = [];
  const { settings, config } = await made(machine, async (archive, suite) => {
    asked.push([archive, suite]);
    return new Map([
      ["origin", "Asked"],
      ["suite", "stable"],
    ]);
  });
  const keyring = { files: [join(machine.root, "etc/k.gpg")], pins: [{ fingerprint: FPR, exact: false }] };
  assert.deepEqual(asked, [
    [{ name: "debian", urls: ["http://a.example/debian"], keyring, checkValidUntil: true, allowWeak: false }, "stable"],
  ]);
  assert.deepEqual([settings.suites[0]?.release.get("Origin"), config.problems], ["Asked", []]);
});

test("keyrings that apt could not read are told", async (t) => {
  const machine = await withApt(t, {
    "empty.gpg": "",
    "sources.list": "deb [signed-by=ETC/empty.gpg] http://a.example/d s main\ndeb [signed-by=/absent.gpg] http://a.example/e s main\n",
  });
  if (machine === undefined) return;
  const { config } = await made(machine);
  assert.deepEqual(config.problems.map(({ code, mirror }) => `${code} ${mirror}`).sort(), [
    "KEYRING_UNUSABLE d",
    "KEYRING_UNUSABLE e",
    "RELEASE_FIELDS_UNKNOWN d",
  ]);
});

test("a machine without usable sources is told what was found", async (t) => {
  const machine = await withApt(t, { "sources.list": "deb cdrom:[Debian]/ stable main\n" });
  if (machine === undefined) return;
  await assert.rejects(
    made(machine),
    (error) => error instanceof MergeError && error.code === "APT_SOURCES_ABSENT" && /"cdrom"/.test(error.message),
  );
});

test("this machine's own apt sources become a config that loads", async (t) => {
  const machine = await withApt(t, {});
  if (machine === undefined) return;
  const { settings } = await made({ ...machine, env: { PATH: process.env.PATH ?? "" } }).catch((error: unknown) => {
    if (error instanceof MergeError && error.code === "APT_SOURCES_ABSENT") return { settings: undefined };
    throw error;
  });
  if (settings === undefined) {
    without(t, "this machine has no apt source that can be merged");
    return;
  }
  assert.ok(settings.suites.length > 0 && settings.mirrors.size > 0);
  assert.ok([...settings.mirrors.values()].every(({ keyring }) => keyring.files.length > 0));
});
