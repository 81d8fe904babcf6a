/**
 * Changes and findings as plain tables. They stand in the page once, in a `noscript`: a browser without scripts shows them as they are, one
 * with scripts takes them for text, which costs it nothing, and the page's script reads a row from each line.
 */
import { type Section, sectionsOf } from "./grouping.ts";
import { escapeHtml } from "./html-text.ts";
import { thousands } from "./plain.ts";
import type { Report, SuiteReport } from "./report.ts";
import { ARROWS, architecturesOf, componentsOf, mirrorsOf, namesPackages, type ReportRow } from "./report-row.ts";
import { titleOf } from "./row-kinds.ts";
import { isConditional } from "./summary.ts";

/** By the name under which `readRows` of page-read.ts takes the cells. */
const HEADINGS = {
  source: "Package",
  packages: "Packages of it",
  from: "Old",
  to: "New",
  mirror: "Mirror",
  component: "Component",
  architectures: "Architectures",
  chain: "Chain",
  why: "Why",
} as const;

type Column = keyof typeof HEADINGS;
const COLUMNS: readonly Column[] = ["source", "packages", "from", "to", "mirror", "component", "architectures", "chain", "why"];

export interface TableGroup {
  readonly suite: SuiteReport;
  readonly sections: readonly Section[];
}

export const groupsOf = ({ suites }: Report): readonly TableGroup[] => suites.map((suite) => ({ suite, sections: sectionsOf(suite) }));

/** @param groups whose position is the number by which the script knows the suite */
export function plainTables(groups: readonly TableGroup[], dryRun: boolean): string {
  return groups
    .flatMap(({ suite, sections }, position) =>
      sections.map((section) => sectionTable(section, suite, position, isConditional(suite, dryRun))),
    )
    .join("");
}

function sectionTable({ kind, count, rows }: Section, suite: SuiteReport, position: number, conditional: boolean): string {
  const title = `Suite ${escapeHtml(suite.name)}, ${titleOf(kind, conditional)}: ${thousands(count)}`;
  const cells = rows.map(cellsOf);
  const columns = COLUMNS.filter((column) => cells.some((row) => row[column] !== ""));
  const versions = columns.filter((column) => column === "from" || column === "to");
  const headingOf = (column: Column): string => (versions.length === 1 && column === versions[0] ? "Version" : HEADINGS[column]);
  const head = columns.map((column) => `<th scope="col">${headingOf(column)}`).join("");
  const lines = cells.map((row) => `<tr>${columns.map((column) => `<td>${escapeHtml(row[column])}`).join("")}`);
  return `<table data-suite="${position}" data-kind="${kind.kind}" data-columns="${columns.join(" ")}"><caption>${title}</caption><thead><tr>${head}</thead><tbody>
${lines.join("\n")}
</tbody></table>
`;
}

/** Packages are left out where they say nothing new: the script knows the source alone by its only architecture, `source`. */
function cellsOf(row: ReportRow): Readonly<Record<Column, string>> {
  const { source, packages, from, to, chain, why } = row;
  return {
    source,
    packages: namesPackages(row) ? packages.join(" ") : "",
    from: from?.version ?? "",
    to: to?.version ?? "",
    mirror: mirrorsOf(row, ARROWS),
    component: componentsOf(row, ARROWS),
    architectures: architecturesOf(row),
    chain: chain.join(` ${ARROWS.needs} `),
    why,
  };
}
