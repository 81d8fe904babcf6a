/** What apt itself makes of a suite's relations: asked by its own library, over the lists of an isolated root. */

import type { IsolatedApt } from "../support/apt.ts";
import { runWell } from "../support/child.ts";

/** Of one version of a package: each group of Pre-Depends and Depends, and the names of all that apt would take for it. */
export type Relations = readonly { readonly group: string; readonly takes: readonly string[] }[];

const SCRIPT = `
import json, sys
import apt_pkg
apt_pkg.init()
packages = {}
for package in apt_pkg.Cache(None).packages:
    for version in package.version_list:
        relations = []
        for field in ("PreDepends", "Depends"):
            for alternatives in version.depends_list.get(field, []):
                takes = {target.parent_pkg.name for one in alternatives for target in one.all_targets()}
                relations.append({"group": " | ".join(f"{one.target_pkg.name} {one.comp_type} {one.target_ver}" for one in alternatives), "takes": sorted(takes)})
        packages.setdefault(package.name, []).append(relations)
json.dump(packages, sys.stdout)
`;

/** The system's own Python, which has apt's library: package python3-apt. */
const PYTHON = "/usr/bin/python3";

const LIMIT_MS = 180_000;

export async function hasAptLibrary(): Promise<boolean> {
  try {
    await runWell("env", [PYTHON, "-c", "import apt_pkg"]);
    return true;
  } catch {
    return false;
  }
}

/** By name; a name with several versions has several entries. */
export async function relationsByApt(apt: IsolatedApt): Promise<ReadonlyMap<string, readonly Relations[]>> {
  const out = await runWell("env", [PYTHON, "-c", SCRIPT], { env: { APT_CONFIG: `${apt.root}/apt.conf` }, timeoutMs: LIMIT_MS });
  return new Map(Object.entries(JSON.parse(out.toString("utf8")) as Record<string, readonly Relations[]>));
}
