/** What every command gets: the global flags, the streams, and how to end. Commands never call process.exit. */
import type { Problem } from "../lib/errors.ts";
import type { Reporter } from "../lib/ports.ts";
import type { Settings } from "../lib/settings.ts";

export interface Cli {
  /** Result text. */
  print(text: string): void;
  /** Problems and notes, in the contract's two-line form, on stderr. */
  tell(problem: Problem): void;
  readonly reporter: Reporter;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly cwd: string;
  /** One instant for the whole run. */
  readonly now: Date;
  /** Colour and width only when the stream is a terminal or the flag says so. */
  readonly color: boolean;
  readonly quiet: boolean;
  readonly verbose: boolean;
  /** Path of the config by the contract's lookup; undefined when there is none. */
  configPath(): string | undefined;
  /** @throws MergeError, MergeErrors with exit status 3 */
  settings(): Promise<Settings>;
  /** Sets the exit status of the process; the last one not 0 stands. */
  exit(status: number): void;
}
