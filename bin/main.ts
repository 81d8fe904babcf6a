/** Puts the commands together, and turns what they throw into problems and exit statuses. */
import { Command, CommanderError, Option } from "commander";
import { CODES, MergeError, MergeErrors, type Problem, problem, problemOf } from "../lib/errors.ts";
import { endChildren } from "../lib/io/child.ts";
import { problemText } from "../lib/io/terminal-text.ts";
import type { Cli } from "./cli.ts";
import { readVersion, terminalCli } from "./terminal-cli.ts";

const EXITS = `
Exit status: 0 done or nothing to do · 1 differences (diff --exit-code) · 2 usage · 3 config · 4 mirror unreachable
  5 not trusted · 6 malformed · 7 disk · 8 signing · 9 held by a guard · 70 bug · 75 another run

Examples:
  aptmerge demo                        see it work, with nothing set up
  aptmerge init --from-apt W           make a config of this machine's apt sources
  aptmerge --config W/aptmerge.yaml merge
`;

/** Each is loaded when it is wanted: from cron, most runs find nothing to do, and starting is what they cost. */
const COMMANDS: Readonly<Record<string, (cli: Cli) => Promise<Command>>> = {
  merge: async (cli) => (await import("./commands/merge.ts")).mergeCommand(cli),
  diff: async (cli) => (await import("./commands/diff.ts")).diffCommand(cli),
  explain: async (cli) => (await import("./commands/explain.ts")).explainCommand(cli),
  check: async (cli) => (await import("./commands/check.ts")).checkCommand(cli),
  init: async (cli) => {
    const { fetchReleaseFields } = await import("./fetch-release-fields.ts");
    return (await import("./commands/init.ts")).initCommand(cli, fetchReleaseFields(cli));
  },
  demo: async (cli) => (await import("./commands/demo.ts")).demoCommand(cli),
  verify: async (cli) => (await import("./commands/verify.ts")).verifyCommand(cli),
  prune: async (cli) => (await import("./commands/prune.ts")).pruneCommand(cli),
  rollback: async (cli) => (await import("./commands/rollback.ts")).rollbackCommand(cli),
  history: async (cli) => (await import("./commands/history.ts")).historyCommand(cli),
  webserver: async (cli) => (await import("./commands/webserver.ts")).webserverCommand(cli),
};

export async function main(argv: readonly string[]): Promise<void> {
  const version = readVersion();
  const stop = stopOnSignals();
  endOnBugs();
  const program = new Command("aptmerge")
    .description("Merges several apt archives into one signed archive.")
    .version(version)
    .option("--config <file>", "the config (default: $APTMERGE_CONFIG, ./aptmerge.yaml, /etc/aptmerge/aptmerge.yaml)")
    .addOption(new Option("--quiet", "errors and warnings only").conflicts("verbose"))
    .option("--verbose", "also each download and other details")
    .option("--no-progress", "no live line on a terminal")
    .addOption(new Option("--color <when>", "colour on stderr").choices(["auto", "always", "never"]).default("auto"))
    .addHelpText("after", EXITS)
    .configureOutput({ outputError: (text, write) => write(problemText(usageProblem(text), false)) });
  const cli = terminalCli(program, version, stop);
  for (const load of commandsFor(argv.slice(2))) program.addCommand((await load(cli)).copyInheritedSettings(program));
  overrideExits(program);

  try {
    await program.parseAsync([...argv]);
  } catch (error) {
    if (error instanceof CommanderError) {
      // Help and version are no errors; commander has printed the rest.
      process.exitCode = error.exitCode === 0 ? 0 : CODES.USAGE.exit;
      return;
    }
    const errors = error instanceof MergeErrors ? error.errors : [error];
    for (const one of errors) {
      const told = problemOf(one);
      cli.tell(told);
      if (told.code === "BUG" && error instanceof Error) process.stderr.write(`${error.stack}\n`);
      cli.exit(CODES[told.code].exit);
    }
  }
}

/** The one that is asked for; all of them for help, and for a slip, which is compared with every name. */
function commandsFor(words: readonly string[]): readonly ((cli: Cli) => Promise<Command>)[] {
  const all = Object.values(COMMANDS);
  for (let i = 0; i < words.length; i++) {
    const word = words[i] ?? "";
    if (word === "--help" || word === "-h") return all;
    if (WITH_VALUE.has(word)) i++;
    else if (!word.startsWith("-")) {
      const asked = Object.hasOwn(COMMANDS, word) ? COMMANDS[word] : undefined;
      return asked === undefined ? all : [asked];
    }
  }
  return all;
}

/** Global flags that are followed by a word of their own. */
const WITH_VALUE: ReadonlySet<string> = new Set(["--config", "--color"]);

/** Commander writes "error: …" over several lines; ours is one line and says where to look. */
function usageProblem(text: string): Problem {
  const line = text
    .trim()
    .replace(/^error: /, "")
    .replace(/\s*\n\s*/g, " ")
    .replace(/\.$/, "");
  return problem("error", "USAGE", line);
}

/** Commander ends the process by itself otherwise, and with status 1. */
function overrideExits(command: Command): void {
  command.exitOverride();
  for (const child of command.commands) overrideExits(child);
}

/** Thrown where nobody waits for it, or a promise that nobody looked at: what a run is worth after that is unknown, so it ends. */
function endOnBugs(): void {
  process.once("uncaughtException", (thrown) => {
    const told = problem("error", "BUG", thrown instanceof Error ? thrown.message : String(thrown));
    process.stderr.write(`\n${problemText(told, false)}${thrown instanceof Error ? `${thrown.stack}\n` : ""}`);
    endChildren();
    process.exit(CODES.BUG.exit);
  });
}

/** The published tree is safe whenever we end; children and the lock go with us, what is half-made the next run removes. */
function stopOnSignals(): AbortSignal {
  const controller = new AbortController();
  for (const [signal, status] of [
    ["SIGINT", 130],
    ["SIGTERM", 143],
    ["SIGHUP", 129],
  ] as const) {
    process.once(signal, () => {
      const stopped = problem("error", "STOPPED", `Stopped by ${signal}`);
      process.stderr.write(`\naptmerge: ${stopped.severity} ${stopped.code}: ${stopped.message}\n  hint: ${stopped.hint}\n`);
      controller.abort(new MergeError("STOPPED", stopped.message));
      endChildren();
      process.exit(status);
    });
  }
  return controller.signal;
}
