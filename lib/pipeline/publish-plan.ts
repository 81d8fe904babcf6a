/** Whether a run has something to publish, and whether it may. All that a run which finds nothing to do needs of publishing. */
import { MergeError } from "../errors.ts";
import type { RunContext } from "./context.ts";
import type { SuiteRun } from "./suite-run.ts";

/**
 * A config that names none of the published suites is most likely another's: publishing by it would take a whole archive away.
 *
 * @throws MergeError SUITE_SHRANK unless that is accepted
 */
export function checkNotForeign(context: RunContext): void {
  const { settings, request, last, world } = context;
  const published = Object.keys(last?.inputs.suites ?? {});
  if (request.dryRun || request.acceptShrink || published.length === 0) return;
  if (published.some((name) => settings.suites.some((suite) => suite.name === name))) return;
  const text = `Cannot publish to "${world.output.root}": it has ${published.map((name) => `"${name}"`).join(", ")}, of which this config names none, all would go`;
  throw new MergeError("SUITE_SHRANK", text, { file: world.output.root });
}

/** Suites of the last generation that the config no longer names. A run for some suites by name leaves them alone. */
export function suitesThatGo({ settings, request, last }: RunContext): readonly string[] {
  if (request.suites !== undefined || last === undefined) return [];
  const names = new Set<string>(settings.suites.map((suite) => suite.name));
  return Object.keys(last.inputs.suites).filter((name) => !names.has(name));
}

export const isAnythingToPublish = (runs: readonly SuiteRun[], context: RunContext): boolean =>
  runs.some(({ state }) => state.kind === "changed" || state.kind === "due") || suitesThatGo(context).length > 0;
