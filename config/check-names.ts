/** Merged suites and their aliases become folders and symlinks below OUTPUT/dists, where they must not meet. */
import type { Say } from "./check-folders.ts";
import { pathText } from "./quoting.ts";
import type { Config } from "./schema.ts";
import type { Draft } from "./schema-walk.ts";

type DraftSuite = Draft<Config["suites"][string]>;

interface Taken {
  readonly name: string;
  readonly kind: "suite" | "alias";
  readonly path: readonly PropertyKey[];
  /** Names that the suite's folder holds itself. */
  readonly holds: ReadonlySet<string>;
}

const RELEASE_FILES = ["InRelease", "Release", "Release.gpg"];
const BY_HASH = "by-hash";
const NOTHING: ReadonlySet<string> = new Set();

/** In the order of the config. */
export function checkNames(suites: ReadonlyMap<string, DraftSuite>, refuse: Say): void {
  const taken = new Map<string, Taken>();
  for (const [name, suite] of suites) {
    const components = (suite.components ?? []).filter((component) => component !== undefined);
    taken.set(name, { name, kind: "suite", path: ["suites", name], holds: new Set([...RELEASE_FILES, ...components]) });
  }
  for (const [suite, { aliases }] of suites) {
    for (const [position, name] of (aliases ?? []).entries()) {
      if (name === undefined) continue;
      const path = ["suites", suite, "aliases", position];
      const other = taken.get(name);
      // The schema has told it already when a suite names one alias twice.
      if (other?.kind === "alias" && other.path[1] === suite) continue;
      if (other !== undefined) refuse(path, `Cannot use ${pathText(path)}: "${name}" is ${describe(other)}, it must be a name of its own`);
      else taken.set(name, { name, kind: "alias", path, holds: NOTHING });
    }
  }
  for (const inner of taken.values()) {
    const parts = inner.name.split("/");
    if (parts.includes(BY_HASH)) {
      const fault = `"${BY_HASH}" is what folders of files by their digests are called, it must be another name`;
      refuse(inner.path, `Cannot use ${pathText(inner.path)}: ${fault}`, inner.kind === "suite" ? "key" : "value");
    }
    for (let length = 1; length < parts.length; length++) {
      const outer = taken.get(parts.slice(0, length).join("/"));
      const fault = outer && nestFault(inner, outer, parts[length] ?? "");
      if (fault !== undefined) {
        refuse(inner.path, `Cannot use ${pathText(inner.path)}: ${fault}`, inner.kind === "suite" ? "key" : "value");
      }
    }
  }
}

const describe = (taken: Taken): string =>
  taken.kind === "suite" ? "the name of a suite" : `an alias of suite "${String(taken.path[1])}"`;

/** A suite's folder may lie in another suite's, as long as both are folders and nothing there has its name. */
function nestFault(inner: Taken, outer: Taken, next: string): string | undefined {
  if (outer.kind === "alias")
    return `"${inner.name}" lies below "${outer.name}", which is ${describe(outer)} and so a symlink, it must lie elsewhere`;
  if (inner.kind === "alias")
    return `"${inner.name}" is an alias in the folder of suite "${outer.name}", it must lie outside of every suite`;
  if (outer.holds.has(next)) return `suite "${outer.name}" has "${next}" in its folder already, it must lie elsewhere`;
  return undefined;
}
