/** Puts the report of a run together from what its suites came to. */
import { formatInstant } from "../archive/dates.ts";
import { exitStatusOf } from "../errors.ts";
import type { Generation } from "../publish/generations.ts";
import { joinChanges } from "../report/changes.ts";
import {
  type MirrorReport,
  NOTHING_MERGED,
  type Outcome,
  REPORT_SCHEMA,
  type Report,
  type SuiteOutcome,
  type SuiteReport,
} from "../report/report.ts";
import type { RunContext } from "./context.ts";
import type { SuiteRun } from "./suite-run.ts";
import type { MirrorIntake } from "./take-in.ts";

export function reportRun(
  runs: readonly SuiteRun[],
  removed: readonly SuiteReport[],
  made: Generation | undefined,
  context: RunContext,
): Report {
  const { request, world, last, problems, timings } = context;
  const suites = [...runs.map((one) => reportSuite(one, request.dryRun)), ...removed];
  for (const { intakes } of runs) for (const { taken } of intakes) timings.add("verifyMs", taken.verifyMs);
  const generation = made?.number ?? last?.generation.number;
  return {
    schema: REPORT_SCHEMA,
    run: {
      id: request.id,
      version: world.version,
      started: formatInstant(world.now),
      finished: formatInstant(new Date(world.now.getTime() + timings.elapsedMs())),
      dryRun: request.dryRun,
    },
    outcome: outcomeOf(suites.map((suite) => suite.outcome)),
    exitCode: exitStatusOf(problems),
    ...(generation === undefined ? {} : { generation }),
    suites,
    problems,
    timings: timings.read(),
  };
}

function outcomeOf(outcomes: readonly SuiteOutcome[]): Outcome {
  const some = (outcome: SuiteOutcome): boolean => outcomes.includes(outcome);
  const published = some("published") || some("would-publish");
  if (some("held") || some("failed")) return published ? "partial" : "failed";
  if (some("would-publish")) return "would-publish";
  return published ? "published" : "unchanged";
}

function reportSuite(one: SuiteRun, dryRun: boolean): SuiteReport {
  const { suite, state, intakes } = one;
  const mirrors = suite.from.map((from) => {
    const intake = intakes.find(({ taken }) => taken.from.rank === from.rank);
    return intake === undefined ? failedMirror(from.mirror.name, from.suite) : reportMirror(intake);
  });
  if (state.kind !== "merged" && state.kind !== "held") {
    const again = state.kind === "due" || state.kind === "reissued";
    const kept = again ? (dryRun ? "would-publish" : "published") : undefined;
    const outcome = kept ?? (state.kind === "unchanged" ? "unchanged" : one.last.record === undefined ? "failed" : "held");
    return { name: suite.name, outcome, mirrors, indices: [], changes: [], ...NOTHING_MERGED };
  }
  const { indices, followers, shadowed, banned, needsBanned, orphans, builtUsing, behind, limited, uninstallable, overridden } =
    state.merged;
  const changes = joinChanges(
    indices.map(({ component, architecture, kind, changes: own }) => ({ component, architecture, type: kind.type, changes: own })),
  );
  return {
    name: suite.name,
    outcome: state.kind === "held" ? "held" : dryRun ? "would-publish" : "published",
    mirrors,
    indices: [
      ...indices.map(({ path, stanzas, plain, rebuilt, changes: own }) => {
        const count = (kind: string): number => own.filter((change) => change.kind === kind).length;
        const [added, removed] = [count("added"), count("removed")];
        return { path, stanzas, added, removed, changed: own.length - added - removed, bytes: plain.bytes, rebuilt };
      }),
      ...followers.map(({ path, stanzas, plain, rebuilt }) => ({
        path,
        stanzas,
        added: 0,
        removed: 0,
        changed: 0,
        bytes: plain.bytes,
        rebuilt,
      })),
    ],
    changes,
    shadowed,
    banned,
    needsBanned,
    orphans,
    builtUsing,
    behind,
    limited,
    uninstallable,
    overridden,
  };
}

function reportMirror({ taken, cached, files, bytes, patched }: MirrorIntake): MirrorReport {
  const { release, from } = taken;
  return {
    name: from.mirror.name,
    suite: from.suite,
    state: cached ? "cached" : taken.state,
    date: formatInstant(release.date),
    ...(release.validUntil === undefined ? {} : { validUntil: formatInstant(release.validUntil) }),
    signedBy: release.signedBy,
    files,
    bytes: bytes + taken.bytes,
    via: [...new Set([...taken.via, ...(files > 0 ? ["full" as const] : []), ...(patched > 0 ? ["pdiff" as const] : [])])],
  };
}

const failedMirror = (name: string, suite: string): MirrorReport => ({
  name,
  suite,
  state: "failed",
  signedBy: [],
  files: 0,
  bytes: 0,
  via: [],
});
