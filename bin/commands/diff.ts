/** `aptmerge diff`: what a merge would change, and why. Publishes and signs nothing; may fill the download store. */
import { Command } from "commander";
import type { Cli } from "../cli.ts";
import { formatReport, parseFormat, type ReportFormat } from "../write-reports.ts";

interface DiffFlags {
  readonly format: ReportFormat;
  readonly exitCode?: boolean;
  readonly offline?: boolean;
}

export function diffCommand(cli: Cli): Command {
  return new Command("diff")
    .description("what a merge would change, and why; publishes nothing")
    .argument("[suite...]", "only these merged suites")
    .option("--format <format>", "text, json, markdown or html", parseFormat, "text")
    .option("--exit-code", "exit with 1 when something would change")
    .option("--offline", "stored bytes only: ask no mirror")
    .addHelpText(
      "after",
      `
Examples:
  aptmerge diff
  aptmerge diff --format json --exit-code > changes.json
  aptmerge diff --format html > changes.html
`,
    )
    .action((suites: readonly string[], flags: DiffFlags) => diff(cli, suites, flags));
}

async function diff(cli: Cli, suites: readonly string[], flags: DiffFlags): Promise<void> {
  const settings = await cli.settings();
  const { runMerge } = await import("../run-merge.ts");
  const report = await runMerge(cli, settings, { suites, dryRun: true, offline: flags.offline ?? false });
  cli.print(await formatReport(report, flags.format, cli.verbose));
  const differs = report.outcome === "would-publish" || report.outcome === "partial";
  if (flags.exitCode && differs) cli.exit(1);
}
