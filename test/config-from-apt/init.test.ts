import assert from "node:assert/strict";
import { access, chmod, mkdir, mkdtemp, readdir, readFile, rm, stat, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { initCommand } from "../../bin/commands/init.ts";
import { loadSettings } from "../../config/load.ts";
import { CODES, MergeError } from "../../lib/errors.ts";
import { needs } from "../support/needs.ts";
import { fakeCli } from "./fake-cli.ts";
import { debianLike, machineRoot } from "./machine-root.ts";

async function emptyFolder(t: TestContext): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "init-"));
  t.after(() => rm(folder, { recursive: true, force: true }));
  return folder;
}

const code = (wanted: string) => (error: unknown) => error instanceof MergeError && error.code === wanted && CODES[error.code].exit === 3;

test("init writes a config that loads, an empty indices, and a signing key that only its owner may read", async (t) => {
  const cwd = await emptyFolder(t);
  const { cli, printed, told } = fakeCli(cwd);
  await initCommand(cli).parseAsync(["new/folder"], { from: "user" });
  const folder = join(cwd, "new/folder");
  assert.deepEqual((await readdir(folder)).sort(), ["aptmerge.yaml", "indices", "signing-key.asc"]);
  assert.deepEqual(await readdir(join(folder, "indices")), []);
  assert.deepEqual(
    [(await stat(join(folder, "signing-key.asc"))).mode & 0o777, (await stat(join(folder, "aptmerge.yaml"))).mode & 0o777],
    [0o600, 0o644],
  );
  const { settings, warnings } = await loadSettings(join(folder, "aptmerge.yaml"), {});
  assert.deepEqual(
    [warnings, told, settings.suites.map(({ name }) => name), [...settings.mirrors.keys()]],
    [[], [], ["stable"], ["base", "overlay"]],
  );
  assert.deepEqual(
    [settings.state, settings.output, settings.overrides],
    ["state", "output", "indices"].map((name) => join(folder, name)),
  );
  assert.ok([...settings.mirrors.values()].every(({ urls }) => urls.every((url) => new URL(url).hostname.endsWith(".example"))));
  const output = printed.join("");
  assert.match(output, /fingerprint [0-9A-F]{40}\n/);
  assert.ok(output.includes(`aptmerge --config ${folder}/aptmerge.yaml check\n`), output);
});

test("the key that init writes is the one whose fingerprint it prints, and gpg reads it", async (t) => {
  if (!needs(t, "gpg")) return;
  const { run } = await import("../support/child.ts");
  const cwd = await emptyFolder(t);
  const { cli, printed } = fakeCli(cwd);
  await initCommand(cli).parseAsync([], { from: "user" });
  const home = await emptyFolder(t);
  await chmod(home, 0o700);
  const shown = await run("gpg", ["--homedir", home, "--batch", "--with-colons", "--show-keys", join(cwd, "signing-key.asc")]);
  const fingerprint = /^fpr:+([0-9A-F]{40}):/m.exec(shown.stdout.toString())?.[1];
  assert.ok(fingerprint !== undefined && printed.join("").includes(fingerprint), shown.stderr.toString());
  assert.match(shown.stdout.toString(), /^sec:[^:]*:255:22:/m);
});

for (const [name, prepare, left] of [
  ["a config", (folder: string) => writeFile(join(folder, "aptmerge.yaml"), "mine"), ["aptmerge.yaml"]],
  ["a signing key", (folder: string) => writeFile(join(folder, "signing-key.asc"), "mine"), ["signing-key.asc"]],
  ["a symlink that leads nowhere", (folder: string) => symlink("/nonexistent/key", join(folder, "signing-key.asc")), ["signing-key.asc"]],
  ["a folder named like the config", (folder: string) => mkdir(join(folder, "aptmerge.yaml")), ["aptmerge.yaml"]],
] as const) {
  test(`init leaves ${name} alone`, async (t) => {
    const folder = await emptyFolder(t);
    await prepare(folder);
    await assert.rejects(initCommand(fakeCli(folder).cli).parseAsync([], { from: "user" }), code("INIT_REFUSED"));
    assert.deepEqual(await readdir(folder), left);
  });
}

test("init says so when the folder cannot be made", async (t) => {
  const folder = await emptyFolder(t);
  await writeFile(join(folder, "file"), "");
  const refused = initCommand(fakeCli(folder).cli).parseAsync(["file/below"], { from: "user" });
  await assert.rejects(
    refused,
    (error) => error instanceof MergeError && error.code === "OUTPUT_UNUSABLE" && /ENOTDIR/.test(error.message),
  );
});

test("init --from-apt makes a config of the machine's sources and tells the next command", async (t) => {
  if (!needs(t, "apt-config")) return;
  const machine = await debianLike(t, { "sources.list": "deb cdrom:[x]/ bookworm main\ndeb http://b.example/vendor bookworm main\n" });
  const cwd = await emptyFolder(t);
  const { cli, printed, told } = fakeCli(cwd, machine.env);
  const fetched = new Map([["origin", "Vendor"]]);
  await initCommand(cli, async () => fetched).parseAsync(["--from-apt"], { from: "user" });
  assert.deepEqual(
    told.map(({ code }) => code),
    ["APT_SOURCE_SKIPPED"],
  );
  const { settings } = await loadSettings(join(cwd, "aptmerge.yaml"), {});
  assert.deepEqual(
    settings.suites.map(({ name }) => name),
    ["bookworm", "bookworm-backports"],
  );
  assert.deepEqual(
    settings.suites[0]?.from.map(({ mirror }) => mirror.name),
    ["debian-security", "debian", "debian", "vendor"],
  );
  assert.equal(settings.suites[0]?.release.get("Origin"), "Debian");
  const output = printed.join("");
  assert.ok(output.includes("3 mirrors, 2 merged suites: bookworm ("), output);
  assert.ok(output.includes(`aptmerge --config ${cwd}/aptmerge.yaml merge\n`), output);
});

test("init --from-apt keeps a config with a password from others", async (t) => {
  if (!needs(t, "apt-config")) return;
  const machine = await machineRoot(t, { "sources.list": "deb http://user:secret@a.example/debian stable main\n" });
  const cwd = await emptyFolder(t);
  const { cli, printed, told } = fakeCli(cwd, machine.env);
  await initCommand(cli).parseAsync(["--from-apt"], { from: "user" });
  assert.equal((await stat(join(cwd, "aptmerge.yaml"))).mode & 0o777, 0o600);
  assert.match(await readFile(join(cwd, "aptmerge.yaml"), "utf8"), /user:secret@a\.example/);
  assert.doesNotMatch(printed.join("") + JSON.stringify(told), /secret/);
});

test("init --from-apt without a usable source writes nothing", async (t) => {
  if (!needs(t, "apt-config")) return;
  const machine = await machineRoot(t, {});
  const cwd = await emptyFolder(t);
  await assert.rejects(
    initCommand(fakeCli(cwd, machine.env).cli).parseAsync(["--from-apt", "x"], { from: "user" }),
    code("APT_SOURCES_ABSENT"),
  );
  await assert.rejects(access(join(cwd, "x/aptmerge.yaml")));
  await assert.rejects(access(join(cwd, "x/signing-key.asc")));
});
