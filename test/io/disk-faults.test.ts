import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { chmodSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { needs, without } from "../support/needs.ts";
import { modeOf, scratch } from "./disk-scratch.ts";

/** What a run of its own, with other limits, does with a folder. */
const MODULE = JSON.stringify(new URL("../../lib/io/disk-folder.ts", import.meta.url).href);

test("U11: Folder: with umask 077 files are 0644 and folders 0755", (t) => {
  const base = scratch(t);
  const script = `
    import { openFolder } from ${MODULE};
    process.umask(0o077);
    const folder = await openFolder("${base}/above/root");
    await folder.writeDurably("a/b/durable", Buffer.from("x"));
    await folder.writeNew("c/d/new", Buffer.from("x"));
    await folder.switchLink("e/link", "../a");
  `;
  const run = spawnSync(process.execPath, ["--input-type=module-typescript", "-e", script], { encoding: "utf8" });
  assert.equal(run.status, 0, run.stderr);
  const modes = ["", "/root", "/root/a", "/root/a/b", "/root/c", "/root/c/d", "/root/e", "/root/a/b/durable", "/root/c/d/new"];
  assert.deepEqual(
    modes.map((path) => modeOf(`${base}/above${path}`)),
    ["755", "755", "755", "755", "755", "755", "755", "644", "644"],
  );
});

test("openFolder: a folder that may not be written is OUTPUT_UNUSABLE, and may be opened for reading", (t) => {
  const base = scratch(t);
  chmodSync(base, 0o555);
  const script = `
    import { openFolder } from ${MODULE};
    if (process.getuid() === 0) { process.setgid(65534); process.setuid(65534); }
    await openFolder("${base}", { forReading: true });
    for (const path of ["${base}", "${base}/new"]) await openFolder(path).catch((error) => console.log(error.code, error.message));
  `;
  const run = spawnSync(process.execPath, ["--input-type=module-typescript", "-e", script], { encoding: "utf8" });
  assert.equal(run.status, 0, run.stderr);
  assert.match(
    run.stdout,
    /^OUTPUT_UNUSABLE Cannot write into .* \(EACCES\)\nOUTPUT_UNUSABLE Cannot make .*\/new": permission is denied \(EACCES\)\n$/,
  );
});

test("Folder: a full disk is said in words, keeps the old file and leaves nothing half-written", (t) => {
  if (!needs(t, "unshare", "mount")) return;
  const base = scratch(t);
  const script = `
    import { readdirSync, readFileSync } from "node:fs";
    import { openFolder } from ${MODULE};
    const folder = await openFolder("${base}");
    await folder.writeDurably("state", Buffer.from("old"));
    const large = Buffer.alloc(2_000_000);
    for (const call of [() => folder.writeDurably("state", large), () => folder.writeNew("new", large)]) {
      await call().then(() => console.log("written"), (error) => console.log(error.code, error.message));
    }
    console.log(readdirSync("${base}").join(), readFileSync("${base}/state", "utf8"));
  `;
  const mounted = 'mount -t tmpfs -o size=1m none "$1" || exit 99; shift; exec "$@"';
  const run = spawnSync(
    "unshare",
    ["-rm", "sh", "-c", mounted, "sh", base, process.execPath, "--input-type=module-typescript", "-e", script],
    { encoding: "utf8" },
  );
  if (run.status === 99 || /unshare/.test(run.stderr)) return void without(t, `no mount in a namespace of its own: ${run.stderr.trim()}`);
  assert.equal(run.status, 0, run.stderr);
  const words = (path: string) => `DISK_FAILED Cannot write "${base}/${path}": no space is left on the device (ENOSPC)`;
  assert.equal(run.stdout, `${words("state")}\n${words("new")}\nstate old\n`);
});

test("Folder: few open files suffice for many calls at once", (t) => {
  const base = scratch(t);
  const script = `
    import { openFolder } from ${MODULE};
    const folder = await openFolder("${base}");
    await Promise.all(Array.from({ length: 500 }, (_, i) => folder.writeNew("d/" + i, Buffer.from("x"))));
    await folder.flush("d");
    await Promise.all(Array.from({ length: 500 }, (_, i) => folder.read("d/" + i)));
    console.log((await folder.list("d")).length);
  `;
  const limited = 'ulimit -n 40; exec "$@"';
  const run = spawnSync("sh", ["-c", limited, "sh", process.execPath, "--input-type=module-typescript", "-e", script], {
    encoding: "utf8",
  });
  assert.equal(run.stdout, "500\n", run.stderr);
});

test("Folder: every rename comes after an fsync of the file and before one of its folder", (t) => {
  if (!needs(t, "strace")) return;
  const base = scratch(t);
  const script = `
    import { openFolder } from ${MODULE};
    const folder = await openFolder("${base}/root");
    await folder.writeDurably("state", Buffer.from("x"));
  `;
  const log = join(base, "log");
  const node = [process.execPath, "--input-type=module-typescript", "-e", script];
  const run = spawnSync("strace", ["-f", "-y", "-o", log, "-e", "trace=fsync,rename,renameat,renameat2", ...node], { encoding: "utf8" });
  if (/PTRACE|ptrace/.test(run.stderr)) return void without(t, "this machine does not allow ptrace");
  assert.equal(run.status, 0, run.stderr);
  const calls = readFileSync(log, "utf8")
    .split("\n")
    .filter((line) => line.includes(base))
    .map(
      (line) => /(fsync|rename)/.exec(line)?.[1] + (line.includes(".tmp-") ? " temporary" : line.includes("root>") ? " folder" : " above"),
    );
  assert.deepEqual(calls, ["fsync above", "fsync temporary", "rename temporary", "fsync folder"]);
});

for (const [call, when] of [
  ["read", 1],
  ["read", 3],
  ["close", 1],
  ["close", 2],
] as const) {
  test(`Folder: a file in pieces whose ${call} number ${when} fails is a fault of the disk, not of the program`, (t) => {
    if (!needs(t, "strace")) return;
    const base = scratch(t);
    const path = join(base, "large");
    writeFileSync(path, Buffer.alloc(3_000_000));
    const script = `
      import { openFolder } from ${MODULE};
      const folder = await openFolder("${base}", { forReading: true });
      try {
        for await (const _ of await folder.readPieces("large"));
        console.log("whole");
      } catch (error) { console.log(error.code, error.message); }
    `;
    const inject = ["-f", "-qq", "-o", "/dev/null", "-P", path, "-e", `trace=${call}`, "-e", `inject=${call}:error=EIO:when=${when}`];
    const env = { ...process.env, UV_THREADPOOL_SIZE: "1" };
    const run = spawnSync("strace", [...inject, process.execPath, "--input-type=module-typescript", "-e", script], {
      encoding: "utf8",
      env,
    });
    assert.equal(run.status, 0, run.stderr);
    assert.match(run.stdout, /^(whole|DISK_FAILED Cannot read ".*\/large": .*\(EIO\))\n$/);
    t.diagnostic(run.stdout.trim());
  });
}
