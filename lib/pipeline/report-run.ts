/** Puts the report of a run together from what its suites came to. */
import { formatInstant } from "../archive/dates.ts";
import { exitStatusOf, type Problem } from "../errors.ts";
import type { Generation } from "../publish/generations.ts";
import { joinChanges } from "../report/changes.ts";
import {
  type MirrorReport,
  type Outcome,
  REPORT_SCHEMA,
  type Report,
  type SuiteOutcome,
  type SuiteReport,
  type Timings,
} from "../report/report.ts";
import type { LastGeneration } from "./last-generation.ts";
import type { SuiteRun } from "./suite-run.ts";
import type { MirrorIntake } from "./take-in.ts";
import type { RunRequest, World } from "./world.ts";

type Step = keyof Timings;

export interface RunTimings {
  readonly started: Date;
  measure<T>(step: Step, work: () => Promise<T>): Promise<T>;
  add(step: Step, ms: number): void;
  /** Whole milliseconds. */
  read(): Timings;
}

export function startTimings(started: Date): RunTimings {
  const spent: Record<Step, number> = { fetchMs: 0, verifyMs: 0, mergeMs: 0, composeMs: 0, publishMs: 0 };
  return {
    started,
    async measure(step, work) {
      const begin = performance.now();
      try {
        return await work();
      } finally {
        spent[step] += performance.now() - begin;
      }
    },
    add(step, ms) {
      spent[step] += ms;
    },
    read() {
      const round = (step: Step): number => Math.round(spent[step]);
      return {
        fetchMs: round("fetchMs"),
        verifyMs: round("verifyMs"),
        mergeMs: round("mergeMs"),
        composeMs: round("composeMs"),
        publishMs: round("publishMs"),
      };
    },
  };
}

export function reportRun(
  request: RunRequest,
  world: World,
  last: LastGeneration | undefined,
  runs: readonly SuiteRun[],
  removed: readonly SuiteReport[],
  made: Generation | undefined,
  problems: readonly Problem[],
  timings: RunTimings,
): Report {
  const suites = [...runs.map((one) => reportSuite(one, request.dryRun)), ...removed];
  const generation = made?.number ?? last?.generation.number;
  return {
    schema: REPORT_SCHEMA,
    run: {
      id: request.id,
      version: world.version,
      started: formatInstant(timings.started),
      finished: formatInstant(new Date(timings.started.getTime() + elapsedMs(timings))),
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

function elapsedMs(timings: RunTimings): number {
  const { fetchMs, verifyMs, mergeMs, composeMs, publishMs } = timings.read();
  return fetchMs + verifyMs + mergeMs + composeMs + publishMs;
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
  const nothing = { mirrors, indices: [], changes: [], shadowed: 0, banned: [], orphans: [], overridden: 0 };
  if (state.kind !== "merged") {
    const outcome = state.kind === "unchanged" ? "unchanged" : one.last.record === undefined ? "failed" : "held";
    return { name: suite.name, outcome, ...nothing };
  }
  const { indices, shadowed, overridden, orphans } = state.merged;
  const changes = joinChanges(
    indices.map(({ component, architecture, kind, changes: own }) => ({ component, architecture, type: kind.type, changes: own })),
  );
  return {
    name: suite.name,
    outcome: dryRun ? "would-publish" : "published",
    ...nothing,
    indices: indices.map(({ path, stanzas, plain, rebuilt, changes: own }) => {
      const count = (kind: string): number => own.filter((change) => change.kind === kind).length;
      const [added, removed] = [count("added"), count("removed")];
      return { path, stanzas, added, removed, changed: own.length - added - removed, bytes: plain.bytes, rebuilt };
    }),
    changes,
    shadowed,
    orphans,
    overridden,
  };
}

function reportMirror({ taken, cached, files, bytes }: MirrorIntake): MirrorReport {
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
    via: files > 0 && !taken.via.includes("full") ? [...taken.via, "full"] : taken.via,
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
