/** Time of a child process, and the memory of it and all below it. */
import { spawn } from "node:child_process";
import { readdirSync, readFileSync, readlinkSync } from "node:fs";

export interface Measured {
  readonly wallMs: number;
  /** 0 when it was not looked at. */
  readonly peakMb: number;
}

const SAMPLE_MS = 50;

/**
 * @param looks whether its memory is looked at, for which the kernel stops it each time: a merge takes a tenth longer
 * @throws when it does not end with status 0
 */
export function timed(
  command: string,
  args: readonly string[],
  env: Readonly<Record<string, string>> = {},
  looks = true,
): Promise<Measured> {
  return new Promise((resolve, reject) => {
    const started = performance.now();
    const child = spawn(command, args, { stdio: ["ignore", "ignore", "pipe"], env: { ...process.env, ...env } });
    let [peak, complaint] = [0, ""];
    const timer = setInterval(() => {
      if (looks && child.pid !== undefined) peak = Math.max(peak, treeBytes(child.pid));
    }, SAMPLE_MS);
    child.stderr.on("data", (chunk: Buffer) => {
      complaint += chunk.toString();
    });
    child.on("close", (status) => {
      clearInterval(timer);
      if (status === 0) resolve({ wallMs: performance.now() - started, peakMb: peak / 1e6 });
      else reject(new Error(`${command} ${args.join(" ")} ended with ${status}: ${complaint}`));
    });
  });
}

/**
 * Memory of a process and all below it, in bytes. All that is resident of the process itself, also pages of its program that others have in use, such as
 * this one; of the others what is theirs alone, and their part of the rest. One that was just forked has the same pages and counts when it runs its own
 * program.
 */
function treeBytes(root: number): number {
  const parents = new Map<number, number>();
  for (const name of readdirSync("/proc")) {
    if (!/^[0-9]+$/.test(name)) continue;
    try {
      const line = readFileSync(`/proc/${name}/stat`, "latin1");
      parents.set(Number(name), Number(line.slice(line.lastIndexOf(")") + 2).split(" ")[1]));
    } catch {
      // It has ended.
    }
  }
  const isBelow = (pid: number): boolean => {
    for (let at: number | undefined = pid; at !== undefined && at > 1; at = parents.get(at)) if (at === root) return true;
    return false;
  };
  const program = programOf(root);
  let bytes = 0;
  for (const pid of parents.keys()) {
    if (!isBelow(pid) || (pid !== root && programOf(pid) === program)) continue;
    const measure = pid === root ? /^Rss:\s+([0-9]+) kB/m : /^Pss:\s+([0-9]+) kB/m;
    try {
      bytes += Number(measure.exec(readFileSync(`/proc/${pid}/smaps_rollup`, "latin1"))?.[1] ?? 0) * 1024;
    } catch {
      // It has ended.
    }
  }
  return bytes;
}

function programOf(pid: number): string | undefined {
  try {
    return readlinkSync(`/proc/${pid}/exe`);
  } catch {
    return undefined;
  }
}

export const median = (numbers: readonly number[]): number =>
  [...numbers].sort((left, right) => left - right)[Math.floor(numbers.length / 2)] ?? 0;

const seconds = (ms: number): string => (ms / 1000).toFixed(2);

/** `4.20 (4.11-4.52)`, in seconds. */
export function spread(all: readonly Measured[]): string {
  const walls = all.map(({ wallMs }) => wallMs);
  return `${seconds(median(walls))} (${seconds(Math.min(...walls))}-${seconds(Math.max(...walls))})`;
}
