/** A suite that the config no longer names: what clients would lose. */
import { walkDelta } from "../delta/stanza-delta.ts";
import { readIndexPath } from "../kinds/registry.ts";
import { joinChanges } from "../report/changes.ts";
import { NOTHING_MERGED, type SuiteReport } from "../report/report.ts";
import type { RunContext } from "./context.ts";
import { type LastSuite, lastSuite, lastTable, mirrorByPath } from "./last-generation.ts";
import { suitesThatGo } from "./publish-plan.ts";
import type { World } from "./world.ts";

/** Read before the switch: a generation that is pruned afterwards cannot tell any more. */
export async function reportRemoved(context: RunContext): Promise<readonly SuiteReport[]> {
  const { request, last, world } = context;
  const reports: SuiteReport[] = [];
  for (const name of suitesThatGo(context)) reports.push(await reportOne(name, lastSuite(last, name), request.dryRun, world));
  return reports;
}

async function reportOne(name: string, last: LastSuite, dryRun: boolean, world: World): Promise<SuiteReport> {
  const indices = [];
  const changes = [];
  for (const { path } of last.record?.indices ?? []) {
    const index = readIndexPath(path);
    if (index === undefined) continue; // of a kind that this version does not know
    const { kind, component, architecture } = index;
    const own = walkDelta(await lastTable(last, path, kind.fields, world), mirrorByPath(last)).finish();
    indices.push({ path, stanzas: 0, added: 0, removed: own.length, changed: 0, bytes: 0, rebuilt: true });
    changes.push({ component, architecture, type: kind.type, changes: own.map((change) => ({ ...change })) });
  }
  const outcome = dryRun ? "would-publish" : "published";
  const joined = joinChanges(changes).map((change) => ({ ...change, reason: "the config no longer has the suite" }));
  return { name, outcome, mirrors: [], indices, changes: joined, ...NOTHING_MERGED };
}
