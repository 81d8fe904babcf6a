/** The folders of the config must not lie in each other's way. */
import { relative, resolve } from "node:path";
import type { Config } from "./schema.ts";
import type { Draft } from "./schema-walk.ts";

/** Says something about the value, or the key, at a path. */
export type Say = (path: readonly PropertyKey[], message: string, part?: "key" | "value") => void;

/** Whether a path is the folder itself or lies in it. Both absolute. */
const within = (path: string, folder: string): boolean => !/^\.\.(?:\/|$)/.test(relative(folder, path));

/** Where a path leads. */
interface Places {
  /** Where relative paths start. */
  readonly folder: string;
  /** The folder of overrides when the config names none and the default is there. */
  readonly defaultOverrides: string | undefined;
  /** Without symlinks, as far as there is something. */
  realPath(path: string): string;
}

export function checkFolders(draft: Draft<Config>, places: Places, refuse: Say): void {
  const at = (path: string): string => places.realPath(resolve(places.folder, path));
  const state = draft.state === undefined ? undefined : at(draft.state);
  const output = draft.output === undefined ? undefined : at(draft.output);
  for (const [key, path] of [
    ["state", state],
    ["output", output],
  ] as const) {
    if (path === "/") refuse([key], `Cannot use ${key}: it is the root of the file system, it must be a folder of its own`);
  }
  if (output === undefined || output === "/") return;
  if (state !== undefined && state !== "/") {
    if (state === output) refuse(["output"], `Cannot use output: it is "${output}" as state is, each must be a folder of its own`);
    else if (within(output, state)) refuse(["output"], `Cannot use output: "${output}" lies in state "${state}", it must lie outside`);
    else if (within(state, output)) refuse(["state"], `Cannot use state: "${state}" lies in output "${output}", which is published`);
  }
  const { defaultOverrides } = places;
  const overrides = draft.overrides !== undefined ? at(draft.overrides) : defaultOverrides === undefined ? undefined : at(defaultOverrides);
  if (overrides !== undefined && within(overrides, output)) {
    const at = draft.overrides === undefined ? "output" : "overrides";
    const wanted = at === "output" ? "name another folder with overrides" : "it must lie outside";
    refuse([at], `Cannot use ${at}: overrides are read from "${overrides}", which lies in output "${output}", ${wanted}`);
  }
  checkKeys(draft, at, output, refuse);
}

function checkKeys(draft: Draft<Config>, at: (path: string) => string, output: string, refuse: Say): void {
  const seen = new Set<string>();
  for (const [position, entry] of (draft.sign ?? []).entries()) {
    if (entry === undefined) continue;
    const key = "key" in entry && entry.key !== undefined ? at(entry.key) : undefined;
    if (key !== undefined && within(key, output)) {
      refuse(
        ["sign", position, "key"],
        `Cannot use sign[${position}].key: the secret key "${key}" lies in output "${output}", which is published`,
      );
    }
    const homedir = "homedir" in entry && entry.homedir !== undefined ? at(entry.homedir) : undefined;
    if (homedir !== undefined && within(homedir, output)) {
      refuse(
        ["sign", position, "homedir"],
        `Cannot use sign[${position}].homedir: "${homedir}" lies in output "${output}", which is published`,
      );
    }
    const same = key ?? ("gpg" in entry ? entry.gpg : undefined);
    if (same === undefined) continue;
    if (seen.has(same)) refuse(["sign", position], `Cannot use sign[${position}]: its key is listed before, it must be listed only once`);
    seen.add(same);
  }
}
