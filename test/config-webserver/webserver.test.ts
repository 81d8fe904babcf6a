import assert from "node:assert/strict";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { CommanderError } from "commander";
import { webserverCommand } from "../../bin/commands/webserver.ts";
import { nginxConfig } from "../../config/webserver/nginx.ts";
import { CODES, MergeError } from "../../lib/errors.ts";
import { fakeCli } from "../config-from-apt/fake-cli.ts";
import { settingsFor } from "./settings.ts";

const OPTIONS = { listen: ["80"], serverNames: ["_"] };

async function printed(t: TestContext, ...args: readonly string[]): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "webserver-"));
  t.after(() => rm(folder, { recursive: true, force: true }));
  const mirror = { url: "http://a.example/debian", "signed-by": "k.gpg", pool: "DEBIAN" };
  const suite = { from: ["debian/stable"], components: ["main"], architectures: ["amd64"] };
  await writeFile(
    join(folder, "aptmerge.yaml"),
    JSON.stringify({ state: "state", output: "output", mirrors: { debian: mirror }, suites: { stable: suite } }),
  );
  const { cli, printed: text } = fakeCli(folder, {}, "aptmerge.yaml");
  const command = webserverCommand(cli)
    .exitOverride()
    .configureOutput({ writeErr: () => undefined });
  await command.parseAsync(args, { from: "user" });
  return text.join("");
}

test("webserver nginx prints a server block", async (t) => {
  const text = await printed(t, "nginx");
  assert.match(text, /^ {4}listen 80;\n {4}server_name _;$/m);
  assert.match(text, /return 302 "http:\/\/a\.example\/debian\/pool\/\$1"/);
});

test("webserver nginx takes several addresses and names", async (t) => {
  const text = await printed(
    t,
    "nginx",
    "--listen",
    "[::]:80",
    "--listen",
    "127.0.0.1:8080",
    "--server-name",
    "a.example",
    "--server-name",
    "*.b.example",
  );
  assert.match(text, /^ {4}listen \[::\]:80;\n {4}listen 127\.0\.0\.1:8080;\n {4}server_name a\.example \*\.b\.example;$/m);
});

for (const args of [
  ["nginx", "--listen", "80; evil"],
  ["nginx", "--listen", "70000"],
  ["nginx", "--listen", "unix:relative"],
  ["nginx", "--server-name", "a b"],
  ["nginx", "--server-name", "$host"],
  ["nginx", "--server-name", "a.example;"],
  ["nginx", "--server-name", ""],
  ["iis"],
  [],
]) {
  test(`webserver refuses: ${args.join(" ")}`, async (t) => {
    await assert.rejects(printed(t, ...args), (error) => error instanceof CommanderError && error.exitCode !== 0);
  });
}

for (const server of ["apache", "caddy", "lighttpd"]) {
  test(`webserver ${server} says that only nginx is written`, async (t) => {
    const refused = (error: unknown): boolean =>
      error instanceof MergeError && CODES[error.code].exit === 2 && error.message.includes("nginx");
    await assert.rejects(printed(t, server), refused);
  });
}

test("two mirrors without a pool prefix cannot be told apart", async (t) => {
  const settings = await settingsFor(t, { one: { url: "http://a.example/one" }, two: { url: "http://a.example/two" } });
  assert.throws(
    () => nginxConfig(settings, OPTIONS),
    (error) => error instanceof MergeError && error.code === "CONFIG_INVALID" && /"one" and "two"/.test(error.message),
  );
});

test("a second mirror without a pool prefix does no harm while no suite takes from it", async (t) => {
  const settings = await settingsFor(t, { one: { url: "http://a.example/one" }, two: { url: "http://a.example/two", used: false } });
  assert.doesNotMatch(nginxConfig(settings, OPTIONS), /two/);
});

test("two mirrors of one archive without a prefix share their redirect", async (t) => {
  const settings = await settingsFor(t, { one: { url: "http://a.example/d" }, two: { url: "http://a.example/d/", suite: "next" } });
  assert.equal(nginxConfig(settings, OPTIONS).match(/location \^~/g)?.length, 1);
});

test("a folder that nginx cannot name is refused", async (t) => {
  for (const name of ["/srv/$host", "/srv/a\nb"]) {
    const settings = await settingsFor(t, { one: { url: "http://a.example/d" } });
    assert.throws(
      () => nginxConfig({ ...settings, output: name }, OPTIONS),
      (error) => error instanceof MergeError && error.code === "CONFIG_INVALID",
    );
  }
});

test("a flat archive without a prefix is told in the config", async (t) => {
  const settings = await settingsFor(t, { one: { url: "http://a.example/d", suite: "./" } });
  assert.match(nginxConfig(settings, OPTIONS), /# Mirror one; its flat suites have packages outside pool\//);
});
