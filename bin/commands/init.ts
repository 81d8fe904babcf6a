/** `aptmerge init`: a folder to start from. */
import { chmod, lstat, mkdir, readFile, writeFile } from "node:fs/promises";
import { dirname, join, resolve } from "node:path";
import { Command } from "commander";
import { configFromApt, type FetchRelease } from "../../config/from-apt/from-apt.ts";
import { STARTER_CONFIG } from "../../config/from-apt/starter.ts";
import { MergeError, type Problem } from "../../lib/errors.ts";
import type { Cli } from "../cli.ts";

const CONFIG = "aptmerge.yaml";
const KEY = "signing-key.asc";
const USER_ID = "aptmerge archive signing key";

interface InitFlags {
  readonly fromApt?: boolean;
}

interface NewConfig {
  readonly text: string;
  readonly secret: boolean;
  readonly problems: readonly Problem[];
  /** One line: what is in it. */
  readonly summary: string;
}

/** @param fetchRelease asks an archive for the Release of a suite that apt has not fetched */
export function initCommand(cli: Cli, fetchRelease: FetchRelease = async () => undefined): Command {
  return new Command("init")
    .description("write a ready aptmerge.yaml, an empty indices/ and a new signing key into a folder")
    .argument("[dir]", "folder to write to; made when it is not there", ".")
    .option("--from-apt", "turn this machine's apt sources into mirrors and merged suites")
    .addHelpText(
      "after",
      `
Examples:
  aptmerge init /etc/aptmerge              a commented config to fill in
  aptmerge init --from-apt /etc/aptmerge   one merged suite for each release that apt reads here
`,
    )
    .action((dir: string, flags: InitFlags) => init(cli, resolve(cli.cwd, dir), flags, fetchRelease));
}

async function init(cli: Cli, folder: string, flags: InitFlags, fetchRelease: FetchRelease): Promise<void> {
  for (const name of [CONFIG, KEY]) await refuseExisting(join(folder, name));
  await onDisk(folder, () => mkdir(folder, { recursive: true }));
  const config = flags.fromApt === true ? await fromApt(cli, folder, fetchRelease) : starter();
  for (const found of config.problems) cli.tell(found);

  // Loaded here, because OpenPGP is slow to load and no other part of this command needs it.
  const { generateSigningKey } = await import("../../lib/io/keys.ts");
  const key = await generateSigningKey(USER_ID, cli.now);
  await onDisk(join(folder, "indices"), () => mkdir(join(folder, "indices"), { recursive: true }));
  await writeNew(join(folder, KEY), key.secret, 0o600);
  await writeNew(join(folder, CONFIG), config.text, config.secret ? 0o600 : 0o644);

  const next = flags.fromApt === true ? "merge" : "check";
  cli.print(`Wrote ${join(folder, CONFIG)}: ${config.summary}
Wrote ${join(folder, KEY)}: ed25519, only you may read it; keep a copy in a safe place
  fingerprint ${key.fingerprint}
Made ${join(folder, "indices")}: override files go here
${next === "check" ? "Next: put your mirrors into the config, then" : "Next:"} aptmerge --config ${shellWord(join(folder, CONFIG))} ${next}
`);
}

const starter = (): NewConfig => ({ text: STARTER_CONFIG, secret: false, problems: [], summary: "two mirrors to be replaced by yours" });

async function fromApt(cli: Cli, folder: string, fetchRelease: FetchRelease): Promise<NewConfig> {
  const config = await configFromApt({
    env: cli.env,
    now: cli.now,
    folder,
    fetchRelease,
    writeKeyring: async (path, armor) => {
      await onDisk(join(folder, dirname(path)), () => mkdir(join(folder, dirname(path)), { recursive: true }));
      // It may be left from an attempt that came to an end between.
      const before = await readFile(join(folder, path), "utf8").catch(() => undefined);
      if (before !== armor) await writeNew(join(folder, path), armor, 0o644);
    },
  });
  const suites = config.suites.map(
    ({ name, from }) => `${name} (${from.map(({ mirror, suite }) => `${mirror.name}/${suite}`).join(", ")})`,
  );
  const count = (number: number, one: string): string => `${number} ${one}${number === 1 ? "" : "s"}`;
  return { ...config, summary: `${count(config.mirrors.length, "mirror")}, ${count(suites.length, "merged suite")}: ${suites.join("; ")}` };
}

async function refuseExisting(path: string): Promise<void> {
  try {
    await lstat(path);
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "ENOENT") return;
    throw diskError(path, error);
  }
  throw new MergeError("INIT_REFUSED", `Cannot write "${path}": it is there already, init writes only new files`, { file: path });
}

async function writeNew(path: string, content: string | Uint8Array, mode: number): Promise<void> {
  await onDisk(path, async () => {
    await writeFile(path, content, { flag: "wx", mode, flush: true });
    // The umask may have taken bits away that a web server's or service's user needs; it never adds any.
    await chmod(path, mode);
  });
}

async function onDisk(path: string, work: () => Promise<unknown>): Promise<void> {
  try {
    await work();
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "EEXIST") {
      throw new MergeError("INIT_REFUSED", `Cannot write "${path}": it is there already, init writes only new files`, { file: path });
    }
    throw diskError(path, error);
  }
}

function diskError(path: string, error: unknown): MergeError {
  const said = error instanceof Error && "code" in error ? String(error.code) : String(error);
  return new MergeError("OUTPUT_UNUSABLE", `Cannot write "${path}": the system says ${said}, it must be a place that may be written`, {
    file: path,
  });
}

const shellWord = (text: string): string => (/^[A-Za-z0-9_./:@%+=-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`);
