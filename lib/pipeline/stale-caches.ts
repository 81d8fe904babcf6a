/** Parts of STATE/cache that belong to nothing the config has any more. What is lost of a cache costs time only. */
import { readIndexPath } from "../kinds/registry.ts";
import type { Folder } from "../ports.ts";
import { filesBelow } from "../publish/by-hash.ts";
import type { Settings, SuiteSettings } from "../settings.ts";
import { unflat } from "../state/outcomes.ts";
import { type LastGeneration, lastSuite } from "./last-generation.ts";
import { targetsOf } from "./suite-targets.ts";
import { outcomeName } from "./target-outcome.ts";

/** Paths of files. */
export async function listStaleCaches(settings: Settings, last: LastGeneration | undefined, state: Folder): Promise<readonly string[]> {
  const { suites } = settings;
  /** A suite's name may hold slashes. */
  const ofSuite = (path: string, belongs: (suite: SuiteSettings, rest: string) => boolean): boolean =>
    suites.some((suite) => path.startsWith(`${suite.name}/`) && belongs(suite, path.slice(suite.name.length + 1)));
  const hasIndex = (suite: SuiteSettings, path: string): boolean => {
    const { record } = lastSuite(last, suite.name);
    // Of a suite that was never published nobody knows which indices it will have.
    const made = record === undefined || record.indices.some((index) => index.path === path);
    const known = readIndexPath(path);
    const wanted = targetsOf(suite).some(({ kind, architecture }) => kind === known?.kind && architecture === known.architecture);
    const component = path.split("/", 1)[0];
    return made && suite.components.some((name) => name === component) && (known === undefined || wanted);
  };
  const pairs = new Set(suites.flatMap(({ from }) => from.map(({ mirror, suite }) => `${mirror.name}/${encodeURIComponent(suite)}.json`)));
  const folderOf = (path: string): string => path.slice(0, path.lastIndexOf("/"));

  const kinds: Readonly<Record<string, (path: string) => boolean>> = {
    blocks: (path) => ofSuite(folderOf(path), (suite, rest) => hasIndex(suite, rest.replace(/\.(?:gz|xz)$/, ""))),
    steps: (path) => ofSuite(folderOf(path), hasIndex),
    outcomes: (path) =>
      ofSuite(
        unflat(path.replace(/\.[^.]*$/, "")),
        // What the survey found in an index has a word behind its name.
        (suite, name) => targetsOf(suite).some((target) => `${name}.`.startsWith(`${outcomeName(target)}.`)) || hasIndex(suite, name),
      ),
    breakage: (path) => ofSuite(path.replace(/\.json$/, ""), (suite, rest) => suite.architectures.some((name) => name === rest)),
    checks: (path) => pairs.has(path),
  };
  const stale: string[] = [];
  for (const [kind, isKept] of Object.entries(kinds)) {
    for (const path of await filesBelow(state, `cache/${kind}`)) if (!isKept(path)) stale.push(`cache/${kind}/${path}`);
  }
  return stale;
}
