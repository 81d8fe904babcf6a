/**
 * The run lock: flock(2) on a file that we hold open, taken by flock(1) on our behalf. The kernel frees it with our process, also after kill -9;
 * the file stays and means nothing by itself.
 *
 * No child can keep it by accident: Node opens files with O_CLOEXEC, so only flock(1) itself gets the open file, and it ends at once.
 */
import { close, closeSync, constants, fchmodSync, fstatSync, ftruncateSync, openSync, readSync, statSync, writeSync } from "node:fs";
import { setTimeout as pause } from "node:timers/promises";
import { promisify } from "node:util";
import { MergeError } from "../errors.ts";
import { type ChildEnd, findProgram, runChild } from "./child.ts";
import { diskFailure, errnoWords, wrongKind } from "./disk-errors.ts";
import { kindOf } from "./disk-path.ts";

const OPEN_LOCK = constants.O_RDWR | constants.O_CREAT | constants.O_NOFOLLOW | constants.O_NONBLOCK;

/** Exit status of flock(1) for "held by another"; its own failures are 1 and 64 to 78, this is none of them. */
const HELD_STATUS = 99;

/** What the holder writes is shorter than this, in bytes. */
const MAX_HOLDER_BYTES = 64;

/** How often, and how long apart, it is looked who that is. */
const [HOLDER_LOOKS, HOLDER_PAUSE_MS] = [20, 25];

/** The file may be replaced while we wait for it; so often in a row it is no accident. */
const MAX_REOPENS = 10;

export interface Lock {
  release(): Promise<void>;
}

/**
 * Takes the lock, or waits for it in a child that sleeps in the kernel.
 *
 * @param path file in an existing folder
 * @param waitMs 0 = do not wait
 * @throws MergeError LOCKED naming the holder; LOCK_UNAVAILABLE without flock(1) or locks; DISK_FAILED when the file cannot be opened
 */
export async function acquireLock(path: string, waitMs: number): Promise<Lock> {
  const flock = findProgram("flock");
  if (flock === undefined)
    throw new MergeError("LOCK_UNAVAILABLE", 'Cannot take the run lock: there is no program "flock" in PATH, it must be installed');
  const deadline = performance.now() + waitMs;
  for (let attempt = 0; attempt < MAX_REOPENS; attempt++) {
    const file = openLock(path);
    try {
      await takeLock(flock, file, path, Math.max(0, deadline - performance.now()));
      if (stillThere(file, path)) {
        writeHolder(file, path);
        return { release: () => release(file) };
      }
    } catch (thrown) {
      closeSync(file);
      throw thrown;
    }
    closeSync(file);
  }
  throw new MergeError("DISK_FAILED", `Cannot take the run lock "${path}": it is replaced again and again, it must stay`, { file: path });
}

/** A number and no FileHandle: a handle that is collected as garbage closes the file, and with it goes the lock. */
function openLock(path: string): number {
  let file: number;
  try {
    file = openSync(path, OPEN_LOCK, 0o644);
  } catch (thrown) {
    throw diskFailure("open lock", path, thrown);
  }
  const stats = fstatSync(file);
  if (stats.isFile()) return file;
  closeSync(file);
  throw wrongKind("open lock", path, kindOf(stats), "a regular file");
}

async function takeLock(flock: string, file: number, path: string, waitMs: number): Promise<void> {
  const patience = waitMs > 0 ? ["--timeout", (waitMs / 1000).toFixed(3)] : ["--nonblock"];
  const args = ["--exclusive", ...patience, "--conflict-exit-code", String(HELD_STATUS), "3"];
  const end = await runChild({ program: flock, args, descriptor: file });
  if (end.kind === "exited" && end.status === 0) return;
  if (end.kind === "exited" && end.status === HELD_STATUS) {
    const waited = waitMs > 0 ? `still holds the lock "${path}"` : `holds the lock "${path}"`;
    throw new MergeError("LOCKED", `Cannot start: ${await holderOf(file)} ${waited}, it must end first`, { file: path });
  }
  throw new MergeError("LOCK_UNAVAILABLE", `Cannot take the run lock "${path}" with "${flock}": ${failureOf(end)}`, { file: path });
}

function failureOf(end: ChildEnd): string {
  switch (end.kind) {
    case "exited":
      return `it ended with status ${end.status} and said "${end.stderr}"`;
    case "killed":
      return `it was ended by ${end.signal}`;
    case "not-started":
      return errnoWords(end.errno);
    case "stopped":
      return "it was stopped";
    default:
      return end satisfies never;
  }
}

/** Whether the path still leads to the file that we locked: otherwise the next run would lock another one. */
function stillThere(file: number, path: string): boolean {
  const ours = fstatSync(file);
  const named = statSync(path, { throwIfNoEntry: false });
  return named !== undefined && named.ino === ours.ino && named.dev === ours.dev;
}

function writeHolder(file: number, path: string): void {
  try {
    fchmodSync(file, 0o644);
    ftruncateSync(file, 0);
    writeSync(file, `${process.pid} ${new Date().toISOString()}\n`, 0);
  } catch (thrown) {
    throw diskFailure("write lock", path, thrown);
  }
}

/** The text is only for people: it may be missing or false, and decides nothing. Who has just taken the lock may not have written it yet. */
async function holderOf(file: number): Promise<string> {
  for (let look = 0; look < HOLDER_LOOKS; look++) {
    const bytes = Buffer.alloc(MAX_HOLDER_BYTES);
    const length = readSync(file, bytes, 0, MAX_HOLDER_BYTES, 0);
    const found = /^([0-9]{1,10}) ([0-9T:.-]{10,30}Z)\n$/.exec(bytes.toString("latin1", 0, length));
    if (found !== null) return `another run (pid ${found[1]}, since ${found[2]})`;
    await pause(HOLDER_PAUSE_MS);
  }
  return "another run";
}

async function release(file: number): Promise<void> {
  try {
    ftruncateSync(file, 0);
  } catch {
    // The text of a lock that is not held misleads nobody.
  }
  // Whatever the disk says, the file is closed and with it the lock is gone.
  await promisify(close)(file).catch(() => undefined);
}
