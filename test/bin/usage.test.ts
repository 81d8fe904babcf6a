/** The command line as scripts meet it: exit statuses, hints, help, where the config is looked for, which stream says what. */
import assert from "node:assert/strict";
import { mkdir, rename, writeFile } from "node:fs/promises";
import { join } from "node:path";
import test from "node:test";
import { runCli } from "../support/cli-child.ts";
import { temporaryFolder } from "../support/temporary.ts";
import { deb, newWorld, RECENTLY, upstream } from "../support/world.ts";

const COMMANDS = ["merge", "diff", "explain", "check", "init", "demo", "verify", "webserver"];
const calm = upstream().deb(deb("hello", "1.0")).at(RECENTLY);

for (const [name, args] of [
  ["an unknown command", ["merg"]],
  ["an unknown flag", ["merge", "--fulll"]],
  ["an unknown global flag", ["--confg", "x", "merge"]],
  ["no command", []],
  ["a flag without its value", ["merge", "--wait"]],
  ["a value that is no number", ["merge", "--wait", "soon"]],
  ["an unknown report format", ["merge", "--report", "pdf"]],
  ["a report without its file name", ["merge", "--report", "json:"]],
  ["an --accept-older without a suite", ["merge", "--accept-older", "debian"]],
  ["an argument too many", ["check", "this"]],
  ["an argument too few", ["explain"]],
  ["--quiet with --verbose", ["--quiet", "--verbose", "check"]],
  ["an unknown colour choice", ["--color", "blue", "check"]],
] as const) {
  test(`${name} ends in 2 with a hint, and prints no result`, async () => {
    const { status, stdout, stderr } = await runCli(args, { cwd: await temporaryFolder() });
    assert.equal(status, 2, stderr);
    assert.equal(stdout, "");
    assert.match(stderr, /--help|^aptmerge: error USAGE: .+\n {2}hint: /m);
  });
}

test("a suite that the config does not have is a usage error that names those it has", async (t) => {
  const world = await newWorld(t, { base: calm });
  for (const args of [
    ["merge", "merjed"],
    ["diff", "merjed"],
    ["explain", "hello", "--suite", "merjed"],
  ]) {
    const { status, stderr } = await world.cli(args);
    assert.equal(status, 2);
    assert.match(stderr, /^aptmerge: error USAGE: .*"merjed".* merged\b.*\n {2}hint: /);
  }
});

test("an architecture or a mirror's suite that the config does not have is a usage error that names those it has", async (t) => {
  const world = await newWorld(t, { base: calm });
  for (const [args, wanted] of [
    [["explain", "hello", "--arch", "amd46"], /"amd46".*\bamd64\b/],
    [["merge", "--accept-older", "base/stabel"], /"base\/stabel".*\bbase\/stable\b/],
  ] as const) {
    const { status, stderr } = await world.cli(args);
    assert.equal(status, 2, stderr);
    assert.match(stderr, wanted);
  }
});

for (const command of COMMANDS) {
  test(`${command} --help says what it does, with an example, and needs no config`, async () => {
    const { status, stdout, stderr } = await runCli([command, "--help"], { cwd: await temporaryFolder() });
    assert.deepEqual([status, stderr], [0, ""]);
    assert.match(stdout, new RegExp(`^Usage: aptmerge ${command}\\b`));
    assert.match(stdout, new RegExp(`^Examples?:\\n( .*\\n)* .*aptmerge .*\\b${command}\\b`, "m"));
  });
}

test("--help lists every command and the exit statuses, --version the version", async () => {
  const cwd = await temporaryFolder();
  const help = await runCli(["--help"], { cwd });
  for (const command of COMMANDS) assert.match(help.stdout, new RegExp(`^ {2}${command}\\b`, "m"));
  assert.match(help.stdout, /Exit status: 0 /);
  const version = await runCli(["--version"], { cwd });
  assert.match(version.stdout, /^\d+\.\d+\.\d+\n$/);
  assert.deepEqual([help.status, version.status], [0, 0]);
});

