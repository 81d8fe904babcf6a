/** The command line as a child, as users run it. */
import { join } from "node:path";
import { run } from "../support/child.ts";

export interface CommandResult {
  readonly rc: number;
  readonly stdout: string;
  readonly stderr: string;
}

const PROGRAM = join(import.meta.dirname, "../../bin/aptmerge");
/** A whole Debian release takes half a minute on two cores. */
const LIMIT_MS = 300_000;

export async function aptmerge(args: readonly string[], env: Readonly<Record<string, string>> = {}): Promise<CommandResult> {
  const { rc, stdout, stderr } = await run("env", [PROGRAM, ...args], { env, timeoutMs: LIMIT_MS });
  return { rc, stdout: stdout.toString("utf8"), stderr: stderr.toString("utf8") };
}
