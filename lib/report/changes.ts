/** The changes of a suite, put together from those of its indices: a package that left one component for another moved. */
import type { ChangeKind } from "../archive/change-kind.ts";
import { compareVersions } from "../archive/version.ts";
import type { Change } from "./report.ts";

/** What changed in one index. */
export interface IndexChanges {
  readonly component: string;
  readonly architecture: string;
  readonly type: Change["type"];
  readonly changes: readonly {
    readonly kind: ChangeKind;
    readonly name: string;
    readonly source: string;
    readonly from?: { readonly version: string; readonly mirror: string };
    readonly to?: { readonly version: string; readonly mirror: string };
  }[];
}

export function joinChanges(indices: readonly IndexChanges[]): readonly Change[] {
  const changes: Change[] = [];
  for (const { component, architecture, type, changes: own } of indices) {
    for (const { name, ...change } of own)
      changes.push({ ...change, package: name, component, architecture, type, reason: reasonOf(change) });
  }
  return joinMoves(changes);
}

/** Removed here and added there, in one architecture, is one change. */
function joinMoves(changes: readonly Change[]): readonly Change[] {
  const key = ({ type, architecture, package: name }: Change): string => `${type} ${architecture} ${name}`;
  const removed = new Map<string, Change>();
  for (const change of changes) if (change.kind === "removed") removed.set(key(change), change);
  const joined = new Set<Change>();
  const result: Change[] = [];
  for (const change of changes) {
    const left = change.kind === "added" ? removed.get(key(change)) : undefined;
    if (left?.from === undefined || change.to === undefined || left.component === change.component || joined.has(left)) {
      result.push(change);
      continue;
    }
    joined.add(left);
    const order = compareVersions(change.to.version, left.from.version);
    const kind = order === 0 ? "moved" : order > 0 ? "upgraded" : "downgraded";
    result.push({ ...change, kind, from: { ...left.from, component: left.component }, reason: `from component ${left.component}` });
  }
  return result.filter((change) => !joined.has(change));
}

function reasonOf({ kind, from, to }: { kind: ChangeKind; from?: { mirror: string }; to?: { mirror: string } }): string {
  const mirrors = from !== undefined && to !== undefined && from.mirror !== to.mirror;
  switch (kind) {
    case "added":
      return `"${to?.mirror}" has it`;
    case "removed":
      return "no mirror has it any longer";
    case "upgraded":
    case "downgraded":
    case "rebuilt":
      return mirrors ? `"${to?.mirror}" wins over "${from?.mirror}"` : `"${to?.mirror}" changed it`;
    case "moved":
      return `"${to?.mirror}" wins over "${from?.mirror}"`;
    case "edited":
      return "fields differ";
    default:
      return kind satisfies never;
  }
}
