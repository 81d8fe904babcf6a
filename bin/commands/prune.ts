/** `aptmerge prune`: removes what nothing needs any more. */
import { existsSync } from "node:fs";
import { Command } from "commander";
import type { Cli } from "../cli.ts";
import { seconds } from "../flag-values.ts";

interface PruneFlags {
  readonly dryRun?: boolean;
  readonly wait?: number;
}

export function pruneCommand(cli: Cli): Command {
  return new Command("prune")
    .description("remove stored files, generations, superseded by-hash files and caches that nothing needs any more")
    .option("--dry-run", "list what would be removed; remove nothing")
    .option("--wait <seconds>", "wait so long for another run to end", seconds)
    .addHelpText(
      "after",
      `
Kept are publish.generations, superseded files for publish.by-hash.keep, all that an accepted Release lists, trust records, the
last hundred runs. Each publish removes most of the rest by itself. With --verbose each file is listed.

Examples:
  aptmerge prune --dry-run
  aptmerge prune --wait 600
`,
    )
    .action((flags: PruneFlags) => prune(cli, flags));
}

async function prune(cli: Cli, { dryRun = false, wait = 0 }: PruneFlags): Promise<void> {
  const settings = await cli.settings();
  const { formatPrune } = await import("../../lib/report/prune.ts");
  if (!existsSync(settings.state) && !existsSync(settings.output)) return cli.print(formatPrune({ dryRun, parts: [] }, false));
  const { openDiskWorld } = await import("../open-world.ts");
  const pipeline = await import("../../lib/pipeline/prune.ts");
  const world = await openDiskWorld(cli, settings, wait * 1000);
  try {
    cli.print(formatPrune(await pipeline.prune(settings, dryRun, world), cli.verbose));
  } finally {
    await world.close();
  }
}
