/** `aptmerge history`: the generations that are kept. Asks no mirror, takes no lock, writes nothing. */
import { existsSync } from "node:fs";
import { Command, Option } from "commander";
import { MergeError, problemOf } from "../../lib/errors.ts";
import type { Generation } from "../../lib/publish/generations.ts";
import type { GenerationHistory } from "../../lib/report/history.ts";
import type { Cli } from "../cli.ts";

interface HistoryFlags {
  readonly format: "text" | "json";
}

export function historyCommand(cli: Cli): Command {
  return new Command("history")
    .description("the generations that are kept, newest first: when each was made, and of what; which one is live")
    .addOption(new Option("--format <format>", "how it is told").choices(["text", "json"]).default("text"))
    .addHelpText(
      "after",
      `
Reads OUTPUT only. With --verbose each mirror's Release is told too.

Examples:
  aptmerge history
  aptmerge history --format json
`,
    )
    .action((flags: HistoryFlags) => history(cli, flags));
}

async function history(cli: Cli, { format }: HistoryFlags): Promise<void> {
  const { output } = await cli.settings();
  const { formatHistory, HISTORY_SCHEMA } = await import("../../lib/report/history.ts");
  const generations = existsSync(output) ? await generationsOf(output, cli) : [];
  cli.print(
    format === "json"
      ? `${JSON.stringify({ schema: HISTORY_SCHEMA, output, generations }, null, 2)}\n`
      : formatHistory(generations, output, cli.verbose),
  );
}

async function generationsOf(path: string, cli: Cli): Promise<readonly GenerationHistory[]> {
  const { openFolder } = await import("../../lib/io/disk-folder.ts");
  const { liveGeneration } = await import("../../lib/publish/generations.ts");
  const { readHistory } = await import("../../lib/pipeline/history.ts");
  const output = await openFolder(path, { forReading: true });
  let live: Generation | undefined;
  try {
    live = await liveGeneration(output);
  } catch (error) {
    // What is kept is what an operator wants to see most when `current` is lost.
    if (!(error instanceof MergeError)) throw error;
    cli.tell({ ...problemOf(error), severity: "warning" });
  }
  return readHistory(output, live);
}
