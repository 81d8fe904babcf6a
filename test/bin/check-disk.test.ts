/** `check` looks at the machine, too: disk and programs. */
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdir, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import test from "node:test";
import { mayMount } from "../support/needs.ts";
import { deb, newWorld, upstream } from "../support/world.ts";

test("check warns when little is free where the tree lies", async (t) => {
  if (!mayMount(t)) return;
  const world = await newWorld(t, { base: upstream().deb(deb("hello")) });
  const script = join(world.folder, "small.sh");
  await writeFile(script, `mkdir -p "${world.output}" && mount -t tmpfs -o size=4m none "${world.output}" && exec "$@"\n`);
  const { status, stderr } = await world.cli(["check"], { wrapper: ["unshare", "-rm", "/bin/sh", script] });
  assert.equal(status, 0, stderr);
  assert.match(stderr, /warning DISK_LOW: Only [34] MiB are free where "[^"]*output" lies/);
});

test("check says by what xz is made, and that it must be installed where the config wants it", async (t) => {
  const world = await newWorld(t, { base: upstream().deb(deb("hello")) });
  const there = await world.cli(["check"]);
  assert.equal(there.status, 0, there.stderr);
  assert.match(there.stdout, /^xz: \/\S+\/xz, \d+ at a time$/m);
  // The launcher needs a few programs; xz is in none of these folders.
  const bin = join(world.folder, "bin");
  await mkdir(bin);
  for (const program of ["sh", "readlink", "dirname", "env"]) {
    const path = execFileSync("sh", ["-c", `command -v ${program}`], { encoding: "utf8" }).trim();
    await symlink(path, join(bin, program));
  }
  const without = await world.cli(["check"], { env: { PATH: bin } });
  assert.equal(without.status, 0, without.stderr);
  assert.match(without.stdout, /^xz: no program; /m);
  await world.configure({ config: { publish: { compress: { gz: 1, xz: 6 } } } });
  const wanted = await world.cli(["check"], { env: { PATH: bin } });
  assert.equal(wanted.status, 7);
  assert.match(wanted.stderr, /error COMPRESSOR_MISSING: Cannot compress to xz: there is no program xz in PATH, it must be installed/);
});
