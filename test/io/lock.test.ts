import assert from "node:assert/strict";
import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { type Code, MergeError } from "../../lib/errors.ts";
import { acquireLock } from "../../lib/io/lock.ts";
import { needs } from "../support/needs.ts";

const LOCK_MODULE = JSON.stringify(new URL("../../lib/io/lock.ts", import.meta.url).href);
const CHILD_MODULE = JSON.stringify(new URL("../../lib/io/child.ts", import.meta.url).href);

function lockPath(t: TestContext): string {
  const folder = mkdtempSync(join(tmpdir(), "aptmerge-lock-"));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  return join(folder, "lock");
}

const fails = (code: Code, words: RegExp) => (error: unknown) => {
  assert.ok(error instanceof MergeError, String(error));
  assert.equal(error.code, code);
  assert.match(error.message, words);
  return true;
};

/** A process that runs a script; `said` waits for its next line. */
function start(t: TestContext, script: string): { child: ChildProcess; said: () => Promise<string> } {
  const child = spawn(process.execPath, ["--input-type=module-typescript", "-e", script], { stdio: ["ignore", "pipe", "inherit"] });
  t.after(() => child.kill("SIGKILL"));
  const lines: string[] = [];
  let wake = () => {};
  let rest = "";
  child.stdout.setEncoding("utf8").on("data", (text: string) => {
    const parts = (rest + text).split("\n");
    rest = parts.pop() ?? "";
    lines.push(...parts);
    wake();
  });
  const said = async (): Promise<string> => {
    while (lines.length === 0) {
      await new Promise<void>((resolve) => {
        wake = resolve;
      });
    }
    return lines.shift() ?? "";
  };
  return { child, said };
}

const ended = (child: ChildProcess) => new Promise((resolve) => child.once("exit", resolve));

const holder = (path: string, before = "") => `
  import { acquireLock } from ${LOCK_MODULE};
  import { spawn } from "node:child_process";
  import { runChild } from ${CHILD_MODULE};
  await acquireLock(${JSON.stringify(path)}, 0);
  ${before}
  console.log("held");
  setTimeout(() => {}, 60_000);
`;

test("acquireLock: a second run is told who holds it and since when, and a released lock is free", async (t) => {
  if (!needs(t, "flock")) return;
  const path = lockPath(t);
  const lock = await acquireLock(path, 0);
  const since = new RegExp(`another run \\(pid ${process.pid}, since 20[0-9-]+T[0-9:.]+Z\\) holds the lock ".*/lock", it must end first$`);
  await assert.rejects(acquireLock(path, 0), fails("LOCKED", since));
  assert.equal(statSync(path).mode & 0o777, 0o644);
  await lock.release();
  assert.equal(readFileSync(path, "utf8"), "");
  await (await acquireLock(path, 0)).release();
});

test("P04: acquireLock: text left in the file locks nothing and is never believed", async (t) => {
  if (!needs(t, "flock")) return;
  const path = lockPath(t);
  writeFileSync(path, `1 2020-01-01T00:00:00Z\n`);
  const lock = await acquireLock(path, 0);
  writeFileSync(path, "\x1b[2J evil\n".repeat(100));
  await assert.rejects(acquireLock(path, 0), fails("LOCKED", /^Cannot start: another run holds the lock/));
  await lock.release();
});

test("acquireLock: who has taken the lock a moment ago, and has not said so yet, is named all the same", async (t) => {
  if (!needs(t, "flock")) return;
  const path = lockPath(t);
  await acquireLock(path, 0);
  const written = readFileSync(path, "utf8");
  writeFileSync(path, "");
  setTimeout(() => writeFileSync(path, written), 100);
  await assert.rejects(acquireLock(path, 0), fails("LOCKED", new RegExp(`another run \\(pid ${process.pid}, since `)));
});

test("P04: acquireLock: kill -9 of the holder frees the lock at once, though its children live on", { timeout: 30_000 }, async (t) => {
  if (!needs(t, "flock")) return;
  const path = lockPath(t);
  const children = `
    const stray = spawn("sleep", ["60"], { stdio: "ignore", detached: true });
    void runChild({ program: "/bin/sleep", args: ["61"], input: Buffer.from(""), output: () => true });
    console.log(stray.pid);
  `;
  const { child, said } = start(t, holder(path, children));
  const stray = Number(await said());
  t.after(() => process.kill(stray, "SIGKILL"));
  assert.equal(await said(), "held");
  await assert.rejects(acquireLock(path, 0), fails("LOCKED", new RegExp(`pid ${child.pid}`)));
  child.kill("SIGKILL");
  await ended(child);
  assert.ok(existsSync(`/proc/${stray}`), "the child of the killed holder must still run, else this proves nothing");
  const lock = await acquireLock(path, 0);
  await lock.release();
});

