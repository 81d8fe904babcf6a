/** Which faults there are: one run is watched, and each of its calls that concerns its files may be the last, or be refused. */
import type { Thread } from "./traced-run.ts";

export interface Fault {
  /** For counting, such as "write". */
  readonly group: string;
  readonly thread: Thread;
  readonly call: string;
  /** Ordinal among the calls of this name by this thread. */
  readonly when: number;
  readonly effect: Effect;
  /** The call as it stood in the log of the run that was watched. */
  readonly text: string;
}

export type Effect = "SIGKILL" | "ENOSPC" | "EIO" | "EMFILE" | "EMLINK";

interface Group {
  readonly name: string;
  readonly calls: readonly string[];
  readonly effects: readonly Effect[];
  /** Where a kill changes nothing, because the call does not: opening to read. */
  readonly kills?: (text: string) => boolean;
}

const GROUPS: readonly Group[] = [
  { name: "write", calls: ["write", "pwrite64", "writev", "pwritev"], effects: ["SIGKILL", "ENOSPC"] },
  { name: "rename", calls: ["rename", "renameat", "renameat2"], effects: ["SIGKILL", "ENOSPC", "EIO"] },
  { name: "fsync", calls: ["fsync", "fdatasync"], effects: ["SIGKILL", "EIO"] },
  { name: "link", calls: ["link", "linkat"], effects: ["SIGKILL", "ENOSPC", "EMLINK"] },
  { name: "symlink", calls: ["symlink", "symlinkat"], effects: ["SIGKILL", "ENOSPC", "EIO"] },
  { name: "mkdir", calls: ["mkdir", "mkdirat"], effects: ["SIGKILL", "ENOSPC"] },
  { name: "unlink", calls: ["unlink", "unlinkat", "rmdir"], effects: ["SIGKILL", "EIO"] },
  { name: "open", calls: ["openat"], effects: ["SIGKILL", "EMFILE"], kills: (text) => text.includes("O_CREAT") },
  { name: "truncate", calls: ["ftruncate"], effects: ["SIGKILL", "EIO"] },
  { name: "modes", calls: ["chmod", "fchmod", "utimensat"], effects: ["EIO"] },
  { name: "close", calls: ["close"], effects: ["EIO"] },
  { name: "read", calls: ["read", "pread64"], effects: ["EIO"] },
];

export const WATCHED = ["-e", `trace=${GROUPS.flatMap(({ calls }) => calls).join(",")}`];

/** Arguments of strace for a fault; `-qq` leaves nothing in the log but the call. */
export const argsFor = ({ call, when, effect }: Fault): readonly string[] => [
  "-e",
  `trace=${call}`,
  "-e",
  `inject=${call}:${effect === "SIGKILL" ? "signal=SIGKILL" : `error=${effect}`}:when=${when}`,
];

/**
 * @param log of a run in which both threads were watched
 * @param folders what lies below these is the run's own: not pipes, sockets or Node's files
 */
export function faultsOf(log: string, threadIds: Readonly<Record<Thread, number>>, folders: readonly string[]): readonly Fault[] {
  const counts = new Map<string, number>();
  const faults: Fault[] = [];
  for (const line of log.split("\n")) {
    const [, id, call = "", text = ""] = /^(\d+) +([a-z0-9_]+)\((.*)/.exec(line) ?? [];
    const group = GROUPS.find(({ calls }) => calls.includes(call));
    if (group === undefined) continue;
    const thread = Number(id) === threadIds.main ? "main" : "pool";
    const when = (counts.get(`${thread} ${call}`) ?? 0) + 1;
    counts.set(`${thread} ${call}`, when);
    if (!folders.some((folder) => text.includes(`${folder}/`)) || /[/]mirror[/]/.test(text)) continue;
    for (const effect of group.effects) {
      if (effect === "SIGKILL" && group.kills?.(text) === false) continue;
      faults.push({ group: group.name, thread, call, when, effect, text });
    }
  }
  return faults;
}

/** So many of them, spread evenly over a run: always the same. */
export function sampleOf(faults: readonly Fault[], count: number): readonly Fault[] {
  // By group, then by time: so that each group has its share.
  const sorted = [...faults].sort((left, right) => (left.group < right.group ? -1 : left.group > right.group ? 1 : 0));
  const groups = [...Map.groupBy(sorted, ({ group }) => group).values()];
  const each = Math.max(1, Math.floor(count / groups.length));
  return groups.flatMap((group) =>
    group.filter((_, position) => position % Math.ceil(group.length / each) === Math.floor(group.length / each / 2)),
  );
}

export const nameOf = ({ group, thread, call, when, effect }: Fault): string => `${group}: ${effect} at ${call} ${when} of ${thread}`;
