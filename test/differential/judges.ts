/** Asks apt's library, gpgv, sqv and python-debian, many questions to a child: starting them costs more than they do. */
import { join } from "node:path";
import type { TestContext } from "node:test";
import { run } from "../support/child.ts";
import { without } from "../support/needs.ts";

const SCRIPT = join(import.meta.dirname, "judges.py");
/** The system's own Python, which has apt's library. */
const PYTHON = "/usr/bin/python3";
const LIMIT_MS = 900_000;

type Subject = "signed" | "stanzas" | "relations" | "versions" | "times";

/** True when the system's Python has these modules; otherwise the test is skipped, or fails when CI=true. */
export async function hasModules(t: TestContext, ...modules: readonly string[]): Promise<boolean> {
  const { rc } = await run("env", [PYTHON, "-c", `import ${modules.join(", ")}`]);
  if (rc === 0) return true;
  return without(t, `Python has not all of ${modules.join(", ")} (apt-get install python3-apt python3-debian)`);
}

/** One answer for each question, in their order. */
export async function judges<Answer>(subject: Subject, asks: readonly unknown[]): Promise<readonly Answer[]> {
  const input = Buffer.from(asks.map((ask) => `${JSON.stringify(ask)}\n`).join(""));
  const { rc, stdout, stderr } = await run("env", [PYTHON, SCRIPT, subject], { input, timeoutMs: LIMIT_MS });
  const lines = stdout.toString("utf8").split("\n").slice(0, -1);
  if (rc !== 0 || lines.length !== asks.length) {
    throw new Error(`${SCRIPT} ended with ${rc} after ${lines.length} of ${asks.length} answers: ${stderr.toString("utf8")}`);
  }
  return lines.map((line) => JSON.parse(line) as Answer);
}

export const decoded = (text: string): Buffer => Buffer.from(text, "base64");
