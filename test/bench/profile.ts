/** Where a run's time went, from what V8 sampled: which files of the program were at work, and how long it waited for children and disks. */
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

interface CpuProfile {
  readonly nodes: readonly {
    readonly id: number;
    readonly callFrame: { readonly functionName: string; readonly url: string };
    readonly children?: readonly number[];
  }[];
  readonly samples: readonly number[];
  /** Microseconds. */
  readonly timeDeltas: readonly number[];
}

/** @returns for NODE_OPTIONS */
export const profiling = (folder: string): string => `--cpu-prof --cpu-prof-dir=${folder}`;

/** Milliseconds of the main thread by the innermost file of the program, the most first. */
export function timeByFile(folder: string): readonly (readonly [string, number])[] {
  const spent = new Map<string, number>();
  for (const name of readdirSync(folder)) {
    const { nodes, samples, timeDeltas } = JSON.parse(readFileSync(join(folder, name), "utf8")) as CpuProfile;
    const byId = new Map(nodes.map((node) => [node.id, node]));
    const parents = new Map(nodes.flatMap(({ id, children = [] }) => children.map((child) => [child, id] as const)));
    const labels = new Map<number, string>();
    const labelOf = (id: number): string => {
      const { functionName, url } = byId.get(id)?.callFrame ?? { functionName: "", url: "" };
      if (functionName === "(idle)") return "waiting";
      if (functionName === "(garbage collector)") return "collecting garbage";
      const own = /\/((?:lib|bin|config)\/[^?]+)$/.exec(url)?.[1] ?? /\/node_modules\/((?:@[^/]+\/)?[^/]+)\//.exec(url)?.[1];
      const parent = parents.get(id);
      return own ?? (parent === undefined ? "node itself" : label(parent));
    };
    const label = (id: number): string => {
      const known = labels.get(id) ?? labelOf(id);
      labels.set(id, known);
      return known;
    };
    for (const [position, id] of samples.entries()) spent.set(label(id), (spent.get(label(id)) ?? 0) + (timeDeltas[position] ?? 0) / 1000);
  }
  return [...spent].sort(([, left], [, right]) => right - left);
}
