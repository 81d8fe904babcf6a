/** Puts a run's report where the flags want it. */
import { access, constants, writeFile } from "node:fs/promises";
import { dirname, resolve } from "node:path";
import { InvalidArgumentError } from "commander";
import { MergeError, problem } from "../lib/errors.ts";
import type { Report } from "../lib/report/report.ts";
import type { Cli } from "./cli.ts";

/** By the word that flags take, each loaded when it is wanted. Only text for a terminal is ever cut. */
const FORMATS = {
  text: async (report, all) => (await import("../lib/report/text.ts")).formatText(report, { all }),
  json: async (report) => (await import("../lib/report/report.ts")).formatJson(report),
  markdown: async (report) => (await import("../lib/report/markdown.ts")).formatMarkdown(report),
  html: async (report) => (await import("../lib/report/html.ts")).formatHtml(report),
} as const satisfies Record<string, (report: Report, all: boolean) => Promise<string>>;

export type ReportFormat = keyof typeof FORMATS;

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
  if (isFormat(text)) return text;
  throw new InvalidArgumentError("It must be text, json, markdown or html.");
}

const isFormat = (text: string): text is ReportFormat => Object.hasOwn(FORMATS, text);

/** Finds out before the run whether the reports can be written: afterwards it is too late to say that nothing happened. @throws MergeError USAGE */
export async function checkReportFiles(cli: Cli, wishes: readonly ReportWish[]): Promise<void> {
  for (const { file } of wishes) {
    if (file === undefined) continue;
    const path = resolve(cli.cwd, file);
    await access(dirname(path), constants.W_OK).catch((error: Error) => {
      throw new MergeError("USAGE", `Cannot write the report "${file}": ${error.message}, its folder must be there and writable`, { file });
    });
  }
}

/** Without a wish for stdout the text report goes there, except with --quiet. */
export async function writeReports(cli: Cli, report: Report, wishes: readonly ReportWish[]): Promise<void> {
  for (const { format, file } of wishes) {
    const text = await formatReport(report, format, file !== undefined);
    if (file === undefined) cli.print(text);
    else {
      // The run is over and its exit status stands: a copy of the report is in STATE/runs.
      await writeFile(resolve(cli.cwd, file), text).catch((error: Error) => {
        const hint = `The run itself ended as told; its report is in STATE/runs/${report.run.id}`;
        cli.tell(problem("warning", "DISK_FAILED", `Cannot write the report "${file}": ${error.message}`, { file }, hint));
      });
    }
  }
  if (!cli.quiet && wishes.every(({ file }) => file !== undefined)) cli.print(await formatReport(report, "text", cli.verbose));
}

/** @param all whether text is to be uncut too */
export const formatReport = (report: Report, format: ReportFormat, all: boolean): Promise<string> => FORMATS[format](report, all);
