/** What every command gets: the global flags, the streams, and how to end. Commands never call process.exit. */
import type { Problem } from "../lib/errors.ts";
import type { Reporter } from "../lib/ports.ts";
import type { Settings } from "../lib/settings.ts";

export interface Cli {
  /** Result text, to stdout. */
  print(text: string): void;
  /** A problem in the contract's two-line form, to stderr. */
  tell(problem: Problem): void;
  /** Progress, notes and problems of a run, to stderr. */
  readonly reporter: Reporter;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly cwd: string;
  /** One instant for the whole run. */
  readonly now: Date;
  /** Of aptmerge. */
  readonly version: string;
  /** Colour only when the stream is a terminal or the flag says so. */
  readonly color: boolean;
  readonly quiet: boolean;
  readonly verbose: boolean;
  /** Ends downloads in flight when the process is told to stop. */
  readonly signal: AbortSignal;
  /** Path of the config by the contract's lookup; undefined when there is none. */
  configPath(): string | undefined;
  /** @throws MergeError, MergeErrors with exit status 3 */
  settings(): Promise<Settings>;
  /** Sets the exit status of the process; the first one that is not 0 stands. */
  exit(status: number): void;
}
