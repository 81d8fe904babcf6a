/**
 * Child processes that read from us and write to us. Their files, the run lock among them, are closed in the child: Node opens every file with
 * O_CLOEXEC, so a child gets only what is listed for it here.
 */
import { ChildProcess, spawn } from "node:child_process";
import { accessSync, constants, statSync } from "node:fs";
import { Socket } from "node:net";
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
  /** Open files of ours that it is to have as standard input and output. */
  readonly files?: { readonly input: number; readonly output: number };
  /** Stops the child. */
  readonly stop?: AbortSignal;
}

export type ChildEnd =
  | { readonly kind: "exited"; readonly status: number; readonly stderr: string }
  /** `output` had enough, or `stop` said so. */
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

/** What a child says and how it ends. */
interface ChildListener {
  output?: ((chunk: Buffer) => void) | undefined;
  complaint(chunk: Buffer): void;
  /** After the last byte of its output. @param status null when a signal ended it */
  ended(status: number | null, signal: string | null): void;
  notStarted(errno: string): void;
}

/** Its environment holds nothing that could change what it does, such as XZ_OPT. @returns undefined when it did not start */
function startChild(
  { program, args, env, limitMs, descriptor, files }: Omit<ChildRequest, "input" | "output" | "stop">,
  isFed: boolean,
  listener: ChildListener,
): ChildProcess | undefined {
  let child: ChildProcess;
  try {
    child = spawn(program, args, {
      stdio: [
        files?.input ?? (isFed ? "pipe" : "ignore"),
        files?.output ?? (listener.output === undefined ? "ignore" : "pipe"),
        "pipe",
        descriptor ?? "ignore",
      ],
      env: { PATH: "/usr/bin:/bin", LC_ALL: "C", ...env },
      ...(limitMs === undefined ? {} : { timeout: limitMs, killSignal: "SIGKILL" }),
    });
  } catch (thrown) {
    listener.notStarted(errnoOf(thrown) ?? String(thrown));
    return undefined;
  }
  running.add(child);
  child.stderr?.on("data", (chunk: Buffer) => listener.complaint(chunk));
  child.stdout?.on("data", (chunk: Buffer) => listener.output?.(chunk));
  // A child that ends before it read all closes the pipe: its exit status says why.
  child.stdin?.on("error", () => undefined);
  child.on("error", (thrown) => {
    running.delete(child);
    listener.notStarted(errnoOf(thrown) ?? thrown.message);
  });
  // "close" comes after the last byte of its output, "exit" may come before.
  child.on("close", (status, signal) => {
    running.delete(child);
    listener.ended(status, signal);
  });
  return child;
}

/** Runs a program to its end. */
export function runChild({ input, output, stop, ...request }: ChildRequest): Promise<ChildEnd> {
  return new Promise((resolve) => {
    if (ending) return resolve({ kind: "killed", signal: "SIGKILL" });
    let stopped = false;
    const halt = (): void => {
      stopped = true;
      child?.kill("SIGKILL");
    };
    stop?.addEventListener("abort", halt);
    const stderr: Buffer[] = [];
    let stderrBytes = 0;
    const child = startChild(request, input !== undefined, {
      output:
        output &&
        ((chunk) => {
          if (!stopped && !output(chunk)) halt();
        }),
      complaint(chunk) {
        if (stderrBytes < MAX_STDERR_BYTES) stderr.push(chunk);
        stderrBytes += chunk.length;
      },
      notStarted: (errno) => resolve({ kind: "not-started", errno }),
      ended(status, signal) {
        if (stopped) resolve({ kind: "stopped" });
        else if (status === null) resolve({ kind: "killed", signal: signal ?? "SIGKILL" });
        else resolve({ kind: "exited", status, stderr: Buffer.concat(stderr).toString("utf8", 0, MAX_STDERR_BYTES).trim() });
      },
    });
    for (const piece of input ?? []) child?.stdin?.write(piece);
    child?.stdin?.end();
  });
}

/** A child that answers again and again. Our own process may end beside it, unless it is held. */
export interface StandingChild {
  write(bytes: Uint8Array): void;
  /** @param isAwaited whether our process is to go on for it */
  hold(isAwaited: boolean): void;
  kill(): void;
}

/**
 * Starts a program that goes on until its standard input ends, which it does with our own process at the latest.
 *
 * @param lost told at most once, of whatever makes it useless: a complaint, its end, that it did not start
 */
export function standingChild(
  request: Pick<ChildRequest, "program" | "args" | "descriptor">,
  output: (chunk: Buffer) => void,
  lost: () => void,
): StandingChild {
  let isLost = ending;
  let child: ChildProcess | undefined;
  const lose = (): void => {
    if (isLost) return;
    isLost = true;
    child?.kill("SIGKILL");
    lost();
  };
  if (ending) lost();
  else child = startChild(request, true, { output, complaint: lose, notStarted: lose, ended: lose });
  const handles = [child, child?.stdin, child?.stdout, child?.stderr].filter((one) => one instanceof Socket || one instanceof ChildProcess);
  const hold = (isAwaited: boolean): void => {
    for (const handle of handles)
      if (isAwaited) handle.ref();
      else handle.unref();
  };
  hold(false);
  return {
    write: (bytes) => void child?.stdin?.write(bytes),
    hold,
    kill() {
      isLost = true;
      child?.kill("SIGKILL");
    },
  };
}
