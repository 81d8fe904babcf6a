/** What clients see of a rollback: which indices of a suite differ from the live generation's, and by how many packages. */
import { fieldText } from "../deb822/stanza-table.ts";
import { walkDelta } from "../delta/stanza-delta.ts";
import { DIGEST, NAME, PATH, SOURCE_FIELD, VERSION } from "../kinds/index-kind.ts";
import { readIndexPath } from "../kinds/registry.ts";
import type { DifferingIndex } from "../report/rollback.ts";
import { type LastSuite, lastTable, mirrorByPath } from "./last-generation.ts";
import type { World } from "./world.ts";

export async function differingIndices(
  live: LastSuite,
  then: LastSuite,
  world: World,
): Promise<{ readonly differing: readonly DifferingIndex[]; readonly same: number }> {
  const before = new Map(live.record?.indices.map(({ path, sha256 }) => [path, sha256]));
  const after = new Map(then.record?.indices.map((index) => [index.path, index]));
  const differing: DifferingIndex[] = [];
  let same = 0;
  for (const path of [...new Set([...before.keys(), ...after.keys()])].sort()) {
    const index = after.get(path);
    if (index !== undefined && index.sha256 === before.get(path)) same++;
    else differing.push({ path, stanzas: index?.stanzas, ...(await countChanges(live, then, path, world)) });
  }
  return { differing, same };
}

type Counts = Pick<DifferingIndex, "added" | "removed" | "changed">;

/** Files that follow the packages are not counted: they change with them. */
async function countChanges(live: LastSuite, then: LastSuite, path: string, world: World): Promise<Counts> {
  const index = readIndexPath(path);
  const table = index === undefined ? undefined : await lastTable(then, path, index.kind.fields, world);
  if (index === undefined || table === undefined) return { added: 0, removed: 0, changed: 0 };
  const walk = walkDelta(await lastTable(live, path, index.kind.fields, world), mirrorByPath(live));
  const mirrorOf = mirrorByPath(then);
  for (let stanza = 0; stanza < table.count; stanza++) {
    const text = (field: number): string => fieldText(table, stanza, field) ?? "";
    walk.see(
      text(NAME),
      () => table.bytes.subarray(table.starts[stanza], table.ends[stanza]),
      () => ({ version: text(VERSION), digest: text(DIGEST), mirror: mirrorOf(text(PATH)), source: text(SOURCE_FIELD) }),
    );
  }
  const changes = walk.finish();
  const count = (kind: string): number => changes.filter((change) => change.kind === kind).length;
  const [added, removed] = [count("added"), count("removed")];
  return { added, removed, changed: changes.length - added - removed };
}
