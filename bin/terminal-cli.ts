/** The Cli of a real process. */
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { Command } from "commander";
import { loadSettings } from "../config/load.ts";
import { MergeError } from "../lib/errors.ts";
import { createReporter } from "../lib/io/terminal-reporter.ts";
import { problemText } from "../lib/io/terminal-text.ts";
import type { Cli } from "./cli.ts";

/** Global flags, as commander names them. */
export interface GlobalFlags {
  readonly config?: string;
  readonly quiet?: boolean;
  readonly verbose?: boolean;
  readonly progress: boolean;
  readonly color: "auto" | "always" | "never";
}

/** Version of aptmerge, from its package.json. */
export function readVersion(): string {
  const text = readFileSync(join(import.meta.dirname, "..", "package.json"), "utf8");
  const { version } = JSON.parse(text) as { version: string };
  return version;
}

export function terminalCli(program: Command, version: string, signal: AbortSignal): Cli {
  const flags = (): GlobalFlags => program.opts<GlobalFlags>();
  const env = process.env;
  const color = (): boolean => {
    const { color: wish } = flags();
    return wish === "always" || (wish === "auto" && process.stderr.isTTY === true && !env["NO_COLOR"]);
  };
  let reporter: ReturnType<typeof createReporter> | undefined;
  // A reader that goes away (| head) is no reason to leave a run unfinished; a disk that is full must not look like success.
  process.stdout.on("error", (error: NodeJS.ErrnoException) => {
    if (error.code !== "EPIPE" && !process.exitCode) process.exitCode = 7;
  });
  process.stderr.on("error", () => {});

  return {
    print: (text) => void process.stdout.write(text),
    tell: (problem) => {
      if (flags().quiet && problem.severity === "info") return;
      process.stderr.write(problemText(problem, color()));
    },
    get reporter() {
      const { quiet = false, verbose = false, progress } = flags();
      reporter ??= createReporter({ stream: process.stderr, quiet, verbose, progress, color: color() });
      return reporter;
    },
    env,
    cwd: process.cwd(),
    now: new Date(),
    version,
    get color() {
      return color();
    },
    get quiet() {
      return flags().quiet ?? false;
    },
    get verbose() {
      return flags().verbose ?? false;
    },
    signal,
    configPath() {
      const named = flags().config ?? env["APTMERGE_CONFIG"];
      if (flags().config !== undefined || (named !== undefined && named !== "")) return named;
      return ["aptmerge.yaml", "/etc/aptmerge/aptmerge.yaml"].find((path) => existsSync(path));
    },
    async settings() {
      const path = this.configPath();
      if (path === undefined) {
        const places = "--config, $APTMERGE_CONFIG, ./aptmerge.yaml and /etc/aptmerge/aptmerge.yaml";
        throw new MergeError("CONFIG_MISSING", `Cannot find a config: ${places} were looked at, one of them must name or be a file`);
      }
      const { settings, warnings } = await loadSettings(path, env);
      for (const warning of warnings) this.tell(warning);
      return settings;
    },
    exit(status) {
      if (!process.exitCode) process.exitCode = status;
    },
  };
}
