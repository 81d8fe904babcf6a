/** What every report for people says of a run and its suites before it comes to single packages. */
import type { Problem, Severity } from "../errors.ts";
import { many, size } from "./plain.ts";
import type { IndexReport, MirrorReport, Report, SuiteReport } from "./report.ts";

/** How the run ended, in one sentence without a period. */
export function headline(report: Report): string {
  const generation = report.generation === undefined ? "" : ` generation ${report.generation}`;
  switch (report.outcome) {
    case "published":
      return `Published${generation}`;
    case "partial":
      return report.run.dryRun
        ? "Would publish in part: some suites would keep their last state"
        : `Published${generation} in part: some suites keep their last state`;
    case "unchanged":
      return `Nothing changed${generation === "" ? "" : `:${generation} stays`}`;
    case "would-publish":
      return "Would publish a new generation (dry run: nothing was written)";
    case "failed":
      return report.generation === undefined ? "Failed: nothing is published" : `Failed:${generation} stays as it was`;
    default:
      return report.outcome satisfies never;
  }
}

/** What became of a suite. Every suite of the config has mirrors. */
export function fateOf({ mirrors, outcome }: SuiteReport, dryRun: boolean): string {
  if (mirrors.length > 0) return outcome;
  return `${dryRun ? "would be removed" : "removed"}, the config no longer names it`;
}

/** What a suite's changes are: done, or what publishing it would do. */
export const isConditional = (suite: SuiteReport, dryRun: boolean): boolean => dryRun || suite.outcome === "held";

/** Whether there are figures of a merge to tell. */
export const wasMerged = ({ mirrors, indices }: SuiteReport): boolean => mirrors.length > 0 && indices.length > 0;

export const lostText = ({ shadowed, overridden }: SuiteReport, figure: (count: number) => string = String): string =>
  `${figure(shadowed)} stanzas lost to another mirror, ${figure(overridden)} changed by overrides`;

/** `2 files (1.2 MB)`; empty when there was nothing to fetch. */
export const fetchedText = ({ files, bytes }: MirrorReport, verb = ""): string =>
  files === 0 ? "" : `${many(files, "file")}${verb} (${size(bytes)})`;

/** `1 added, 2 changed`. */
export function differenceText({ added, removed, changed }: Pick<IndexReport, "added" | "removed" | "changed">): string {
  const counts = [
    [added, "added"],
    [removed, "removed"],
    [changed, "changed"],
  ] as const;
  return counts.flatMap(([count, word]) => (count === 0 ? [] : [`${count} ${word}`])).join(", ");
}

const SEVERITIES = [
  ["error", "error"],
  ["warning", "warning"],
  ["info", "note"],
] as const satisfies readonly (readonly [Severity, string])[];

/** The gravest first, else in the order in which they occurred. */
export const problemsInOrder = (problems: readonly Problem[]): readonly Problem[] =>
  SEVERITIES.flatMap(([severity]) => problems.filter((one) => one.severity === severity));

/** `1 error, 2 warnings`. */
export function problemCounts(problems: readonly Problem[]): string {
  const counts = SEVERITIES.map(([severity, word]) => [problems.filter((one) => one.severity === severity).length, word] as const);
  return counts.flatMap(([count, word]) => (count === 0 ? [] : [many(count, word)])).join(", ");
}

/** Mirror, suite and file that a problem names; empty when it names none. */
export const placeOf = ({ mirror, suite, file }: Problem): string =>
  [
    ...(mirror === undefined ? [] : [`mirror ${mirror}`]),
    ...(suite === undefined ? [] : [`suite ${suite}`]),
    ...(file === undefined ? [] : [file]),
  ].join(", ");
