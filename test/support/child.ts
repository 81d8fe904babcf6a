/** Real programs as children of a test: bounded in time, with a clean environment, all output as bytes. */
import { spawn } from "node:child_process";
import { whereIs } from "./needs.ts";

export interface ChildResult {
  /** Exit status; -1 when a signal ended it. */
  readonly rc: number;
  readonly stdout: Buffer;
  readonly stderr: Buffer;
  /** What came over file descriptor 3. */
  readonly third: Buffer;
}

export interface ChildOptions {
  readonly input?: Uint8Array;
  readonly cwd?: string;
  /** Joined to PATH and LC_ALL=C; nothing else of this process's environment is handed on, so no proxies. */
  readonly env?: Readonly<Record<string, string>>;
  readonly timeoutMs?: number;
}

const DEFAULT_TIMEOUT_MS = 60_000;

/** Runs a program to its end. A status that is not 0 is an answer, not an error; a program that is missing or too slow is an error. */
export async function run(program: string, args: readonly string[], options: ChildOptions = {}): Promise<ChildResult> {
  const { input, cwd, env = {}, timeoutMs = DEFAULT_TIMEOUT_MS } = options;
  const path = whereIs(program);
  if (path === undefined) throw new Error(`Cannot run "${program}": it is not in PATH`);
  const child = spawn(path, args, {
    ...(cwd === undefined ? {} : { cwd }),
    env: { PATH: "/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", LC_ALL: "C", ...env },
    stdio: ["pipe", "pipe", "pipe", "pipe"],
    timeout: timeoutMs,
    killSignal: "SIGKILL",
  });
  const [, out, err, third] = child.stdio;
  const collected = [out, err, third].map((stream) => {
    const chunks: Buffer[] = [];
    if (stream && "read" in stream) stream.on("data", (chunk: Buffer) => chunks.push(chunk));
    return chunks;
  });
  // A program that ends without reading its input is judged by its status, not by the broken pipe.
  child.stdin.on("error", () => {});
  child.stdin.end(input ?? Buffer.alloc(0));
  const { status, signal } = await new Promise<{ status: number | null; signal: string | null }>((resolve, reject) => {
    child.on("error", reject);
    child.on("close", (status, signal) => resolve({ status, signal }));
  });
  if (signal === "SIGKILL") throw new Error(`Cannot finish "${program} ${args.join(" ")}": killed, or not done after ${timeoutMs} ms`);
  const [stdout = Buffer.alloc(0), stderr = Buffer.alloc(0), status3 = Buffer.alloc(0)] = collected.map((chunks) => Buffer.concat(chunks));
  return { rc: status ?? -1, stdout, stderr, third: status3 };
}

/** As `run`, for programs that must succeed. */
export async function runWell(program: string, args: readonly string[], options: ChildOptions = {}): Promise<Buffer> {
  const { rc, stdout, stderr } = await run(program, args, options);
  if (rc !== 0) throw new Error(`Cannot finish "${program} ${args.join(" ")}": status ${rc}, ${stderr.toString("utf8").trim()}`);
  return stdout;
}
