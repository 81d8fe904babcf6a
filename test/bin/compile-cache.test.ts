/** What Node compiled is code that the next run executes beside the signing key: nobody else may be able to put it there. */
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { chmod, copyFile, mkdir, readdir, stat, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import test from "node:test";
import { runCli } from "../support/cli-child.ts";
import { temporaryFolder } from "../support/temporary.ts";

const CODE = join(import.meta.dirname, "../../bin/compile-cache.js");

/** @returns where a program in a checkout keeps what was compiled; empty: nowhere */
async function cacheOf(checkout: string): Promise<string> {
  await mkdir(join(checkout, "bin"), { recursive: true });
  await copyFile(CODE, join(checkout, "bin/compile-cache.js"));
  await writeFile(join(checkout, "package.json"), '{ "type": "module" }');
  const print = 'process.stdout.write(require("node:module").getCompileCacheDir() ?? "")';
  return execFileSync(process.execPath, ["--require", join(checkout, "bin/compile-cache.js"), "-e", print], { encoding: "utf8", env: {} });
}

async function newCheckout(): Promise<string> {
  const checkout = await temporaryFolder();
  await mkdir(join(checkout, "node_modules"), { mode: 0o755 });
  return checkout;
}

test("a run leaves no compiled code in the temporary folder, which all users share", async () => {
  const temporary = await temporaryFolder();
  const { status } = await runCli(["--version"], { env: { TMPDIR: temporary } });
  assert.equal(status, 0);
  assert.deepEqual(await readdir(temporary), []);
});

test("compiled code is kept beside the modules, in a folder that nobody else can enter", async () => {
  const checkout = await newCheckout();
  const kept = await cacheOf(checkout);
  assert.ok(kept.startsWith(join(checkout, "node_modules/.cache/aptmerge/")), kept);
  assert.equal((await stat(join(checkout, "node_modules/.cache/aptmerge"))).mode & 0o777, 0o700);
});

test("compiled code is not kept where others can write, nor behind a link", async () => {
  for (const folder of ["node_modules", "node_modules/.cache", "node_modules/.cache/aptmerge"]) {
    const checkout = await newCheckout();
    assert.notEqual(await cacheOf(checkout), "");
    await chmod(join(checkout, folder), 0o775);
    assert.equal(await cacheOf(checkout), "", folder);
  }
  const foreign = await newCheckout();
  await chmod(join(foreign, "node_modules"), 0o775);
  await cacheOf(foreign);
  assert.deepEqual(await readdir(join(foreign, "node_modules")), [], "nothing is made in a folder that others own");
  const [checkout, elsewhere] = [await newCheckout(), await temporaryFolder()];
  await symlink(elsewhere, join(checkout, "node_modules/.cache"));
  assert.equal(await cacheOf(checkout), "");
  assert.equal(await cacheOf(await temporaryFolder()), "");
});
