/** `aptmerge demo`: the main job with nothing set up, on two small archives that ship with the project. */
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { Command } from "commander";
import { loadSettings } from "../../config/load.ts";
import { MergeError } from "../../lib/errors.ts";
import { formatExplanations } from "../../lib/report/explanation.ts";
import { formatText } from "../../lib/report/text.ts";
import type { Settings } from "../../lib/settings.ts";
import type { Cli } from "../cli.ts";
import { DEMO_FOLDER } from "../demo-folder.ts";

const CONFIG = join(import.meta.dirname, "..", "..", "config", "demo", "aptmerge.yaml");
/** Names whose contest shows something: a fork, one that only the base has, one of the overlay's own, two versions. */
const SHOWN = ["hello", "jq", "demo-tools", "libdemo++1"];

export function demoCommand(cli: Cli): Command {
  return new Command("demo")
    .description("merge two small archives that ship with aptmerge, and show what happened")
    .argument("[dir]", "folder to publish to", DEMO_FOLDER)
    .addHelpText(
      "after",
      `
The signing key is made for the occasion and thrown away.

Example:
  aptmerge demo /tmp/demo && aptmerge verify /tmp/demo
`,
    )
    .action((dir: string) => demo(cli, resolve(cli.cwd, dir)));
}

async function demo(cli: Cli, output: string): Promise<void> {
  const work = await mkdtemp(join(tmpdir(), "aptmerge-demo-"));
  try {
    const { settings } = await loadSettings(CONFIG, cli.env);
    const mine = await withThrowAwayKey(cli, { ...settings, output, state: join(work, "state") }, work);
    const { runMerge } = await import("../run-merge.ts");
    const report = await runMerge(cli, mine, {});
    cli.print(formatText(report, { all: cli.verbose }));
    if (report.exitCode !== 0) return;
    await showContests(cli, mine);
    cli.print(`\nThe merged archive is in ${output}\n  prove it:   bin/aptmerge verify ${output}\n  try it:     ${sourcesLine(mine)}\n`);
  } finally {
    await rm(work, { recursive: true, force: true });
  }
}

async function withThrowAwayKey(cli: Cli, settings: Settings, work: string): Promise<Settings> {
  const { generateSigningKey } = await import("../../lib/io/keys.ts");
  const key = await generateSigningKey("aptmerge demo, thrown away", cli.now);
  const path = join(work, "signing-key.asc");
  await writeFile(path, key.secret, { mode: 0o600 });
  return { ...settings, sign: [{ kind: "file", path, passphrase: "" }] };
}

async function showContests(cli: Cli, settings: Settings): Promise<void> {
  const { openReadingWorld } = await import("../open-world.ts");
  const { explain } = await import("../../lib/pipeline/explain.ts");
  const world = await openReadingWorld(cli, settings);
  cli.print("\nWhy, for some of the names (aptmerge explain NAME):\n\n");
  for (const name of SHOWN) {
    const found = await explain({ name, suite: undefined, architecture: undefined, source: false }, settings, world);
    if (found.length > 0) cli.print(`${formatExplanations(name, found)}\n`);
  }
}

function sourcesLine({ output, suites }: Settings): string {
  const [suite] = suites;
  if (suite === undefined) throw new MergeError("BUG", "The demo has no suite");
  return `deb [signed-by=${join(output, "key.asc")}] file:${output} ${suite.name} ${suite.components.join(" ")}`;
}
