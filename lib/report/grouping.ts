/** What text, Markdown and HTML tell of a suite: its changes and findings in sections of rows, so that all three show the same facts. */
import { changeRows } from "./change-rows.ts";
import { findingRows } from "./finding-rows.ts";
import type { SuiteReport } from "./report.ts";
import { countOf, type ReportRow } from "./report-row.ts";
import { type KindWords, ROW_KINDS, type RowKind } from "./row-kinds.ts";

export interface Section {
  readonly kind: KindWords;
  /** Changes or findings; several may share a row. */
  readonly count: number;
  /** By source package. */
  readonly rows: readonly ReportRow[];
}

/** The sections that are not empty, in the order of `ROW_KINDS`. */
export function sectionsOf(suite: SuiteReport): readonly Section[] {
  const byKind = new Map<RowKind, ReportRow[]>();
  for (const row of [...changeRows(suite.changes), ...findingRows(suite)]) {
    const rows = byKind.get(row.kind) ?? [];
    byKind.set(row.kind, rows);
    rows.push(row);
  }
  return ROW_KINDS.flatMap((kind) => {
    const rows = byKind.get(kind.kind);
    if (rows === undefined) return [];
    return [{ kind, count: rows.reduce((sum, row) => sum + countOf(row), 0), rows: sorted(rows) }];
  });
}

/** By source package, then by all else that rows can differ in: the order does not depend on that of the report. */
function sorted(rows: readonly ReportRow[]): readonly ReportRow[] {
  const order = (left: string, right: string): number => (left < right ? -1 : left > right ? 1 : 0);
  return [...rows].sort((left, right) => order(left.source, right.source) || order(detailsOf(left), detailsOf(right)));
}

function detailsOf({ packages, chain, from, to, component, udeb, architectures, why }: ReportRow): string {
  const sides = [from, to].map((side) => [side?.version, side?.mirror, side?.component]);
  return JSON.stringify([packages, chain, sides, component, udeb, architectures, why]);
}
