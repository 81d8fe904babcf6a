import assert from "node:assert/strict";
import { join } from "node:path";
import { test } from "node:test";
import { readAptSettings, readShell, readTargets } from "../../config/from-apt/apt-settings.ts";
import { readMachine } from "../../config/from-apt/machine.ts";
import { MergeError } from "../../lib/errors.ts";
import { needs } from "../support/needs.ts";
import { machineRoot } from "./machine-root.ts";

test("readShell: values with blanks and apostrophes", () => {
  assert.deepEqual(
    [...readShell("A='/etc/a b'\nB='it'\\''s'\nnonsense\nC=''\n")],
    [
      ["A", "/etc/a b"],
      ["B", "it's"],
      ["C", ""],
    ],
  );
});

test("without apt-config Debian's places are taken", async () => {
  const settings = await readAptSettings({ PATH: "/nonexistent" });
  assert.deepEqual(
    [settings.sourceList, settings.trustedParts, settings.checkValidUntil],
    ["/etc/apt/sources.list", "/etc/apt/trusted.gpg.d/", true],
  );
  assert.equal(settings.architectures.length, 1);
});

test("APT_CONFIG leads to other folders, architectures and rules", async (t) => {
  if (!needs(t, "apt-config")) return;
  const machine = await machineRoot(t, {}, 'APT::Architectures { "arm64"; "armhf"; };\nAcquire::Check-Valid-Until "false";\n');
  const settings = await readAptSettings(machine.env);
  assert.deepEqual(
    [settings.sourceList, settings.lists, settings.checkValidUntil],
    [join(machine.root, "etc/sources.list"), `${join(machine.root, "state/lists")}/`, false],
  );
  assert.deepEqual(settings.architectures.slice(-2), ["arm64", "armhf"]);
});

test("a configuration that apt cannot read is told in apt's words", async (t) => {
  if (!needs(t, "apt-config")) return;
  const machine = await machineRoot(t, {}, "this is { not closed");
  await assert.rejects(
    readAptSettings(machine.env),
    (error) => error instanceof MergeError && error.code === "CONFIG_INVALID" && /Syntax error/.test(error.message),
  );
});

test("files are read in apt's order, and only those that apt reads", async (t) => {
  if (!needs(t, "apt-config")) return;
  const line = (suite: string): string => `deb http://a.example/d ${suite} main\n`;
  const machine = await machineRoot(t, {
    "sources.list": line("main-file"),
    "sources.list.d/b.list": line("second"),
    "sources.list.d/a.sources": "Types: deb\nURIs: http://a.example/d\nSuites: first\nComponents: main\n",
    "sources.list.d/c.list.dpkg-old": line("left-over"),
    "sources.list.d/d.list~": line("backup"),
    "sources.list.d/.hidden.list": line("hidden"),
    "sources.list.d/odd name.list": line("odd"),
    "sources.list.d/folder.list/x.list": line("in-a-folder"),
  });
  const read = await readMachine(await readAptSettings(machine.env));
  assert.deepEqual([read.entries.map((entry) => entry.suite), read.problems], [["main-file", "first", "second"], []]);
  assert.deepEqual(read.trustedKeyrings, [join(machine.root, "etc/trusted.gpg.d/archive.asc")]);
});

test("a file larger than its cap is left out and told", async (t) => {
  if (!needs(t, "apt-config")) return;
  const machine = await machineRoot(t, { "sources.list": "#".repeat(5 * 1024 * 1024) });
  const read = await readMachine(await readAptSettings(machine.env));
  assert.deepEqual(
    read.problems.map(({ code }) => code),
    ["APT_SOURCE_SKIPPED"],
  );
});

test("readTargets: kinds of the targets that apt fetches, not those that are switched off", () => {
  const at = "Acquire::IndexTargets::deb::";
  const dump = [
    `${at}Packages `,
    `${at}Packages::MetaKey $(COMPONENT)/binary-$(ARCHITECTURE)/Packages`,
    `${at}Translations::MetaKey $(COMPONENT)/i18n/Translation-$(LANGUAGE)`,
    `${at}Contents-deb::MetaKey $(COMPONENT)/Contents-$(ARCHITECTURE)`,
    `${at}Contents-deb::DefaultEnabled yes`,
    `${at}DEP-11::DefaultEnabled false`,
    `${at}DEP-11::MetaKey $(COMPONENT)/dep11/Components-$(NATIVE_ARCHITECTURE).yml`,
    `${at}CNF::MetaKey $(COMPONENT)/cnf/Commands-$(NATIVE_ARCHITECTURE)`,
  ].join("\n");
  assert.deepEqual(readTargets(dump), ["translation", "contents", "cnf"]);
  assert.deepEqual(readTargets(""), []);
});
