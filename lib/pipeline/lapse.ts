/** The alarm before clients stop: a suite whose Valid-Until is to be renewed and cannot be. It is never prolonged over what was not verified. */
import { type Problem, problem } from "../errors.ts";
import { isRenewalDue } from "../release/timing.ts";
import type { SuiteRun } from "./suite-run.ts";

export function lapsingSuites(runs: readonly SuiteRun[], now: Date): readonly Problem[] {
  return runs.flatMap(({ suite, last: { record }, state }) => {
    if (record?.validUntil === undefined || (state.kind !== "failed" && state.kind !== "held")) return [];
    const until = new Date(record.validUntil);
    if (!isRenewalDue(now, new Date(record.date), until)) return [];
    const found = until < now ? "was valid until" : "is valid until";
    const then = until < now ? "clients refuse it" : "clients will refuse it then";
    const text = `Suite "${suite.name}" as it is published ${found} ${record.validUntil} and could not be renewed: ${then}`;
    return [problem("warning", "TREE_EXPIRES", text, { suite: suite.name })];
  });
}
