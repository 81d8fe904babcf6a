/** The report for terminals and mail: what changes for clients first, grouped by source package. */
import { type Section, sectionsOf } from "./grouping.ts";
import { many, plain, size } from "./plain.ts";
import type { IndexReport, MirrorReport, Report, SuiteReport } from "./report.ts";
import { ASCII, architecturesOf, componentsOf, mirrorsOf, namesPackages, type ReportRow, versionsOf } from "./report-row.ts";
import { titleOf } from "./row-kinds.ts";
import {
  differenceText,
  fateOf,
  fetchedText,
  headline,
  isConditional,
  lostText,
  placeOf,
  problemCounts,
  problemsInOrder,
  wasMerged,
} from "./summary.ts";

/** Lists longer than this are cut, with a line that says how many more there are. */
const MOST_LINES_PER_KIND = 40;
/** So are the packages of one line. */
const MOST_PACKAGES_PER_LINE = 6;

interface TextOptions {
  /** Nothing is cut, and what a terminal has been told already is told too: problems, signers, the run. */
  readonly all?: boolean;
}

/** Plain text: whatever upstream names hold, no control character is in it. */
export function formatText(report: Report, { all = false }: TextOptions = {}): string {
  const lines = report.suites.flatMap((suite) => [...suiteLines(suite, report.run.dryRun, all), ""]);
  lines.push(...(all ? problemLines(report) : []), ...(all ? runLines(report) : []), `${headline(report)}.`);
  const counts = problemCounts(report.problems);
  if (!all && counts !== "") lines.push(`Problems, told on stderr: ${counts}.`);
  return `${lines.map(plain).join("\n")}\n`;
}

function suiteLines(suite: SuiteReport, dryRun: boolean, all: boolean): readonly string[] {
  const lines = [`Suite ${suite.name}: ${fateOf(suite, dryRun)}`];
  for (const mirror of suite.mirrors) lines.push(...mirrorLines(mirror, all));
  for (const index of suite.indices) lines.push(indexLine(index, all));
  if (wasMerged(suite)) lines.push(`  ${lostText(suite)}`);
  for (const section of sectionsOf(suite)) lines.push(...sectionLines(section, isConditional(suite, dryRun), all));
  return lines;
}

function mirrorLines(mirror: MirrorReport, all: boolean): readonly string[] {
  const { name, suite, state, date, validUntil, signedBy } = mirror;
  const parts = [state, ...(date === undefined ? [] : [`dated ${date}`]), fetchedText(mirror, " fetched")].filter((part) => part !== "");
  const lines = [`  from ${name}/${suite}: ${parts.join(", ")}`];
  if (!all || signedBy.length === 0) return lines;
  return [...lines, `    ${validUntil === undefined ? "" : `valid until ${validUntil}, `}signed by ${signedBy.join(", ")}`];
}

function indexLine(index: IndexReport, all: boolean): string {
  const { path, stanzas, bytes, rebuilt } = index;
  const parts = [`${stanzas} stanzas`, differenceText(index), ...(all ? [size(bytes), rebuilt ? "" : "taken over"] : [])];
  return `  ${path}: ${parts.filter((part) => part !== "").join(", ")}`;
}

function sectionLines({ kind, count, rows }: Section, conditional: boolean, all: boolean): readonly string[] {
  const most = all ? rows.length : MOST_LINES_PER_KIND;
  const rest = rows.length > most ? [`    … and ${many(rows.length - most, "line")} more (--format json has all)`] : [];
  return [`  ${titleOf(kind, conditional)}: ${count}`, ...rows.slice(0, most).map((row) => rowLine(row, all)), ...rest];
}

/** `    x: libx1 x-bin 1 -> 2 (a: why) [main: amd64 source]` */
function rowLine(row: ReportRow, all: boolean): string {
  const sides = [mirrorsOf(row, ASCII), row.chain.join(` ${ASCII.needs} `), row.why].filter((part) => part !== "").join(": ");
  const place = [componentsOf(row, ASCII), architecturesOf(row)].filter((part) => part !== "").join(": ");
  const parts = [namesOf(row, all), versionsOf(row, ASCII), sides === "" ? "" : `(${sides})`, place === "" ? "" : `[${place}]`];
  return `    ${parts.filter((part) => part !== "").join(" ")}`;
}

function namesOf(row: ReportRow, all: boolean): string {
  const { source, packages } = row;
  if (!namesPackages(row)) return source;
  const most = all || packages.length <= MOST_PACKAGES_PER_LINE ? packages.length : MOST_PACKAGES_PER_LINE - 1;
  const rest = packages.length > most ? ` and ${packages.length - most} more` : "";
  return `${source}: ${packages.slice(0, most).join(" ")}${rest}`;
}

function problemLines({ problems }: Report): readonly string[] {
  if (problems.length === 0) return [];
  const lines = problemsInOrder(problems).flatMap((one) => {
    const place = placeOf(one);
    return [`  ${one.severity} ${one.code}${place === "" ? "" : ` (${place})`}: ${one.message}`, `    hint: ${one.hint}`];
  });
  return [`Problems: ${problemCounts(problems)}`, ...lines, ""];
}

function runLines({ run, exitCode, timings }: Report): readonly string[] {
  const { fetchMs, verifyMs, mergeMs, composeMs, publishMs } = timings;
  return [
    `Run ${run.id} of aptmerge ${run.version}, ${run.started} to ${run.finished}, exit status ${exitCode}`,
    `Milliseconds: fetch ${fetchMs}, verify ${verifyMs}, merge ${mergeMs}, compose ${composeMs}, publish ${publishMs}`,
  ];
}
