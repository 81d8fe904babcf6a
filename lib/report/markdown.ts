/** The report in GitHub-flavoured Markdown, for issues, wikis and mail. It is never cut. */
import { type Section, sectionsOf } from "./grouping.ts";
import { codeCell, codeSpan, table } from "./markdown-text.ts";
import { size } from "./plain.ts";
import type { Report, SuiteReport } from "./report.ts";
import { ARROWS, architecturesOf, componentsOf, mirrorsOf, namesPackages, type ReportRow, versionsOf } from "./report-row.ts";
import { titleOf } from "./row-kinds.ts";
import { fateOf, fetchedText, headline, isConditional, lostText, placeOf, problemCounts, problemsInOrder, wasMerged } from "./summary.ts";

export function formatMarkdown(report: Report): string {
  const blocks = [
    [`# ${headline(report)}`],
    runLines(report),
    ...problemBlocks(report),
    ...report.suites.flatMap((suite) => suiteBlocks(suite, report.run.dryRun)),
  ];
  return `${blocks.map((lines) => lines.join("\n")).join("\n\n")}\n`;
}

type Block = readonly string[];

function runLines({ run, exitCode, timings }: Report): Block {
  const { fetchMs, verifyMs, mergeMs, composeMs, publishMs } = timings;
  return [
    `- Run ${codeSpan(run.id)} of aptmerge ${codeSpan(run.version)}${run.dryRun ? ", a dry run" : ""}, exit status ${exitCode}`,
    `- From ${codeSpan(run.started)} to ${codeSpan(run.finished)}`,
    `- Milliseconds: fetch ${fetchMs}, verify ${verifyMs}, merge ${mergeMs}, compose ${composeMs}, publish ${publishMs}`,
  ];
}

function problemBlocks({ problems }: Report): readonly Block[] {
  if (problems.length === 0) return [];
  const lines = problemsInOrder(problems).flatMap((one) => {
    const place = placeOf(one);
    const where = place === "" ? "" : ` (${codeSpan(place)})`;
    return [`- **${one.severity}** \`${one.code}\`${where}: ${codeSpan(one.message)}  `, `  Hint: ${codeSpan(one.hint)}`];
  });
  return [[`## Problems: ${problemCounts(problems)}`], lines];
}

function suiteBlocks(suite: SuiteReport, dryRun: boolean): readonly Block[] {
  return [
    [`## Suite ${codeSpan(suite.name)}: ${fateOf(suite, dryRun)}`],
    ...(suite.mirrors.length === 0 ? [] : [mirrorTable(suite)]),
    ...(suite.indices.length === 0 ? [] : [indexTable(suite)]),
    ...(wasMerged(suite) ? [[`${lostText(suite)}.`]] : []),
    ...sectionsOf(suite).flatMap((section) => sectionBlocks(section, isConditional(suite, dryRun))),
  ];
}

function mirrorTable({ mirrors }: SuiteReport): Block {
  return table(
    ["Mirror", "State", "Dated", "Valid until", "Fetched", "Signed by"],
    mirrors.map((mirror) => [
      codeCell(`${mirror.name}/${mirror.suite}`),
      mirror.state,
      codeCell(mirror.date ?? ""),
      codeCell(mirror.validUntil ?? ""),
      fetchedText(mirror),
      codeCell(mirror.signedBy.join(" ")),
    ]),
  );
}

function indexTable({ indices }: SuiteReport): Block {
  return table(
    ["Index", "Stanzas", "Added", "Removed", "Changed", "Size", ""],
    indices.map(({ path, stanzas, added, removed, changed, bytes, rebuilt }) => [
      codeCell(path),
      ...[stanzas, added, removed, changed].map(String),
      size(bytes),
      rebuilt ? "" : "taken over",
    ]),
  );
}

function sectionBlocks({ kind, count, rows }: Section, conditional: boolean): readonly Block[] {
  const title = titleOf(kind, conditional);
  const bySource = kind.change || kind.kind === "orphaned";
  const headings = [bySource ? "Source" : "Package", "Packages", "Version", "Mirror", "Where", "Why"];
  return [[`### ${title.slice(0, 1).toUpperCase()}${title.slice(1)}: ${count}`], table(headings, rows.map(cellsOf))];
}

function cellsOf(row: ReportRow): readonly string[] {
  const { source, packages, chain, why } = row;
  const where = [componentsOf(row, ARROWS), architecturesOf(row)].filter((part) => part !== "").join(": ");
  const because = [chain.join(` ${ARROWS.needs} `), why].filter((part) => part !== "").join(": ");
  return [source, namesPackages(row) ? packages.join(" ") : "", versionsOf(row, ARROWS), mirrorsOf(row, ARROWS), where, because].map(
    codeCell,
  );
}
