/** The index kinds that are merged, in the order in which a suite's indices are made: sources last, because they follow the binaries. */
import { type Architecture, parseArchitecture, SOURCE } from "../archive/names.ts";
import type { IndexKindName } from "../settings.ts";
import type { IndexKind } from "./index-kind.ts";
import { packages } from "./packages.ts";
import { sources } from "./sources.ts";
import { udeb } from "./udeb.ts";

export const KINDS: readonly IndexKind[] = [packages, udeb, sources];

export function kindNamed(name: IndexKindName): IndexKind {
  const kind = KINDS.find((candidate) => candidate.name === name);
  if (kind === undefined) throw new Error(`No index kind is named ${name}`);
  return kind;
}

/** What an index path of a merged suite says: `main/binary-amd64/Packages`. Undefined when it is none. */
export function readIndexPath(
  path: string,
): { readonly kind: IndexKind; readonly component: string; readonly architecture: Architecture } | undefined {
  const [component = ""] = path.split("/");
  const named = /\/binary-([a-z0-9-]+)\//.exec(path)?.[1];
  const architecture = named === undefined ? SOURCE : parseArchitecture(named);
  const kind = KINDS.find((one) => `${one.folder(component, architecture)}/${one.fileName}` === path);
  return kind === undefined ? undefined : { kind, component, architecture };
}
