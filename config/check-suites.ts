/** What a suite is merged from must exist, once, and lead to components that the suite has. */
import { isFlat, suiteFolder } from "../lib/archive/names.ts";
import type { Say } from "./check-folders.ts";
import { suggestion } from "./nearest.ts";
import { pathText, quoted } from "./quoting.ts";
import type { Config } from "./schema.ts";
import type { FromEntry } from "./schema-suite.ts";
import type { Draft } from "./schema-walk.ts";

type Path = readonly PropertyKey[];
type DraftSuite = Draft<Config["suites"][string]>;

/** Merged component of a flat archive when its entry names none. */
export const FLAT_COMPONENT = "main";

/**
 * @param suites in the order of the config
 * @param mirrors every name under `mirrors`, also of mirrors that are faulty
 */
export function checkSuites(suites: ReadonlyMap<string, DraftSuite>, mirrors: readonly string[], refuse: Say): void {
  for (const [name, suite] of suites) {
    const path = ["suites", name];
    const seen = new Map<string, number>();
    for (const [position, entry] of (suite.from ?? []).entries()) {
      if (entry === undefined) continue;
      const here = [...path, "from", position];
      if (entry.mirror !== undefined && !mirrors.includes(entry.mirror)) {
        refuse(here, `Cannot use ${pathText(here)}: no mirror is called ${quoted(entry.mirror)}, ${suggestion(entry.mirror, mirrors)}`);
      }
      if (entry.mirror !== undefined && entry.suite !== undefined) {
        const once = `${entry.mirror} ${isFlat(entry.suite)} ${suiteFolder(entry.suite)}`;
        const before = seen.get(once);
        if (before === undefined) seen.set(once, position);
        else refuse(here, `Cannot use ${pathText(here)}: it is the same suite as from[${before}], it must be listed only once`);
      }
      checkComponents(entry, suite, here, refuse);
    }
    checkEssential(suite, path, refuse);
    checkFields(suite, path, refuse);
  }
}

/** Every merged component that an entry leads to, with its place. */
function ledTo(entry: Draft<FromEntry>, here: Path): readonly (readonly [path: Path, component: string])[] {
  const { components } = entry;
  if (components === undefined) return [];
  const pairs: readonly (readonly [PropertyKey, string | undefined])[] = Array.isArray(components)
    ? [...components.entries()]
    : Object.entries(components);
  return pairs.flatMap(([key, component]) => (component === undefined ? [] : [[[...here, "components", key], component] as const]));
}

function checkComponents(entry: Draft<FromEntry>, suite: DraftSuite, here: Path, refuse: Say): void {
  if (entry.suite === undefined) return;
  const flat = isFlat(entry.suite);
  const misplaced = flat ? "components" : "component";
  if (entry[misplaced] !== undefined) {
    const path = [...here, misplaced];
    const because = flat
      ? `"${entry.suite}" is a flat archive, its one merged component is named with component`
      : `"${entry.suite}" is no flat archive, its components are named with components`;
    refuse(path, `Cannot use ${pathText(path)}: ${because}`, "key");
    return;
  }
  // A faulty list of the suite says nothing about what leads to it.
  if (suite.components === undefined || suite.components.includes(undefined)) return;
  const merged: readonly (string | undefined)[] = suite.components;
  const named = entry.component === undefined ? ([here, FLAT_COMPONENT] as const) : ([[...here, "component"], entry.component] as const);
  for (const [path, component] of flat ? [named] : ledTo(entry, here)) {
    if (merged.includes(component)) continue;
    const why = path === here ? `its component is "${component}" unless it names another` : `the merged component is "${component}"`;
    refuse(path, `Cannot use ${pathText(path)}: ${why}, it must be one of the suite: ${merged.join(", ")}`);
  }
}

function checkEssential(suite: DraftSuite, path: Path, refuse: Say): void {
  const { indices, essential } = suite;
  if (indices === undefined || indices.includes(undefined)) return;
  for (const [position, kind] of (essential ?? []).entries()) {
    if (kind === undefined || indices.includes(kind)) continue;
    const here = [...path, "essential", position];
    refuse(here, `Cannot use ${pathText(here)}: it is "${kind}", it must be one of the suite's indices: ${indices.join(", ")}`);
  }
}

/** Names of fields are the same in upper and lower case. */
function checkFields(suite: DraftSuite, path: Path, refuse: Say): void {
  const seen = new Map<string, string>();
  for (const field of Object.keys(suite.release ?? {})) {
    const before = seen.get(field.toLowerCase());
    const here = [...path, "release", field];
    if (before !== undefined)
      refuse(here, `Cannot use ${pathText(here)}: the field is given as "${before}" too, it must be given once`, "key");
    else seen.set(field.toLowerCase(), field);
  }
}
