/** Puts a run's report where the flags want it. */
import { writeFile } from "node:fs/promises";
import { resolve } from "node:path";
import { InvalidArgumentError } from "commander";
import { MergeError } from "../lib/errors.ts";
import { formatJson, type Report } from "../lib/report/report.ts";
import { formatText } from "../lib/report/text.ts";
import type { Cli } from "./cli.ts";

export type ReportFormat = "text" | "json";

export interface ReportWish {
  readonly format: ReportFormat;
  /** Undefined = stdout. */
  readonly file: string | undefined;
}

/** `FORMAT` or `FORMAT:FILE`. */
export function parseReportWish(text: string): ReportWish {
  const colon = text.indexOf(":");
  const format = parseFormat(colon < 0 ? text : text.slice(0, colon));
  const file = colon < 0 ? undefined : text.slice(colon + 1);
  if (file === "") throw new InvalidArgumentError("A file name must follow the colon.");
  return { format, file };
}

export function parseFormat(text: string): ReportFormat {
  if (text === "text" || text === "json") return text;
  if (text === "markdown" || text === "html") throw new InvalidArgumentError("This version writes text and json only.");
  throw new InvalidArgumentError("It must be text or json.");
}

/** Without a wish for stdout the text report goes there, except with --quiet. */
export async function writeReports(cli: Cli, report: Report, wishes: readonly ReportWish[]): Promise<void> {
  for (const { format, file } of wishes) {
    const text = formatReport(report, format, file !== undefined);
    if (file === undefined) cli.print(text);
    else {
      await writeFile(resolve(cli.cwd, file), text).catch((error: Error) => {
        throw new MergeError("DISK_FAILED", `Cannot write the report "${file}": ${error.message}`, { file });
      });
    }
  }
  if (!cli.quiet && wishes.every(({ file }) => file !== undefined)) cli.print(formatText(report, { all: cli.verbose }));
}

export const formatReport = (report: Report, format: ReportFormat, all: boolean): string =>
  format === "json" ? formatJson(report) : formatText(report, { all });