test("a command is found behind flags whose values bear the names of commands", async (t) => {
  const world = await newWorld(t, { base: upstream().deb(deb("hello")) });
  await rename(world.configFile, join(world.folder, "merge"));
  const { status, stdout, stderr } = await runCli(["--config", "merge", "--color", "never", "check"], { cwd: world.folder });
  assert.equal(status, 0, stderr);
  assert.match(stdout, /The config is sound/);
});

test("--help before a command lists all commands, and a slip is compared with all", async () => {
  const help = await runCli(["--help", "merge"]);
  assert.equal(help.status, 0);
  for (const name of ["merge", "diff", "explain", "webserver"]) assert.match(help.stdout, new RegExp(`^  ${name} `, "m"));
  const slip = await runCli(["exlain", "merge"]);
  assert.equal(slip.status, 2);
  assert.match(slip.stderr, /Did you mean explain/);
});

test("the config is looked for by flag, then environment, then in the working folder", async (t) => {
  const folders: Record<string, string> = {};
  for (const place of ["flag", "environment", "here"]) {
    const world = await newWorld(t, { base: calm }, { suites: { [`from-${place}`]: {} } });
    folders[place] = world.folder;
  }
  const { flag = "", environment = "", here = "" } = folders;
  const env = { APTMERGE_CONFIG: join(environment, "aptmerge.yaml") };
  const found = async (args: readonly string[], options: object): Promise<string> => {
    const { status, stdout, stderr } = await runCli([...args, "check"], options);
    assert.equal(status, 0, stderr);
    return /from-(\w+)/.exec(stdout)?.[1] ?? stdout;
  };
  assert.equal(await found(["--config", join(flag, "aptmerge.yaml")], { cwd: here, env }), "flag");
  assert.equal(await found([], { cwd: here, env }), "environment");
  assert.equal(await found([], { cwd: here }), "here");
  assert.equal(await found([], { cwd: here, env: { APTMERGE_CONFIG: "" } }), "here");
});

test("without any config the exit status is 3, and the places that were looked at are named", async () => {
  const { status, stderr } = await runCli(["merge"], { cwd: await temporaryFolder() });
  assert.equal(status, 3);
  assert.match(stderr, /^aptmerge: error CONFIG_MISSING: .*--config.*\$APTMERGE_CONFIG.*aptmerge\.yaml.*\n {2}hint: /);
});

test("a config that is named and not there is no reason to take another one", async (t) => {
  const world = await newWorld(t, { base: calm });
  const { status, stderr } = await runCli(["--config", "absent.yaml", "check"], { cwd: world.folder });
  assert.equal(status, 3);
  assert.match(stderr, /CONFIG_MISSING: .*"absent\.yaml"/);
});

test("relative paths of the config start at its folder, not at the working folder", async (t) => {
  const world = await newWorld(t, { base: calm });
  const elsewhere = await temporaryFolder();
  const { status } = await runCli(["--config", world.configFile, "merge"], { cwd: elsewhere });
  assert.equal(status, 0);
  assert.deepEqual(await world.packages(), ["hello 1.0"]);
});

test("results go to stdout; --quiet says nothing when all is well, and still tells problems", async (t) => {
  const world = await newWorld(t, { base: calm });
  const first = await world.cli(["merge"]);
  assert.deepEqual([first.status, first.stderr], [0, ""]);
  assert.match(first.stdout, /merged/);
  const quiet = await world.cli(["--quiet", "merge"]);
  assert.deepEqual(quiet, { status: 0, signal: undefined, stdout: "", stderr: "" });
  const plain = await world.cli(["merge"]);
  assert.equal(plain.status, 0);
  assert.notEqual(plain.stdout, "");
  await world.mirror("base").close();
  const failing = await world.cli(["--quiet", "merge"]);
  assert.deepEqual([failing.status, failing.stdout], [4, ""]);
  assert.match(failing.stderr, /^aptmerge: error MIRROR_UNREACHABLE: .*\n {2}hint: .*\n$/);
});

