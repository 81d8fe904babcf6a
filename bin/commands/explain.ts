/** `aptmerge explain`: the contest of one name, or all that a ban takes out. */
import { Command, Option } from "commander";
import { parseArchitecture, parseSuiteName, type SuiteName } from "../../lib/archive/names.ts";
import { MergeError } from "../../lib/errors.ts";
import type { Settings } from "../../lib/settings.ts";
import type { Cli } from "../cli.ts";

interface ExplainFlags {
  readonly suite?: string;
  readonly arch?: string;
  readonly format: "text" | "json";
  readonly source?: boolean;
  readonly ban?: string;
}

export function explainCommand(cli: Cli): Command {
  return new Command("explain")
    .description("every candidate of a package name, the rule that decided, what lost and why; or all that a ban takes out")
    .argument("[package]", "name of a binary or source package")
    .option("--suite <suite>", "only in this merged suite")
    .option("--arch <architecture>", "only for this architecture; source for sources")
    .option("--source", "the name is a source package: its contest, and the binaries that are built from it")
    .option("--ban <rule>", "all that this ban takes out, with chains: its pattern, its line in a report, or its place in the config")
    .addOption(new Option("--format <format>", "how it is told").choices(["text", "json"]).default("text"))
    .addHelpText(
      "after",
      `
Reads what the last merge stored and asks no mirror.

Examples:
  aptmerge explain base-files
  aptmerge explain base-files --suite daedalus --arch amd64 --format json
  aptmerge explain --source grub2
  aptmerge explain --ban systemd-sysv
`,
    )
    .action((name: string | undefined, flags: ExplainFlags) => explainAsked(cli, name, flags));
}

async function explainAsked(cli: Cli, name: string | undefined, flags: ExplainFlags): Promise<void> {
  if ((name === undefined) === (flags.ban === undefined)) {
    const found = name === undefined ? "neither a package nor --ban is given" : "both a package and --ban are given";
    throw new MergeError("USAGE", `Cannot explain: ${found}, it must be one of them`);
  }
  if (flags.ban !== undefined && (flags.source || flags.arch !== undefined))
    throw new MergeError("USAGE", "Cannot explain: --ban goes with --suite and --format alone");
  const settings = await cli.settings();
  const suite = suiteOf(settings, flags.suite, name ?? flags.ban ?? "");
  const json = flags.format === "json";
  const { openReadingWorld } = await import("../open-world.ts");
  if (flags.ban !== undefined) {
    const { explainBan } = await import("../../lib/pipeline/explain-ban.ts");
    const { formatExplainedBans } = await import("../../lib/report/explained-ban.ts");
    const bans = await explainBan(flags.ban, suite, settings, await openReadingWorld(cli, settings));
    cli.print(json ? `${JSON.stringify({ schema: "aptmerge.explain-ban/1", bans }, null, 2)}\n` : formatExplainedBans(bans));
    return;
  }
  const { explain } = await import("../../lib/pipeline/explain.ts");
  const { formatExplanations } = await import("../../lib/report/explanation.ts");
  const architecture = architectureOf(settings, flags.arch, name ?? "");
  const question = { name: name ?? "", suite, architecture, source: flags.source ?? false };
  const explanations = await explain(question, settings, await openReadingWorld(cli, settings));
  cli.print(
    json ? `${JSON.stringify({ schema: "aptmerge.explain/1", explanations }, null, 2)}\n` : formatExplanations(question.name, explanations),
  );
}

function suiteOf(settings: Settings, wanted: string | undefined, what: string): SuiteName | undefined {
  if (wanted === undefined) return undefined;
  const suite = parseSuiteName(wanted);
  if (settings.suites.some((one) => one.name === suite)) return suite;
  const known = settings.suites.map((one) => one.name).join(", ");
  throw new MergeError("USAGE", `Cannot explain "${what}" in suite "${suite}": the config has ${known}, it must be one of them`);
}

function architectureOf(settings: Settings, wanted: string | undefined, what: string): ReturnType<typeof parseArchitecture> | undefined {
  if (wanted === undefined) return undefined;
  const known = new Set<string>(settings.suites.flatMap((one) => [...one.architectures, ...(one.sources ? ["source"] : [])]));
  if (known.has(wanted)) return parseArchitecture(wanted);
  throw new MergeError(
    "USAGE",
    `Cannot explain "${what}" for "${wanted}": the config has ${[...known].join(", ")}, it must be one of them`,
  );
}
