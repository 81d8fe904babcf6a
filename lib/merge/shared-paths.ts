/**
 * Two packages under one path, with other files: a client of the one that is not there would fetch the other and refuse it. The path stays with the
 * one that comes first in the order of the inputs.
 */
import { withoutDot } from "../archive/paths.ts";
import { compareVersions } from "../archive/version.ts";
import { fieldText } from "../deb822/stanza-table.ts";
import { DIGEST, type IndexKind, NAME, PATH, VERSION } from "../kinds/index-kind.ts";
import type { Kept } from "./candidate.ts";
import { NONE } from "./contest-rules.ts";
import type { RefusedStanza } from "./gather.ts";
import type { MergedIndex } from "./merge-index.ts";
import type { PathRepeats } from "./path-repeats.ts";

interface PathTaken {
  readonly kept: Kept;
  /** The name of the package that has it. */
  readonly by: string;
}

/** @returns those that have to go, in no order */
function pathsTaken(kept: readonly Kept[], paths: PathRepeats): readonly PathTaken[] {
  const taken: PathTaken[] = [];
  if (paths.none) return taken;
  const holders = new Map<string, Kept>();
  for (const one of kept) {
    if (!paths.mayRepeat(one.input, one.stanza)) continue;
    const path = publishedPath(one);
    const before = holders.get(path);
    if (before === undefined) holders.set(path, one);
    if (before === undefined || !isOtherFile(before, one)) continue;
    const first = isBefore(one, before);
    if (first) holders.set(path, one);
    taken.push(first ? { kept: before, by: textOf(one, NAME) } : { kept: one, by: textOf(before, NAME) });
  }
  return taken;
}

const textOf = ({ input, stanza }: Kept, field: number): string => fieldText(input.table, stanza, field) ?? "";

/** By the strongest that both say of their file. */
function isOtherFile(left: Kept, right: Kept): boolean {
  for (const field of [DIGEST, namedField(left, "sha512"), namedField(left, "size")]) {
    const [one, other] = [textOf(left, field), textOf(right, field)];
    if (one !== "" && other !== "") return one.toLowerCase() !== other.toLowerCase();
  }
  return true;
}

const namedField = ({ input: { table } }: Kept, name: string): number => table.fields.indexOf(name);

/** With the prefix apart: no path holds a newline. */
const publishedPath = (one: Kept): string => `${one.input.pool ?? ""}\n${withoutDot(textOf(one, PATH))}`;

/** Of one mirror's versions of a package the newest: a path without a version in it holds what was put there last. */
function isBefore(left: Kept, right: Kept): boolean {
  const order = left.input.rank - right.input.rank || left.input.componentOrder - right.input.componentOrder;
  if (order === 0 && textOf(left, NAME) === textOf(right, NAME)) {
    const versions = compareVersions(textOf(left, VERSION), textOf(right, VERSION));
    if (versions !== 0) return versions > 0;
  }
  return (order || left.stanza - right.stanza) < 0;
}

/** Sources share folders; a file belongs to one package. */
export function withoutSharedPaths(kind: IndexKind, merged: MergedIndex, paths: PathRepeats): MergedIndex {
  const taken = kind.type === "source" ? [] : pathsTaken(merged.kept, paths);
  if (taken.length === 0) return merged;
  const gone = new Set(taken.map((one) => one.kept));
  const refused = taken.map(({ kept: { input, stanza }, by }): RefusedStanza => {
    const because = `its Filename is that of "${by}", whose file is another`;
    return { input, stanza, name: fieldText(input.table, stanza, NAME), because, claims: true, pin: NONE };
  });
  return { ...merged, kept: merged.kept.filter((one) => !gone.has(one)), refused: [...merged.refused, ...refused] };
}
