/** What reports for people tell in one line: packages that differ in the same way, or a finding about one. */
import type { RowKind } from "./row-kinds.ts";

export interface ReportRow {
  readonly kind: RowKind;
  /** Source package; of findings that do not know it, the package itself. */
  readonly source: string;
  /** Binary packages, sorted; none when only the source package is meant. */
  readonly packages: readonly string[];
  /** Of the indices, sorted; `source` is the last one when the source package itself is meant too. Empty when not known. */
  readonly architectures: readonly string[];
  readonly udeb: boolean;
  /** Empty when not known. */
  readonly component: string;
  readonly from: RowSide | undefined;
  /** Of what is behind, the higher version that loses. */
  readonly to: RowSide | undefined;
  /** From a package to the one that is at fault, both included; empty when they are the same. */
  readonly chain: readonly string[];
  readonly why: string;
}

export interface RowSide {
  readonly version: string;
  readonly mirror: string;
  readonly component?: string;
}

/** How many packages, each counted once for each architecture, a row speaks of. */
export function countOf({ packages, architectures }: Pick<ReportRow, "packages" | "architectures">): number {
  const source = architectures.includes("source") ? 1 : 0;
  return Math.max(1, packages.length * (architectures.length - source) + source);
}

/** Signs that stand between the parts of a row. */
export interface Signs {
  readonly becomes: string;
  readonly needs: string;
}

export const ASCII: Signs = { becomes: "->", needs: "<-" };
export const ARROWS: Signs = { becomes: "→", needs: "←" };

/** `1 -> 2`, `1 < 2` of what is behind, `1` when both are the same. */
export const versionsOf = (row: ReportRow, signs: Signs): string => pairOf(row, ({ version }) => version, signs);

/** `a -> b`; `a` when both are the same. */
export const mirrorsOf = (row: ReportRow, signs: Signs): string => pairOf(row, ({ mirror }) => mirror, signs);

/** `contrib -> main`, or the component alone. */
export function componentsOf({ from, component }: ReportRow, { becomes }: Signs): string {
  return from?.component === undefined ? component : `${from.component} ${becomes} ${component}`;
}

/** `amd64 arm64 source`, `udeb amd64`. */
export const architecturesOf = ({ architectures, udeb }: ReportRow): string => [...(udeb ? ["udeb"] : []), ...architectures].join(" ");

/** Whether there are names of packages to tell beside the source's own. */
export const namesPackages = ({ source, packages }: ReportRow): boolean => packages.length > 1 || (packages[0] ?? source) !== source;

function pairOf({ kind, from, to }: ReportRow, part: (side: RowSide) => string, { becomes }: Signs): string {
  const [left, right] = [from, to].map((side) => (side === undefined ? undefined : part(side)));
  if (left === undefined || right === undefined || left === right) return left ?? right ?? "";
  return `${left} ${kind === "behind" ? "<" : becomes} ${right}`;
}
