/** The part of the page that stands whole in its text: the run, its problems, and each suite's mirrors and indices. */
import type { TableGroup } from "./html-tables.ts";
import { escapeHtml, timeElement } from "./html-text.ts";
import { many, size, thousands } from "./plain.ts";
import type { IndexReport, MirrorReport, Report } from "./report.ts";
import { titleOf } from "./row-kinds.ts";
import { fateOf, fetchedText, headline, isConditional, lostText, placeOf, problemCounts, problemsInOrder, wasMerged } from "./summary.ts";

/** The sign beside an outcome. */
const SIGNS: Readonly<Record<string, string>> = {
  published: "✓",
  unchanged: "=",
  "would-publish": "?",
  partial: "!",
  held: "!",
  failed: "×",
};

const badge = (outcome: string, text: string): string =>
  `<span class="badge ${outcome}"><span class="sign" aria-hidden="true">${SIGNS[outcome] ?? ""}</span>${text}</span>`;

/** @param count of changes and findings */
export function runHeader(report: Report, count: number): string {
  const { run, exitCode, outcome, generation, timings } = report;
  const seconds = Math.round((Date.parse(run.finished) - Date.parse(run.started)) / 1000);
  const steps = [
    ["fetch", timings.fetchMs],
    ["verify", timings.verifyMs],
    ["merge", timings.mergeMs],
    ["compose", timings.composeMs],
    ["publish", timings.publishMs],
  ] as const;
  const facts = [
    ["Outcome", badge(outcome, outcome.replace("-", " "))],
    ["Generation", generation === undefined ? "none" : String(generation)],
    ["Started", timeElement(run.started)],
    ["Finished", timeElement(run.finished)],
    ["Took", Number.isFinite(seconds) ? many(seconds, "second") : ""],
    ["Exit status", String(exitCode)],
    ["Run", `<code>${escapeHtml(run.id)}</code>${run.dryRun ? " (dry run)" : ""}`],
    ["aptmerge", escapeHtml(run.version)],
    ["Steps", steps.map(([name, ms]) => `${name}&nbsp;${thousands(ms)}&nbsp;ms`).join(", ")],
  ] as const;
  const links = [
    ...(report.problems.length === 0 ? [] : [`<li><a href="#problems">Problems: ${problemCounts(report.problems)}</a></li>`]),
    ...(report.suites.length === 0 ? [] : [`<li><a href="#suites">Suites: ${report.suites.length}</a></li>`]),
    `<li><a href="#changes">Changes and findings: ${thousands(count)}</a></li>`,
  ];
  return `<header>
<h1>${headline(report)}</h1>
<dl class="facts">${facts.map(([name, value]) => `<div><dt>${name}</dt><dd>${value}</dd></div>`).join("")}</dl>
<nav aria-label="Parts of this page"><ul>${links.join("")}</ul></nav>
</header>
`;
}

export function problemList({ problems }: Report): string {
  if (problems.length === 0) return "";
  const items = problemsInOrder(problems).map((one) => {
    const place = placeOf(one);
    return `<li class="${one.severity}"><p><span class="badge ${one.severity}">${one.severity === "info" ? "note" : one.severity}</span> <code>${one.code}</code>${place === "" ? "" : ` <span class="place">${escapeHtml(place)}</span>`}</p>
<p>${escapeHtml(one.message)}</p><p class="hint">${escapeHtml(one.hint)}</p></li>`;
  });
  return `<section aria-labelledby="problems"><h2 id="problems">Problems <span class="quiet">${problemCounts(problems)}</span></h2>
<ul class="problems">${items.join("\n")}</ul></section>
`;
}

export function suiteCard({ suite, sections }: TableGroup, dryRun: boolean): string {
  const { name, outcome, mirrors, indices } = suite;
  const sums = sections.map(
    ({ kind, count }) =>
      `<li${kind.alarming ? ' class="alarming"' : ""} title="${titleOf(kind, isConditional(suite, dryRun))}"><span class="sign" aria-hidden="true">${kind.sign}</span> ${thousands(count)} ${kind.word}</li>`,
  );
  return `<section class="card"><h2>Suite ${escapeHtml(name)} ${badge(outcome, fateOf(suite, dryRun).replace("-", " "))}</h2>
${sums.length === 0 ? "" : `<ul class="sums">${sums.join("")}</ul>`}
${mirrors.length === 0 ? "" : mirrorTable(mirrors)}
${wasMerged(suite) ? `<p class="quiet">${lostText(suite, thousands)}</p>` : ""}
${indices.length === 0 ? "" : indexTable(indices)}</section>
`;
}

/** Tables whose rows become blocks on a narrow screen, where each cell tells its own heading. */
function table(caption: string, headings: readonly string[], rows: readonly (readonly string[])[], numbers: ReadonlySet<string>): string {
  const kind = (heading: string): string => (numbers.has(heading) ? ' class="number"' : "");
  const head = headings.map((heading) => `<th scope="col" role="columnheader"${kind(heading)}>${heading}</th>`).join("");
  const cell = (value: string, position: number): string => {
    const heading = headings[position] ?? "";
    if (position === 0) return `<th scope="row" role="rowheader">${value}</th>`;
    return `<td role="cell" data-label="${heading}"${kind(heading)}>${value}</td>`;
  };
  const body = rows.map((row) => `<tr role="row">${row.map(cell).join("")}</tr>`).join("\n");
  return `<table role="table" class="list" aria-label="${caption}"><thead role="rowgroup"><tr role="row">${head}</tr></thead><tbody role="rowgroup">
${body}
</tbody></table>`;
}

function mirrorTable(mirrors: readonly MirrorReport[]): string {
  const rows = mirrors.map((mirror) => {
    const { name, suite, state, date, validUntil, signedBy } = mirror;
    return [
      escapeHtml(`${name}/${suite}`),
      `<span class="badge ${state}">${state}</span>`,
      date === undefined ? "" : timeElement(date),
      validUntil === undefined ? "" : timeElement(validUntil),
      fetchedText(mirror),
      `<code>${signedBy.map(escapeHtml).join(" ")}</code>`,
    ];
  });
  return table("Mirrors", ["Mirror", "State", "Dated", "Valid until", "Fetched", "Signed by"], rows, new Set());
}

function indexTable(indices: readonly IndexReport[]): string {
  const rows = indices.map(({ path, stanzas, added, removed, changed, bytes, rebuilt }) => [
    escapeHtml(path),
    ...[stanzas, added, removed, changed].map(thousands),
    size(bytes),
    rebuilt ? "" : "taken over",
  ]);
  const headings = ["Index", "Stanzas", "Added", "Removed", "Changed", "Size", "State"];
  const numbers = new Set(["Stanzas", "Added", "Removed", "Changed", "Size"]);
  const stanzas = indices.reduce((sum, index) => sum + index.stanzas, 0);
  const bytes = indices.reduce((sum, index) => sum + index.bytes, 0);
  const open = indices.length > MOST_OPEN_INDICES ? "" : " open";
  const count = indices.length === 1 ? "1 index" : `${thousands(indices.length)} indices`;
  return `<details${open}><summary>${count}, ${thousands(stanzas)} stanzas, ${size(bytes)}</summary>
${table("Indices", headings, rows, numbers)}</details>`;
}

/** A longer list is folded. */
const MOST_OPEN_INDICES = 8;
