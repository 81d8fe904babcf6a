/** `aptmerge rollback`: an older generation's content again, as a new generation under a later Date. */
import { Command, InvalidArgumentError } from "commander";
import type { Cli } from "../cli.ts";
import { seconds } from "../flag-values.ts";

interface RollbackFlags {
  readonly dryRun?: boolean;
  readonly wait?: number;
  readonly acceptReleaseChange?: boolean;
}

export function rollbackCommand(cli: Cli): Command {
  return new Command("rollback")
    .description("publish the content of an older generation again, under a fresh, later Date")
    .argument("[generation]", "its number (default: the one before the live one; after a rollback, the one before that)", generationNumber)
    .option("--dry-run", "prove the old generation and tell what would change; publish and sign nothing")
    .option("--wait <seconds>", "wait so long for another run to end", seconds)
    .option("--accept-release-change", "publish although Origin, Label, Codename or NotAutomatic change, as apt asks its users")
    .addHelpText(
      "after",
      `
Asks no mirror. Suites that the generation has and the config names go back; the others stay as they are. A merge then leaves them
so while their inputs are those that were rolled back from: it goes on by itself when a mirror's indices, the config or an override
change, or at once with: aptmerge merge --full

Examples:
  aptmerge history                 which generations there are
  aptmerge rollback --dry-run
  aptmerge rollback                the one before the live one
  aptmerge rollback 42
`,
    )
    .action((generation: number | undefined, flags: RollbackFlags) => rollback(cli, generation, flags));
}

async function rollback(cli: Cli, generation: number | undefined, flags: RollbackFlags): Promise<void> {
  const { dryRun = false, wait = 0, acceptReleaseChange = false } = flags;
  const settings = await cli.settings();
  const { openWorld } = await import("../open-world.ts");
  const { rollBack } = await import("../../lib/pipeline/rollback.ts");
  const { formatRollback } = await import("../../lib/report/rollback.ts");
  // Override files have no say in it: one that is broken must not stop it.
  const world = await openWorld(
    cli,
    { ...settings, overrides: undefined },
    { waitMs: wait * 1000, jobs: undefined, reporter: cli.reporter },
  );
  try {
    cli.print(formatRollback(await rollBack(settings, { generation, dryRun, acceptReleaseChange }, world)));
  } finally {
    await world.close();
  }
}

function generationNumber(text: string): number {
  if (!/^[0-9]{1,12}$/.test(text)) throw new InvalidArgumentError("It must be the number of a generation, see: aptmerge history");
  return Number(text);
}
