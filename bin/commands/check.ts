/** `aptmerge check`: config, keyrings, signing keys, override files, disk, programs: every problem at once, no network. */
import { statfs } from "node:fs/promises";
import { Command } from "commander";
import { exitStatusOf, MergeError, MergeErrors, type Problem, problem, problemOf } from "../../lib/errors.ts";
import type { Settings } from "../../lib/settings.ts";
import type { Cli } from "../cli.ts";

/** Less than this free where the tree or the state lies is worth a word, in bytes. */
const LOW_DISK_BYTES = 1024 ** 3;

export function checkCommand(cli: Cli): Command {
  return new Command("check")
    .description("config, keyrings, signing keys, override files, disk and programs: every problem at once, without network")
    .addHelpText("after", "\nExample:\n  aptmerge --config /etc/aptmerge/aptmerge.yaml check\n")
    .action(() => check(cli));
}

async function check(cli: Cli): Promise<void> {
  const settings = await cli.settings();
  const problems: Problem[] = [];
  for (const look of [checkPools, checkKeyrings, checkSigner, checkOverrides, checkFolders, checkPrograms, checkApt])
    problems.push(...(await collect(() => look(cli, settings))));
  for (const one of problems) cli.tell(one);
  const errors = problems.filter(({ severity }) => severity === "error").length;
  cli.exit(exitStatusOf(problems));
  if (errors > 0) return;
  const suites = settings.suites.map(
    ({ name, from }) => `${name} (from ${from.map(({ mirror, suite }) => `${mirror.name}/${suite}`).join(", ")})`,
  );
  const count = `${settings.mirrors.size} mirrors, ${settings.suites.length} suites`;
  cli.print(`The config is sound: ${count}\n${suites.map((line) => `  ${line}\n`).join("")}${await describeXz()}\n`);
}

/** By what xz is compressed and decompressed on this machine, which decides how long a run takes. */
async function describeXz(): Promise<string> {
  const { availableParallelism } = await import("node:os");
  const { findProgram } = await import("../../lib/io/child.ts");
  const program = findProgram("xz");
  return program === undefined
    ? "xz: no program; .xz files of mirrors are decompressed in JavaScript, which is slow"
    : `xz: ${program}, ${availableParallelism()} at a time`;
}

async function collect(look: () => Promise<readonly Problem[]>): Promise<readonly Problem[]> {
  try {
    return await look();
  } catch (error) {
    if (error instanceof MergeErrors) return error.errors.map(problemOf);
    if (error instanceof MergeError) return [problemOf(error)];
    throw error;
  }
}

/** Two archives without a prefix cannot be told apart by the web server that redirects their pools. */
async function checkPools(_: Cli, settings: Settings): Promise<readonly Problem[]> {
  return settings.suites.flatMap(({ name, from }) => {
    const bare = new Set(from.filter(({ mirror }) => mirror.pool === undefined).map(({ mirror }) => `"${mirror.name}"`));
    if (bare.size < 2) return [];
    const text = `Suite "${name}" takes from the mirrors ${[...bare].join(", ")}, none of which has a pool prefix: clients cannot be sent to the right one`;
    return [problem("warning", "CONFIG_DOUBTFUL", text, { suite: name }, "Give each of them a pool: NAME of its own")];
  });
}

async function checkKeyrings(cli: Cli, settings: Settings): Promise<readonly Problem[]> {
  const { KeyringReader } = await import("../../lib/io/openpgp-keyring.ts");
  const keyrings = new KeyringReader();
  const problems: Problem[] = [];
  for (const mirror of settings.mirrors.values()) {
    const found = await collect(async () => {
      await keyrings.read(mirror.keyring, cli.now);
      return [];
    });
    problems.push(...found.map((one) => ({ ...one, message: `Mirror "${mirror.name}": ${one.message}`, mirror: mirror.name })));
  }
  return problems;
}

async function checkSigner(cli: Cli, settings: Settings): Promise<readonly Problem[]> {
  const { loadSigner } = await import("../../lib/io/signer.ts");
  const problems: Problem[] = [];
  for (const key of settings.sign) problems.push(...(await collect(async () => (await loadSigner([key], cli.now)).problems)));
  // Together they may still fail, when one is named twice.
  return problems.some(({ severity }) => severity === "error") ? problems : (await loadSigner(settings.sign, cli.now)).problems;
}

async function checkOverrides(_: Cli, settings: Settings): Promise<readonly Problem[]> {
  const { loadOverrides } = await import("../open-world.ts");
  const { strayOverrides } = await import("../../lib/override/override-files.ts");
  const { overrideRuleDoubts } = await import("../../config/override-rule-doubts.ts");
  const files = await loadOverrides(settings);
  const rules = files.flatMap((file) => file.rules ?? []);
  return [...strayOverrides(files, settings.suites), ...overrideRuleDoubts(rules, settings)];
}

async function checkPrograms(_: Cli, settings: Settings): Promise<readonly Problem[]> {
  const { findProgram } = await import("../../lib/io/child.ts");
  if (settings.publish.compress.xz === undefined || findProgram("xz") !== undefined) return [];
  return [problem("error", "COMPRESSOR_MISSING", "Cannot compress to xz: there is no program xz in PATH, it must be installed", {})];
}

async function checkApt(_: Cli, settings: Settings): Promise<readonly Problem[]> {
  const { needApt } = await import("../../lib/io/apt-update.ts");
  if (settings.publish.checkWithApt) needApt();
  return [];
}

async function checkFolders(_: Cli, settings: Settings): Promise<readonly Problem[]> {
  const { openFolder } = await import("../../lib/io/disk-folder.ts");
  const { checkOutputIsOurs, liveGeneration } = await import("../../lib/publish/generations.ts");
  const problems: Problem[] = [];
  for (const path of [settings.state, settings.output]) {
    const found = await collect(async () => {
      const folder = await openFolder(path);
      if (path === settings.output) {
        await checkOutputIsOurs(folder);
        await liveGeneration(folder);
      }
      const { bavail, bsize } = await statfs(path);
      const free = bavail * bsize;
      if (free >= LOW_DISK_BYTES) return [];
      return [
        problem("warning", "DISK_LOW", `Only ${Math.floor(free / 1024 ** 2)} MiB are free where "${path}" lies, 1024 are advisable`, {
          file: path,
        }),
      ];
    });
    problems.push(...found);
  }
  return problems;
}
