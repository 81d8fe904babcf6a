/**
 * Child processes that read from us and write to us. Their files, the run lock among them, are closed in the child: Node opens every file with
 * O_CLOEXEC, so a child gets only what is listed for it here.
 */
import { type ChildProcess, spawn } from "node:child_process";
import { accessSync, constants, statSync } from "node:fs";
import { join } from "node:path";
import { errnoOf } from "./disk-errors.ts";

/** What is kept of a child's complaints, in bytes: the first lines say what was wrong. */
const MAX_STDERR_BYTES = 4096;

export interface ChildRequest {
  /** Absolute path, as `findProgram` gives it. */
  readonly program: string;
  readonly args: readonly string[];
  /** Fed to its standard input piece by piece, which is closed then. */
  readonly input?: readonly Uint8Array[];
  /** Added to the little that a child's environment holds. */
  readonly env?: Readonly<Record<string, string>>;
  /** Gets its standard output. The answer false stops the child. */
  readonly output?: (chunk: Buffer) => boolean;
  /** Then it is killed. */
  readonly limitMs?: number;
  /** One of our open files that it is to have as number 3. */
  readonly descriptor?: number;
}

export type ChildEnd =
  | { readonly kind: "exited"; readonly status: number; readonly stderr: string }
  /** `output` had enough. */
  | { readonly kind: "stopped" }
  /** By somebody else, by the system for want of memory, or by `endChildren`. */
  | { readonly kind: "killed"; readonly signal: string }
  /** `errno` is the system error's name, such as EAGAIN. */
  | { readonly kind: "not-started"; readonly errno: string };

const running = new Set<ChildProcess>();
let ending = false;

/** Kills every child that runs and lets no new one start: for the end of an aborted run. */
export function endChildren(): void {
  ending = true;
  for (const child of running) child.kill("SIGKILL");
}

/**
 * Absolute path of a program, or undefined.
 *
 * @param searchPath folders separated by `:`; relative ones are passed over
 */
export function findProgram(name: string, searchPath: string = process.env.PATH ?? "/usr/bin:/bin"): string | undefined {
  for (const folder of searchPath.split(":").filter((entry) => entry.startsWith("/"))) {
    const program = join(folder, name);
    try {
      accessSync(program, constants.X_OK);
      if (statSync(program).isFile()) return program;
    } catch {
      // Not in this folder: look on.
    }
  }
  return undefined;
}

/** Runs a program to its end. Its environment holds nothing that could change what it does, such as XZ_OPT. */
export function runChild({ program, args, input, env, output, limitMs, descriptor }: ChildRequest): Promise<ChildEnd> {
  return new Promise((resolve) => {
    if (ending) return resolve({ kind: "killed", signal: "SIGKILL" });
    let child: ChildProcess;
    try {
      child = spawn(program, args, {
        stdio: [input === undefined ? "ignore" : "pipe", output === undefined ? "ignore" : "pipe", "pipe", descriptor ?? "ignore"],
        env: { PATH: "/usr/bin:/bin", LC_ALL: "C", ...env },
        ...(limitMs === undefined ? {} : { timeout: limitMs, killSignal: "SIGKILL" }),
      });
    } catch (thrown) {
      return resolve({ kind: "not-started", errno: errnoOf(thrown) ?? String(thrown) });
    }
    running.add(child);
    let stopped = false;
    const stderr: Buffer[] = [];
    let stderrBytes = 0;

    child.stderr?.on("data", (chunk: Buffer) => {
      if (stderrBytes < MAX_STDERR_BYTES) stderr.push(chunk);
      stderrBytes += chunk.length;
    });
    child.stdout?.on("data", (chunk: Buffer) => {
      if (stopped || output === undefined || output(chunk)) return;
      stopped = true;
      child.kill("SIGKILL");
    });
    // A child that ends before it read all closes the pipe: its exit status says why.
    child.stdin?.on("error", () => undefined);
    for (const piece of input ?? []) child.stdin?.write(piece);
    child.stdin?.end();

    child.on("error", (thrown) => {
      running.delete(child);
      resolve({ kind: "not-started", errno: errnoOf(thrown) ?? thrown.message });
    });
    // "close" comes after the last byte of its output, "exit" may come before.
    child.on("close", (status, signal) => {
      running.delete(child);
      if (stopped) resolve({ kind: "stopped" });
      else if (status === null) resolve({ kind: "killed", signal: signal ?? "SIGKILL" });
      else resolve({ kind: "exited", status, stderr: Buffer.concat(stderr).toString("utf8", 0, MAX_STDERR_BYTES).trim() });
    });
  });
}
