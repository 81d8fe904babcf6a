/**
 * Reports and logs of runs.
 *
 *     STATE/runs/ID/{report.json,log}      IDs sort by time
 */
import type { Folder } from "../ports.ts";

const RUNS_KEPT = 100;

/** Paths of those beyond the last hundred. */
export async function listOldRuns(state: Folder): Promise<readonly string[]> {
  const runs = ((await state.list("runs")) ?? []).map(({ name }) => `runs/${name}`).sort();
  return runs.slice(0, Math.max(0, runs.length - RUNS_KEPT));
}
