/** A command line whose output a test can read. */
import { resolve } from "node:path";
import type { Cli } from "../../bin/cli.ts";
import { loadSettings } from "../../config/load.ts";
import type { Problem } from "../../lib/errors.ts";

export interface FakeCli {
  readonly cli: Cli;
  readonly printed: string[];
  readonly told: Problem[];
}

export function fakeCli(cwd: string, env: Cli["env"] = {}, config?: string): FakeCli {
  const printed: string[] = [];
  const told: Problem[] = [];
  const path = config === undefined ? undefined : resolve(cwd, config);
  const cli: Cli = {
    print: (text) => void printed.push(text),
    tell: (problem) => void told.push(problem),
    reporter: { event: () => undefined },
    env,
    cwd,
    version: "0.0.0",
    signal: new AbortController().signal,
    now: new Date("2026-11-21T03:00:00Z"),
    color: false,
    quiet: false,
    verbose: false,
    configPath: () => path,
    settings: async () => (await loadSettings(path ?? "aptmerge.yaml", env)).settings,
    exit: () => undefined,
  };
  return { cli, printed, told };
}
