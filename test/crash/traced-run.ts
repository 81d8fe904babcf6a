/** One merge as a child, of which strace sees what one or both of its threads ask of the kernel, and may refuse it or kill at it. */
import { type ChildProcess, spawn } from "node:child_process";
import { readdir, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import { nowOf } from "./scene.ts";

const HOLD = join(import.meta.dirname, "hold.ts");
const PROGRAM = join(import.meta.dirname, "../../bin/aptmerge.ts");

/** Of the run and of strace; a run takes a second. */
const LIMIT_MS = 120_000;
/** Children of a killed run end by themselves: nobody feeds or reads them any more. */
const CHILDREN_END_MS = 10_000;

export type Thread = "main" | "pool";

export interface Tracing {
  readonly threads: readonly Thread[];
  /** Arguments that say what to trace, and what to do at which call. */
  readonly args: readonly string[];
  readonly log: string;
}

export interface RunEnd {
  /** Undefined when a signal ended it. */
  readonly status: number | undefined;
  readonly signal: string | undefined;
  readonly stderr: string;
  /** What strace wrote. */
  readonly log: string;
  readonly threadIds: Readonly<Record<Thread, number>>;
  /** Processes that the run began and that were still there when it should have been over. */
  readonly leftOver: readonly string[];
}

export async function tracedRun(folder: string, generation: number, tracing: Tracing, compileCache: string): Promise<RunEnd> {
  const go = `${tracing.log}.go`;
  await rm(go, { force: true });
  const child = spawn(process.execPath, ["--import", HOLD, PROGRAM, "--config", join(folder, "aptmerge.yaml"), "--quiet", "merge"], {
    cwd: folder,
    // A group of its own: by it the children are found when the run is dead.
    detached: true,
    env: {
      PATH: "/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
      LC_ALL: "C",
      UV_THREADPOOL_SIZE: "1",
      NODE_COMPILE_CACHE: compileCache,
      CRASH_NOW_MS: String(nowOf(generation).getTime()),
      CRASH_GO: go,
    },
    stdio: ["ignore", "ignore", "pipe", "pipe"],
    timeout: LIMIT_MS,
    killSignal: "SIGKILL",
  });
  const ended = endOf(child);
  const stderr = textOf(child.stderr);
  const threadIds = JSON.parse(await firstLine(child, stderr)) as Record<Thread, number>;

  const attach = tracing.threads.flatMap((thread) => ["-p", String(threadIds[thread])]);
  const strace = spawn("strace", ["-y", "-o", tracing.log, ...tracing.args, ...attach], {
    stdio: ["ignore", "ignore", "pipe"],
    timeout: LIMIT_MS,
    killSignal: "SIGKILL",
  });
  const straceEnded = endOf(strace);
  await attached(strace, tracing.threads.length);
  await writeFile(go, "");
  const { status, signal } = await ended;
  const left = await groupEnds(child.pid ?? 0);
  await straceEnded;
  return { status, signal, stderr: stderr(), log: await readFile(tracing.log, "latin1"), threadIds, leftOver: left };
}

function endOf(child: ChildProcess): Promise<{ readonly status: number | undefined; readonly signal: string | undefined }> {
  return new Promise((resolve, reject) => {
    child.on("error", reject);
    child.on("exit", (status, signal) => resolve({ status: status ?? undefined, signal: signal ?? undefined }));
  });
}

function textOf(stream: ChildProcess["stderr"]): () => string {
  const chunks: Buffer[] = [];
  stream?.on("data", (chunk: Buffer) => chunks.push(chunk));
  return () => Buffer.concat(chunks).toString("utf8");
}

/** What the held run says of itself. */
function firstLine(child: ChildProcess, stderr: () => string): Promise<string> {
  return new Promise((resolve, reject) => {
    let text = "";
    child.stdio[3]?.on("data", (chunk: Buffer) => {
      text += chunk.toString("latin1");
      if (text.endsWith("\n")) resolve(text);
    });
    child.on("exit", (status) => reject(new Error(`The run ended with ${status} before it was let go: ${stderr()}`)));
  });
}

/** strace says of each thread that it has it. */
function attached(strace: ChildProcess, count: number): Promise<void> {
  return new Promise((resolve, reject) => {
    let text = "";
    strace.stderr?.on("data", (chunk: Buffer) => {
      text += chunk.toString("latin1");
      if ((text.match(/Process \d+ attached/g) ?? []).length >= count) resolve();
    });
    strace.on("exit", () => reject(new Error(`strace could not attach: ${text}`)));
  });
}

/** Waits until no process of the group is left, or too long: then says which are. */
async function groupEnds(group: number): Promise<readonly string[]> {
  for (const deadline = performance.now() + CHILDREN_END_MS; ; await wait(20)) {
    const left = await membersOf(group);
    if (left.length === 0 || performance.now() > deadline) return left;
  }
}

async function membersOf(group: number): Promise<readonly string[]> {
  const members: string[] = [];
  for (const id of (await readdir("/proc")).filter((name) => /^\d+$/.test(name))) {
    const stat = await readFile(`/proc/${id}/stat`, "latin1").catch(() => "");
    // PID (COMMAND) STATE PARENT GROUP; a zombie is only waiting to be counted.
    const [, command, state, owner] = /^\d+ \((.*)\) (\S) \d+ (\d+) /s.exec(stat) ?? [];
    if (Number(owner) === group && state !== "Z" && state !== "X") members.push(`${id} ${command}`);
  }
  return members;
}
