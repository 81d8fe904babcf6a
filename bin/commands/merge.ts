/** `aptmerge merge`: the main job. */
import { Command, InvalidArgumentError } from "commander";
import type { Cli } from "../cli.ts";
import { seconds } from "../flag-values.ts";
import { checkReportFiles, parseReportWish, type ReportWish, writeReports } from "../write-reports.ts";

interface MergeFlags {
  readonly dryRun?: boolean;
  readonly report?: readonly ReportWish[];
  readonly offline?: boolean;
  readonly full?: boolean;
  readonly settle?: boolean;
  readonly wait?: number;
  readonly jobs?: number;
  readonly acceptShrink?: boolean;
  readonly acceptReleaseChange?: boolean;
  readonly acceptUninstallable?: boolean;
  readonly acceptOlder?: readonly string[];
}

export function mergeCommand(cli: Cli): Command {
  return new Command("merge")
    .description("fetch, verify, merge, sign and publish; does nothing and says so when nothing changed")
    .argument("[suite...]", "only these merged suites; the others keep their last state")
    .option("--dry-run", "find out what would change; publish and sign nothing")
    .option("--report <format[:file]>", "text, json, markdown or html, to a file or to stdout; repeatable", collectReport)
    .option("--offline", "stored bytes only: ask no mirror")
    .option("--full", "ignore every cache and publish anew, also a suite that was rolled back")
    .option("--settle", "take the time to compress anew what updates have edited, so that files are as small as can be")
    .option("--wait <seconds>", "wait so long for another run to end", seconds)
    .option("--jobs <n>", "blocks compressed at one time (default: one per core)", jobs)
    .option("--accept-shrink", "publish although a suite loses more than max-shrink")
    .option("--accept-release-change", "publish although Origin, Label, Codename or NotAutomatic change, as apt asks its users")
    .option("--accept-uninstallable", "publish although packages can no longer be installed from the suite")
    .option("--accept-older <mirror/suite>", "accept an older Release of it, this once; repeatable", collectName)
    .addHelpText(
      "after",
      `
Examples:
  aptmerge merge                              all suites of the config
  aptmerge merge --quiet --wait 600           from cron
  aptmerge merge --quiet --settle             from cron, once a night
  aptmerge merge daedalus --report json:/tmp/report.json
  aptmerge merge --full daedalus              go on after a rollback, before a mirror changes
  aptmerge merge --report html:/srv/reports/last.html --report markdown:/tmp/mail.md
`,
    )
    .action((suites: readonly string[], flags: MergeFlags) => merge(cli, suites, flags));
}

async function merge(cli: Cli, suites: readonly string[], flags: MergeFlags): Promise<void> {
  const settings = await cli.settings();
  await checkReportFiles(cli, flags.report ?? []);
  const { runMerge } = await import("../run-merge.ts");
  const { dryRun = false, offline = false, full = false, settle = false } = flags;
  const { acceptShrink = false, acceptReleaseChange = false, acceptUninstallable = false } = flags;
  const acceptOlder = new Set(flags.acceptOlder ?? []);
  const report = await runMerge(cli, settings, {
    suites,
    dryRun,
    offline,
    full,
    settle,
    acceptShrink,
    acceptReleaseChange,
    acceptUninstallable,
    acceptOlder,
    waitMs: (flags.wait ?? 0) * 1000,
    jobs: flags.jobs,
  });
  await writeReports(cli, report, flags.report ?? []);
}

const collectReport = (text: string, before: readonly ReportWish[] = []): readonly ReportWish[] => [...before, parseReportWish(text)];

const collectName = (text: string, before: readonly string[] = []): readonly string[] => {
  if (!/^[^/]+\/.+$/.test(text)) throw new InvalidArgumentError("It must be MIRROR/SUITE, such as debian/bookworm.");
  return [...before, text];
};

function jobs(text: string): number {
  if (!/^[1-9][0-9]{0,2}$/.test(text)) throw new InvalidArgumentError("It must be a number from 1 to 999.");
  return Number(text);
}
