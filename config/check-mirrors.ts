/** Mirrors must be told apart by their pool prefix; two with one URL are probably a slip. */
import type { Say } from "./check-folders.ts";
import { pathText, quoted } from "./quoting.ts";
import type { Config } from "./schema.ts";
import type { Draft } from "./schema-walk.ts";
import { baseUrl, urlFault } from "./urls.ts";

type DraftMirror = Draft<Config["mirrors"][string]>;

/** The list that a value or a list of values stands for, without what was faulty. */
export function listOf<Element>(written: Element | readonly (Element | undefined)[] | undefined): readonly Element[] {
  const elements = Array.isArray(written) ? written : [written];
  return elements.filter((element): element is Element => element !== undefined);
}

/** A privilege says something only beside a mirror that has another. */
export function doubtLimits(
  suites: ReadonlyMap<string, Draft<Config["suites"][string]>>,
  mirrors: ReadonlyMap<string, DraftMirror>,
  doubt: Say,
): void {
  for (const [name, { from }] of suites) {
    const names = (from ?? []).flatMap((entry) => (entry?.mirror === undefined ? [] : [entry.mirror]));
    if (names.length === 0 || !names.every((mirror) => mirrors.get(mirror)?.privilege === "limited")) continue;
    const path = ["suites", name, "from"];
    doubt(path, `Suite "${name}" takes from limited mirrors alone: there is no full mirror whose names they could not take over`);
  }
}

/** In the order of the config. */
export function checkMirrors(mirrors: ReadonlyMap<string, DraftMirror>, folder: string, refuse: Say, doubt: Say): void {
  const pools = new Map<string, string>();
  const bases = new Map<string, string>();
  for (const [name, mirror] of mirrors) {
    const path = ["mirrors", name];
    if (mirror.pool !== undefined) {
      const other = pools.get(mirror.pool);
      if (other === undefined) pools.set(mirror.pool, name);
      else {
        refuse(
          [...path, "pool"],
          `Cannot use ${pathText([...path, "pool"])}: mirror "${other}" has the prefix "${mirror.pool}" too, each needs its own`,
        );
      }
    }
    for (const base of new Set(listOf(mirror.url).flatMap((url) => (urlFault(url) === undefined ? [baseUrl(url, folder)] : [])))) {
      const other = bases.get(base);
      if (other === undefined) bases.set(base, name);
      else
        doubt([...path, "url"], `Mirror "${name}" has the URL ${quoted(base)} of mirror "${other}": one mirror can serve several suites`);
    }
  }
}
