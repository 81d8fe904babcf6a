/** Runs gpg without a terminal, without questions, and not for ever. */
import { spawn } from "node:child_process";
import { codeOf } from "./openpgp-keyring.ts";

export type GpgOutcome =
  | { readonly kind: "done"; readonly output: Buffer }
  /** `because` completes "gpg …". */
  | { readonly kind: "failed"; readonly because: string };

/** Keys and signatures are small; anything longer is no answer. */
const MAX_OUTPUT_BYTES = 4 * 1024 * 1024;
const MAX_COMPLAINT_BYTES = 64 * 1024;

/** Settings files of the user are left out: what is signed and how must not depend on them. No pinentry: nobody is there to answer. */
const ALWAYS = ["--no-options", "--batch", "--no-tty", "--quiet", "--pinentry-mode", "error"];

export async function runGpg(args: readonly string[], homedir: string | undefined, input: Buffer, timeoutMs: number): Promise<GpgOutcome> {
  const home = homedir === undefined ? [] : ["--homedir", homedir];
  const { promise, resolve } = Promise.withResolvers<GpgOutcome>();
  const child = spawn("gpg", [...ALWAYS, ...home, ...args], { stdio: "pipe", env: { ...process.env, LC_ALL: "C" } });
  const output: Buffer[] = [];
  const complaint: Buffer[] = [];
  let outputBytes = 0;
  let complaintBytes = 0;
  const stop = (because: string): void => {
    resolve({ kind: "failed", because });
    child.kill("SIGKILL");
    // A child of the child may hold these open: nothing more is read from them.
    for (const stream of [child.stdin, child.stdout, child.stderr]) stream.destroy();
  };
  const timer = setTimeout(() => stop(`did not answer within ${timeoutMs} ms`), timeoutMs);
  child.stdout.on("data", (chunk: Buffer) => {
    outputBytes += chunk.length;
    if (outputBytes > MAX_OUTPUT_BYTES) stop(`wrote more than ${MAX_OUTPUT_BYTES} bytes`);
    else output.push(chunk);
  });
  child.stderr.on("data", (chunk: Buffer) => {
    complaintBytes += chunk.length;
    if (complaintBytes <= MAX_COMPLAINT_BYTES) complaint.push(chunk);
  });
  child.on("error", (error) => stop(`cannot be run (${codeOf(error)})`));
  child.on("close", (status, signal) => {
    if (status === 0) resolve({ kind: "done", output: Buffer.concat(output) });
    else resolve({ kind: "failed", because: `ended with ${signal ?? `status ${status}`} (${lastLine(Buffer.concat(complaint))})` });
  });
  // gpg may end before it has read everything; its exit status tells why.
  child.stdin.on("error", () => undefined);
  child.stdin.end(input);
  try {
    return await promise;
  } finally {
    clearTimeout(timer);
  }
}

/** The last thing that was complained of, printable. */
function lastLine(text: Buffer): string {
  const lines = text
    .toString("utf8")
    .replace(/[^\P{C}\n]/gu, "?")
    .split("\n")
    .filter((line) => line.trim() !== "");
  return (lines.at(-1) ?? "it said nothing").slice(0, 300);
}
