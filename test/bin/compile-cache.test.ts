/** What Node compiled is code that the next run executes beside the signing key: nobody else may be able to put it there. */
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { chmod, mkdir, readdir, symlink } from "node:fs/promises";
import { join } from "node:path";
import test from "node:test";
import { runCli } from "../support/cli-child.ts";
import { temporaryFolder } from "../support/temporary.ts";

const MODULE = join(import.meta.dirname, "../../bin/compile-cache.ts");

/** @returns where a program that asks for the cache keeps it; empty: nowhere */
const cacheOf = (modules: string, temporary: string): string =>
  execFileSync(
    process.execPath,
    [
      "--input-type=module-typescript",
      "-e",
      `import { keepCompiledCode } from ${JSON.stringify(MODULE)};
       import { getCompileCacheDir } from "node:module";
       keepCompiledCode(${JSON.stringify(modules)});
       process.stdout.write(getCompileCacheDir() ?? "");`,
    ],
    { encoding: "utf8", env: { TMPDIR: temporary } },
  );

test("a run leaves no compiled code in the temporary folder, which all users share", async () => {
  const temporary = await temporaryFolder();
  const { status } = await runCli(["--version"], { env: { TMPDIR: temporary } });
  assert.equal(status, 0);
  assert.deepEqual(await readdir(temporary), []);
});

test("compiled code is kept beside the modules, in a folder that nobody else can enter", async () => {
  const modules = await temporaryFolder();
  const found = cacheOf(modules, modules);
  assert.ok(found.startsWith(join(modules, ".cache/aptmerge/")), found);
  assert.equal(execFileSync("stat", ["-c", "%a", join(modules, ".cache/aptmerge")], { encoding: "utf8" }), "700\n");
});

test("compiled code is not kept where others can write, nor behind a link", async () => {
  for (const folder of ["", ".cache", ".cache/aptmerge"]) {
    const modules = await temporaryFolder();
    await mkdir(join(modules, ".cache/aptmerge"), { recursive: true });
    assert.notEqual(cacheOf(modules, modules), "");
    await chmod(join(modules, folder), 0o775);
    assert.equal(cacheOf(modules, modules), "", folder);
  }
  const [modules, elsewhere] = [await temporaryFolder(), await temporaryFolder()];
  await symlink(elsewhere, join(modules, ".cache"));
  assert.equal(cacheOf(modules, modules), "");
  assert.equal(cacheOf(join(modules, "gone"), modules), "");
});
