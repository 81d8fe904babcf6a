/** `aptmerge explain`: the contest of one name. */
import { Command } from "commander";
import { parseArchitecture, parseSuiteName } from "../../lib/archive/names.ts";
import { MergeError } from "../../lib/errors.ts";
import { formatExplanations } from "../../lib/report/explanation.ts";
import type { Cli } from "../cli.ts";
import { parseFormat, type ReportFormat } from "../write-reports.ts";

interface ExplainFlags {
  readonly suite?: string;
  readonly arch?: string;
  readonly format: ReportFormat;
}

export function explainCommand(cli: Cli): Command {
  return new Command("explain")
    .description("every candidate of a package name, the rule that decided, and what lost")
    .argument("<package>", "name of a binary or source package")
    .option("--suite <suite>", "only in this merged suite")
    .option("--arch <architecture>", "only for this architecture; source for sources")
    .option("--format <format>", "text or json", parseFormat, "text")
    .addHelpText(
      "after",
      `
Reads what the last merge stored and asks no mirror.

Examples:
  aptmerge explain base-files
  aptmerge explain base-files --suite daedalus --arch amd64 --format json
`,
    )
    .action((name: string, flags: ExplainFlags) => explainPackage(cli, name, flags));
}

async function explainPackage(cli: Cli, name: string, flags: ExplainFlags): Promise<void> {
  const settings = await cli.settings();
  const suite = flags.suite === undefined ? undefined : parseSuiteName(flags.suite);
  if (suite !== undefined && !settings.suites.some((one) => one.name === suite)) {
    const known = settings.suites.map((one) => one.name).join(", ");
    throw new MergeError("USAGE", `Cannot explain "${name}" in suite "${suite}": the config has ${known}, it must be one of them`);
  }
  const known = new Set<string>(settings.suites.flatMap((one) => [...one.architectures, ...(one.sources ? ["source"] : [])]));
  if (flags.arch !== undefined && !known.has(flags.arch)) {
    throw new MergeError(
      "USAGE",
      `Cannot explain "${name}" for "${flags.arch}": the config has ${[...known].join(", ")}, it must be one of them`,
    );
  }
  const { openReadingWorld } = await import("../open-world.ts");
  const { explain } = await import("../../lib/pipeline/explain.ts");
  const world = await openReadingWorld(cli, settings);
  const architecture = flags.arch === undefined ? undefined : parseArchitecture(flags.arch);
  const explanations = await explain({ name, suite, architecture }, settings, world);
  cli.print(
    flags.format === "json"
      ? `${JSON.stringify({ schema: "aptmerge.explain/1", explanations }, null, 2)}\n`
      : formatExplanations(name, explanations),
  );
}
