/** A merge run from the command line: opens the world, runs the pipeline, keeps the report. Shared by merge, diff and demo. */
import type { SuiteName } from "../lib/archive/names.ts";
import { MergeError } from "../lib/errors.ts";
import type { RunRequest } from "../lib/pipeline/world.ts";
import { run } from "../lib/pipeline.ts";
import type { Folder } from "../lib/ports.ts";
import { jsonPieces, type Report } from "../lib/report/report.ts";
import type { Settings } from "../lib/settings.ts";
import { listOldRuns } from "../lib/state/runs.ts";
import type { Cli } from "./cli.ts";
import { loggingReporter, openWorld, runId } from "./open-world.ts";

export type RunWishes = Partial<Omit<RunRequest, "id" | "suites">> & {
  readonly suites?: readonly string[];
  readonly waitMs?: number;
  readonly jobs?: number | undefined;
};

/** @throws MergeError, MergeErrors when the run could not begin */
export async function runMerge(cli: Cli, settings: Settings, wishes: RunWishes): Promise<Report> {
  checkMirrorSuites(settings, wishes.acceptOlder ?? new Set());
  const { reporter, lines } = loggingReporter(cli.reporter);
  const request: RunRequest = {
    id: runId(cli.now),
    suites: namedSuites(settings, wishes.suites ?? []),
    dryRun: wishes.dryRun ?? false,
    offline: wishes.offline ?? false,
    full: wishes.full ?? false,
    settle: wishes.settle ?? false,
    acceptShrink: wishes.acceptShrink ?? false,
    acceptReleaseChange: wishes.acceptReleaseChange ?? false,
    acceptUninstallable: wishes.acceptUninstallable ?? false,
    acceptOlder: wishes.acceptOlder ?? new Set(),
  };
  if (settings.publish.checkWithApt && !request.dryRun) (await import("../lib/io/apt-update.ts")).needApt();
  const world = await openWorld(cli, settings, { waitMs: wishes.waitMs ?? 0, jobs: wishes.jobs, reporter });
  try {
    const report = await run(settings, request, world);
    await keepReport(world.state, report, lines);
    cli.exit(report.exitCode);
    return report;
  } finally {
    endReporter(cli);
    await world.close();
  }
}

/** Takes the live line away before result text is printed. */
function endReporter(cli: Cli): void {
  const { reporter } = cli;
  if ("end" in reporter && typeof reporter.end === "function") reporter.end();
}

/** @throws MergeError USAGE for a suite that the config does not have */
function namedSuites(settings: Settings, names: readonly string[]): readonly SuiteName[] | undefined {
  if (names.length === 0) return undefined;
  return names.map((name) => {
    const suite = settings.suites.find((one) => one.name === name);
    if (suite === undefined) {
      const known = settings.suites.map((one) => one.name).join(", ");
      throw new MergeError("USAGE", `Cannot merge suite "${name}": the config has ${known}, it must be one of them`);
    }
    return suite.name;
  });
}

/** A slip in a name that lowers a guard must not pass for a guard that was lowered. @throws MergeError USAGE */
function checkMirrorSuites(settings: Settings, names: ReadonlySet<string>): void {
  const known = new Set(settings.suites.flatMap(({ from }) => from.map(({ mirror, suite }) => `${mirror.name}/${suite}`)));
  for (const name of names) {
    if (known.has(name)) continue;
    throw new MergeError(
      "USAGE",
      `Cannot accept an older "${name}": the config takes from ${[...known].join(", ")}, it must be one of them`,
    );
  }
}

/** A report that cannot be kept is no reason to call a published tree a failure. */
async function keepReport(state: Folder, report: Report, lines: readonly string[]): Promise<void> {
  try {
    const folder = `runs/${report.run.id}`;
    await state.writeNew(`${folder}/report.json`, bytesOf(jsonPieces(report)));
    await state.writeNew(`${folder}/log`, Buffer.from(lines.map((line) => `${line}\n`).join("")));
    for (const path of await listOldRuns(state)) await state.remove(path);
  } catch {
    // Whatever it was, the run has ended and its outcome stands.
  }
}

async function* bytesOf(pieces: Iterable<string>): AsyncGenerator<Buffer> {
  for (const piece of pieces) yield Buffer.from(piece);
}
