/** The command line as a child, with the most memory that its process held. Its own children, such as xz, bound theirs. */
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import type { CliResult } from "./cli-child.ts";
import type { TestWorld } from "./world.ts";

/** Runs in the child before the program, and writes in its last moment. */
const NOTE_PEAK = [
  'import { writeFileSync } from "node:fs";',
  'process.on("exit", () => writeFileSync(process.env.PEAK_FILE, String(process.resourceUsage().maxRSS)));',
].join("");

export async function cliWithPeak(
  world: TestWorld,
  args: readonly string[],
  env: Readonly<Record<string, string>> = {},
): Promise<CliResult & { readonly peakMb: number }> {
  const file = join(world.folder, "peak");
  const preload = `data:text/javascript,${encodeURIComponent(NOTE_PEAK)}`;
  const result = await world.cli(args, { env: { ...env, NODE_OPTIONS: `--import=${preload}`, PEAK_FILE: file } });
  // Kilobytes, as getrusage has it.
  return { ...result, peakMb: Number(await readFile(file, "utf8")) / 1000 };
}