test("acquireLock: no open file of the lock is handed on to a child", { timeout: 30_000 }, async (t) => {
  if (!needs(t, "flock")) return;
  const path = lockPath(t);
  const lock = await acquireLock(path, 0);
  const list = spawnSync("sh", ["-c", "ls -l /proc/self/fd"], { encoding: "utf8" });
  assert.equal(list.status, 0);
  assert.doesNotMatch(list.stdout, /\/lock/);
  await lock.release();
});

test("P03: acquireLock: of five starts at once one wins", { timeout: 30_000 }, async (t) => {
  if (!needs(t, "flock")) return;
  const path = lockPath(t);
  const script = `
    import { acquireLock } from ${LOCK_MODULE};
    await acquireLock(${JSON.stringify(path)}, 0).then(() => console.log("won"), (error) => console.log(error.code));
    setTimeout(() => {}, 60_000);
  `;
  const runs = Array.from({ length: 5 }, () => start(t, script));
  const said = await Promise.all(runs.map((run) => run.said()));
  assert.deepEqual(said.sort(), ["LOCKED", "LOCKED", "LOCKED", "LOCKED", "won"]);
});

test("acquireLock: with patience it gets the lock as soon as the holder ends", { timeout: 30_000 }, async (t) => {
  if (!needs(t, "flock")) return;
  const path = lockPath(t);
  const { child, said } = start(t, holder(path));
  await said();
  const started = performance.now();
  const waiting = acquireLock(path, 20_000);
  setTimeout(() => child.kill("SIGKILL"), 200);
  await (await waiting).release();
  const waited = performance.now() - started;
  assert.ok(waited >= 190 && waited < 5000, `waited ${waited} ms`);
});

test("acquireLock: patience ends, without using the processor", { timeout: 30_000 }, async (t) => {
  if (!needs(t, "flock")) return;
  const path = lockPath(t);
  const lock = await acquireLock(path, 0);
  const started = performance.now();
  const before = process.cpuUsage();
  await assert.rejects(acquireLock(path, 700), fails("LOCKED", /still holds the lock/));
  const waited = performance.now() - started;
  const { user, system } = process.cpuUsage(before);
  assert.ok(waited >= 650 && waited < 5000, `waited ${waited} ms`);
  assert.ok(user + system < 300_000, `used ${user + system} µs`);
  await lock.release();
});

test("P04: acquireLock: a lock file that was removed while it was waited for is not taken for the lock", { timeout: 30_000 }, async (t) => {
  if (!needs(t, "flock")) return;
  const path = lockPath(t);
  const first = await acquireLock(path, 0);
  const waiting = acquireLock(path, 10_000);
  await new Promise((resolve) => setTimeout(resolve, 200));
  rmSync(path);
  await first.release();
  const second = await waiting;
  await assert.rejects(acquireLock(path, 0), fails("LOCKED", new RegExp(`pid ${process.pid}`)));
  await second.release();
});

for (const [name, prepare, words] of [
  ["a FIFO", (path: string) => spawnSync("mkfifo", [path]), /is a FIFO, it must be a regular file/],
  ["a folder", (path: string) => mkdirSync(path), /is a folder, it must be a regular file/],
  ["a symlink", (path: string) => symlinkSync("elsewhere", path), /is a symlink/],
  ["in an absent folder", () => undefined, /no such file or folder/],
] as const) {
  test(`acquireLock: a lock file that is ${name} is refused`, { timeout: 10_000 }, async (t) => {
    if (!needs(t, "flock")) return;
    const path = lockPath(t);
    prepare(path);
    await assert.rejects(acquireLock(name === "in an absent folder" ? join(path, "no", "lock") : path, 0), fails("DISK_FAILED", words));
  });
}

test("acquireLock: without flock the error says what to install", async (t) => {
  const path = lockPath(t);
  const before = process.env.PATH;
  process.env.PATH = "/nowhere";
  t.after(() => {
    process.env.PATH = before;
  });
  await assert.rejects(acquireLock(path, 0), fails("LOCK_UNAVAILABLE", /no program "flock"/));
});
