/**
 * Two packages under one path, with other files: a client of the one that is not there would fetch the other and refuse it. The path stays with the
 * one that comes first in the order of the inputs. Hot path: numbers per stanza, a text only where two paths may be the same.
 */
import { withoutDot } from "../archive/paths.ts";
import { fieldText } from "../deb822/stanza-table.ts";
import { DIGEST, type IndexKind, NAME, PATH } from "../kinds/index-kind.ts";
import type { Kept } from "./candidate.ts";
import { NONE } from "./contest-rules.ts";
import type { RefusedStanza } from "./gather.ts";
import type { MergedIndex } from "./merge-index.ts";

interface PathTaken {
  readonly kept: Kept;
  /** The name of the package that has it. */
  readonly by: string;
}

const [DOT, SLASH] = [0x2e, 0x2f];

/** @returns those that have to go, in no order */
function pathsTaken(kept: readonly Kept[]): readonly PathTaken[] {
  const size = 2 ** Math.ceil(Math.log2(Math.max(16, kept.length * 2)));
  // Position + 1 of the stanza that a slot belongs to.
  const slots = new Int32Array(size);
  const hashes = new Int32Array(kept.length);
  const taken: PathTaken[] = [];
  for (let position = 0; position < kept.length; position++) {
    const one = kept[position];
    if (one === undefined) continue;
    hashes[position] = hashOf(one);
    let slot = (hashes[position] ?? 0) & (size - 1);
    for (let looked = slots[slot] ?? 0; looked !== 0; looked = slots[slot] ?? 0) {
      const other = kept[looked - 1];
      if (hashes[looked - 1] === hashes[position] && other !== undefined && publishedPath(other) === publishedPath(one)) break;
      slot = (slot + 1) & (size - 1);
    }
    const before = kept[(slots[slot] ?? 0) - 1];
    if (before === undefined) slots[slot] = position + 1;
    else if (textOf(before, DIGEST).toLowerCase() !== textOf(one, DIGEST).toLowerCase()) {
      const first = isBefore(one, before);
      if (first) slots[slot] = position + 1;
      taken.push(first ? { kept: before, by: textOf(one, NAME) } : { kept: one, by: textOf(before, NAME) });
    }
  }
  return taken;
}

const textOf = ({ input, stanza }: Kept, field: number): string => fieldText(input.table, stanza, field) ?? "";

/** With the prefix apart: no path holds a newline. */
const publishedPath = (one: Kept): string => `${one.input.pool ?? ""}\n${withoutDot(textOf(one, PATH))}`;

function hashOf({ input: { table, pool = "" }, stanza }: Kept): number {
  const { bytes } = table;
  const at = (stanza * table.fields.length + PATH) * 2;
  const end = table.spans[at + 1] ?? 0;
  let start = table.spans[at] ?? 0;
  while (bytes[start] === DOT && bytes[start + 1] === SLASH) {
    start++;
    while (bytes[start] === SLASH) start++;
  }
  let hash = 0x811c9dc5;
  for (let i = 0; i < pool.length; i++) hash = Math.imul(hash ^ pool.charCodeAt(i), 0x01000193);
  // Paths differ in their ends.
  for (let i = Math.max(start, end - 48); i < end; i++) hash = Math.imul(hash ^ (bytes[i] ?? 0), 0x01000193);
  return hash ^ (hash >>> 15);
}

const isBefore = (left: Kept, right: Kept): boolean =>
  (left.input.rank - right.input.rank || left.input.componentOrder - right.input.componentOrder || left.stanza - right.stanza) < 0;

/** Sources share folders; a file belongs to one package. */
export function withoutSharedPaths(kind: IndexKind, merged: MergedIndex): MergedIndex {
  const taken = kind.type === "source" ? [] : pathsTaken(merged.kept);
  if (taken.length === 0) return merged;
  const gone = new Set(taken.map((one) => one.kept));
  const refused = taken.map(({ kept: { input, stanza }, by }): RefusedStanza => {
    const because = `its Filename is that of "${by}", whose file is another`;
    return { input, stanza, name: fieldText(input.table, stanza, NAME), because, claims: true, pin: NONE };
  });
  return { ...merged, kept: merged.kept.filter((one) => !gone.has(one)), refused: [...merged.refused, ...refused] };
}
