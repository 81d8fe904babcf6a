/** The command line as a child process, with a clean environment, bounded in time. */
import { type ChildProcess, spawn } from "node:child_process";
import { join } from "node:path";

const PROGRAM = join(import.meta.dirname, "..", "..", "bin", "aptmerge.ts");
const TIMEOUT_MS = 60_000;

export interface CliOptions {
  readonly cwd?: string;
  readonly env?: Readonly<Record<string, string>>;
  /** Called with the running child: to stop it, or to close its pipes. */
  readonly onStart?: (child: ChildProcess) => unknown;
  /** Put before the command line, such as `unshare -rm`. */
  readonly wrapper?: readonly string[];
}

export interface CliResult {
  /** Exit status, or undefined when a signal ended it. */
  readonly status: number | undefined;
  readonly signal: string | undefined;
  readonly stdout: string;
  readonly stderr: string;
}

export async function runCli(args: readonly string[], options: CliOptions = {}): Promise<CliResult> {
  const { cwd, env = {}, onStart, wrapper = [] } = options;
  const [program = "", ...rest] = [...wrapper, process.execPath, PROGRAM, ...args];
  const child = spawn(program, rest, {
    ...(cwd === undefined ? {} : { cwd }),
    env: { PATH: "/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", LC_ALL: "C", ...env },
    stdio: ["ignore", "pipe", "pipe"],
    timeout: TIMEOUT_MS,
    killSignal: "SIGKILL",
  });
  const texts = { stdout: "", stderr: "" };
  child.stdout.on("data", (chunk: Buffer) => {
    texts.stdout += chunk.toString("utf8");
  });
  child.stderr.on("data", (chunk: Buffer) => {
    texts.stderr += chunk.toString("utf8");
  });
  const end = new Promise<{ status: number | undefined; signal: string | undefined }>((resolve, reject) => {
    child.on("error", reject);
    child.on("close", (status, signal) => resolve({ status: status ?? undefined, signal: signal ?? undefined }));
  });
  await onStart?.(child);
  return { ...(await end), ...texts };
}