test("colour comes only when it is asked for, and NO_COLOR and pipes have none", async (t) => {
  const world = await newWorld(t, { base: calm });
  await world.mirror("base").close();
  const csi = `${String.fromCharCode(27)}[`;
  for (const [args, env, coloured] of [
    [[], {}, false],
    [[], { NO_COLOR: "1", FORCE_COLOR: "1" }, false],
    [["--color", "never"], {}, false],
    [["--color", "always"], {}, true],
  ] as const) {
    const { stdout, stderr } = await world.cli([...args, "merge"], { env });
    assert.equal(stderr.includes(csi), coloured, args.join(" "));
    assert.ok(!stdout.includes(csi));
  }
});

test("P06: a reader of stdout that goes away does not fail the run", async (t) => {
  const many = upstream()
    .debs(Array.from({ length: 3000 }, (_, number) => deb(`pkg${number}`)))
    .at(RECENTLY);
  const world = await newWorld(t, { base: many });
  const { status, stderr } = await world.cli(["merge", "--report", "json"], {
    onStart: (child) => {
      child.stdout?.once("data", () => child.stdout?.destroy());
    },
  });
  assert.deepEqual([status, stderr], [0, ""]);
  assert.equal((await world.packages()).length, 3000);
});

test("P06: a stderr that nobody reads does not fail the run", async (t) => {
  const world = await newWorld(t, { base: calm }, { config: { sign: [] } });
  const { status } = await world.cli(["--verbose", "merge"], { onStart: (child) => child.stderr?.destroy() });
  assert.equal(status, 0);
  assert.deepEqual(await world.packages(), ["hello 1.0"]);
});

test("check reports every problem at once, and asks no mirror", async (t) => {
  const world = await newWorld(t, { base: calm, other: calm }, { overrides: { "override.merged.main": "one\n" } });
  await writeFile(join(world.folder, "keyrings/base.asc"), "no key");
  await rename(join(world.folder, "keyrings/other.asc"), join(world.folder, "keyrings/elsewhere.asc"));
  await writeFile(join(world.folder, "second.asc"), "no key", { mode: 0o644 });
  await writeFile(world.signingKey, "no key");
  await world.configure({ config: { sign: [{ key: "signing-key.asc" }, { key: "second.asc" }] } });
  await mkdir(join(world.output, "dists"), { recursive: true });
  const { status, stdout, stderr } = await world.cli(["check"]);
  assert.deepEqual([status, stdout], [3, ""]);
  const codes = [...stderr.matchAll(/^aptmerge: error (\w+): /gm)].map(([, code]) => code).sort();
  assert.deepEqual(codes, [
    "KEYRING_UNUSABLE",
    "KEYRING_UNUSABLE",
    "OUTPUT_UNUSABLE",
    "OVERRIDE_MALFORMED",
    "SIGNING_KEY_UNUSABLE",
    "SIGNING_KEY_UNUSABLE",
  ]);
  assert.equal(stderr.match(/^ {2}hint: /gm)?.length, codes.length);
  assert.deepEqual([...world.mirror("base").requests, ...world.mirror("other").requests], []);
});

test("a config with several faults tells all of them with their places", async (t) => {
  const world = await newWorld(t, { base: calm });
  await writeFile(
    world.configFile,
    "state: state\noutputs: x\nmirrors: { a: { url: 'ftp://x', signed-by: k } }\nsuites: { s: { from: [b/s], components: [main] } }\n",
  );
  const { status, stderr } = await world.cli(["merge"]);
  assert.equal(status, 3);
  const lines = stderr.split("\n").filter((line) => line.startsWith("aptmerge: error"));
  assert.ok(lines.length >= 4, stderr);
  assert.ok(
    lines.every((line) => /^aptmerge: error CONFIG_INVALID: .*aptmerge\.yaml:\d+:\d+: /.test(line)),
    stderr,
  );
  assert.match(stderr, /outputs.*output/);
});
