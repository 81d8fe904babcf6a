/** The index kinds that are merged, in the order in which a suite's indices are made: sources last, because they follow the binaries. */
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
