import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { chmodSync, copyFileSync, mkdirSync, symlinkSync } from "node:fs";
import { dirname, join } from "node:path";
import { test } from "node:test";
import manifest from "../../package.json" with { type: "json" };
import { temporaryFolder } from "../support/temporary.ts";

const BIN = join(import.meta.dirname, "../../bin");
const env = { PATH: "/usr/bin:/bin", LC_ALL: "C" };

const said = (program: string, args: readonly string[], cwd: string, more: Readonly<Record<string, string>> = {}) => {
  const { status, stdout, stderr } = spawnSync(program, args, { cwd, env: { ...env, ...more }, encoding: "utf8", timeout: 30_000 });
  return { status, stdout, stderr };
};
const VERSION = { status: 0, stdout: `${manifest.version}\n`, stderr: "" };

test("bin/aptmerge: finds its program however it is called", async () => {
  const folder = await temporaryFolder();
  mkdirSync(join(folder, "deep/er"), { recursive: true });
  symlinkSync(join(BIN, "aptmerge"), join(folder, "absolute"));
  symlinkSync("../../absolute", join(folder, "deep/er/relative"));
  symlinkSync(BIN, join(folder, "bin"));
  symlinkSync(BIN, join(folder, "tools"));
  const calls: readonly (readonly [program: string, args: readonly string[], cwd: string, path?: string])[] = [
    [join(BIN, "aptmerge"), [], "/"],
    ["bin/aptmerge", [], dirname(BIN)],
    ["./aptmerge", [], BIN],
    ["sh", ["aptmerge"], BIN],
    ["sh", ["-c", 'aptmerge "$@"', "sh"], "/", BIN],
    [join(folder, "absolute"), [], "/"],
    ["deep/er/relative", [], folder],
    ["sh", ["-c", 'relative "$@"', "sh"], "/", join(folder, "deep/er")],
    ["bin/aptmerge", [], folder],
    [join(folder, "tools/aptmerge"), [], "/"],
  ];
  for (const [program, args, cwd, path] of calls)
    assert.deepEqual(
      said(program, [...args, "--version"], cwd, path === undefined ? {} : { PATH: `${path}:${env.PATH}` }),
      VERSION,
      `${program} ${args.join(" ")} in ${cwd}`,
    );
});

test("NODE_MISSING: without a Node that is new enough it says where there was none and what to run", async () => {
  const folder = await temporaryFolder();
  mkdirSync(join(folder, "bin"));
  copyFileSync(join(BIN, "aptmerge"), join(folder, "bin/aptmerge"));
  chmodSync(join(folder, "bin/aptmerge"), 0o755);
  const { status, stdout, stderr } = said("bin/aptmerge", ["--version"], folder, { PATH: "/nowhere" });
  assert.deepEqual([status, stdout], [70, ""]);
  assert.match(stderr, /^aptmerge: error NODE_MISSING: Cannot start: /);
  mkdirSync(join(folder, "elsewhere"));
  symlinkSync("../bin", join(folder, "elsewhere/linked"));
  assert.equal(said(join(folder, "elsewhere/linked/aptmerge"), [], "/", { PATH: "/nowhere" }).stderr, stderr);
  assert.ok(stderr.includes(`neither in ${folder}/node_modules nor in PATH\n  hint: run 'npm ci' in ${folder}\n`), stderr);
});
