/** `check` looks at the disk, too. */
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import test from "node:test";
import { without } from "../support/needs.ts";
import { deb, newWorld, upstream } from "../support/world.ts";

function canMount(): boolean {
  try {
    execFileSync("unshare", ["-rm", "mount", "-t", "tmpfs", "none", "/mnt"], { stdio: "ignore" });
    return true;
  } catch {
    return false;
  }
}

test("check warns when little is free where the tree lies", async (t) => {
  if (!canMount()) {
    without(t, "no tmpfs can be mounted in a namespace here");
    return;
  }
  const world = await newWorld(t, { base: upstream().deb(deb("hello")) });
  const script = join(world.folder, "small.sh");
  await writeFile(script, `mkdir -p "${world.output}" && mount -t tmpfs -o size=4m none "${world.output}" && exec "$@"\n`);
  const { status, stderr } = await world.cli(["check"], { wrapper: ["unshare", "-rm", "/bin/sh", script] });
  assert.equal(status, 0, stderr);
  assert.match(stderr, /warning DISK_LOW: Only [34] MiB are free where "[^"]*output" lies/);
});
