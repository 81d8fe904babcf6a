/** Processes of this machine, as /proc shows them. */
import { readdir, readFile } from "node:fs/promises";
import { setTimeout as sleep } from "node:timers/promises";

export interface Running {
  readonly pid: number;
  readonly name: string;
  /** Start time: a number that is given again to another process has another one. */
  readonly started: string;
}

/** All processes below this one, while it lives. */
export async function descendantsOf(pid: number): Promise<readonly Running[]> {
  const all: (Running & { readonly parent: number })[] = [];
  for (const entry of await readdir("/proc")) {
    const found = /^[0-9]+$/.test(entry) ? await processOf(Number(entry)) : undefined;
    if (found !== undefined) all.push(found);
  }
  const below = (parent: number): readonly Running[] =>
    all.filter((one) => one.parent === parent).flatMap((one) => [one, ...below(one.pid)]);
  return below(pid);
}

/** Those that run on after `limitMs`; a killed process may need a moment to go. */
export async function survivorsOf(processes: readonly Running[], limitMs = 2000): Promise<readonly Running[]> {
  const end = performance.now() + limitMs;
  for (;;) {
    const left: Running[] = [];
    for (const one of processes) if ((await processOf(one.pid))?.started === one.started) left.push(one);
    if (left.length === 0 || performance.now() > end) return left;
    await sleep(20);
  }
}

/** Undefined when it has ended. */
export async function processOf(pid: number): Promise<(Running & { readonly parent: number }) | undefined> {
  const text = await readFile(`/proc/${pid}/stat`, "latin1").catch(() => "");
  const close = text.lastIndexOf(")");
  const [state, parent, ...rest] = text.slice(close + 2).split(" ");
  // A zombie has ended, and waits for a parent that does not ask.
  if (close < 0 || state === "Z" || state === "X") return undefined;
  return { pid, name: text.slice(text.indexOf("(") + 1, close), parent: Number(parent), started: rest[17] ?? "" };
}
