/** The part of the page that is searched: controls, the table that the script fills, and the plain tables that it reads. */
import { plainTables, type TableGroup } from "./html-tables.ts";
import { escapeHtml } from "./html-text.ts";
import { thousands } from "./plain.ts";
import { type KindWords, ROW_KINDS } from "./row-kinds.ts";

const COLUMNS = [
  ["kind", "Kind"],
  ["suite", "Suite"],
  ["package", "Package"],
  ["version", "Version"],
  ["mirror", "Mirror"],
  ["where", "Where"],
  ["why", "Why"],
] as const;

export function explorer(groups: readonly TableGroup[], dryRun: boolean): string {
  const title = '<h2 id="changes">Changes and findings</h2>';
  if (groups.every(({ sections }) => sections.length === 0))
    return `<section aria-labelledby="changes">${title}<p>There are none.</p></section>\n`;
  return `<section aria-labelledby="changes">${title}
${unpublishedNote(groups, dryRun)}
<div id="explorer" hidden>
${chips(groups)}
${meanings(groups)}
${filters(groups)}
${emptyTable(groups)}
<p id="nothing" hidden>No row fits all that is asked for.</p>
<button type="button" id="more" hidden></button>
</div>
<noscript id="plain">
${plainTables(groups, dryRun)}</noscript></section>
`;
}

/** Rows say "upgraded", also of what is not done. */
function unpublishedNote(groups: readonly TableGroup[], dryRun: boolean): string {
  if (dryRun) return "<p>Dry run: no change is published.</p>";
  const held = groups.filter(({ suite, sections }) => suite.outcome === "held" && sections.length > 0);
  if (held.length === 0) return "";
  return `<p>Held, so that no change of it is published: ${held.map(({ suite }) => escapeHtml(suite.name)).join(", ")}.</p>`;
}

const severalSuites = (groups: readonly TableGroup[]): boolean => groups.filter(({ sections }) => sections.length > 0).length > 1;

function chips(groups: readonly TableGroup[]): string {
  const counts = new Map<string, number>();
  for (const { sections } of groups) for (const { kind, count } of sections) counts.set(kind.kind, (counts.get(kind.kind) ?? 0) + count);
  const chip = ({ kind, sign, word, alarming }: KindWords): string =>
    `<button type="button" class="chip ${kind}" aria-pressed="false" data-kind="${kind}" data-sign="${sign}" data-word="${word}"${alarming ? " data-alarming" : ""}><span class="sign" aria-hidden="true">${sign}</span>${word} <span class="count">${thousands(counts.get(kind) ?? 0)}</span></button>`;
  return `<div class="chips" role="group" aria-label="Show only these kinds">${kindsIn(groups).map(chip).join("")}</div>`;
}

function kindsIn(groups: readonly TableGroup[]): readonly KindWords[] {
  const kinds = new Set(groups.flatMap(({ sections }) => sections.map(({ kind }) => kind)));
  return ROW_KINDS.filter((kind) => kinds.has(kind));
}

/** What a word alone does not say. */
function meanings(groups: readonly TableGroup[]): string {
  const noted = kindsIn(groups).filter(({ note }) => note !== "");
  if (noted.length === 0) return "";
  const items = noted.map(({ word, note }) => `<dt>${word}</dt><dd>${note}</dd>`);
  return `<details><summary>What the words mean</summary><dl>${items.join("")}</dl></details>`;
}

function filters(groups: readonly TableGroup[]): string {
  const architectures = new Set<string>();
  for (const { sections } of groups)
    for (const { rows } of sections) for (const row of rows) for (const architecture of row.architectures) architectures.add(architecture);
  const option = (value: string, text: string): string => `<option value="${escapeHtml(value)}">${escapeHtml(text)}</option>`;
  const suites = groups.map(({ suite }, position) => option(String(position), suite.name)).join("");
  const all = [...architectures].sort().map((name) => option(name, name));
  return `<form id="filters" role="search" aria-label="Changes and findings">
<label class="wide"><span>Search</span><input type="search" id="search" autocomplete="off" spellcheck="false" placeholder="package, version, mirror, reason"></label>
<label${severalSuites(groups) ? "" : " hidden"}><span>Suite</span><select id="suite"><option value="">all</option>${suites}</select></label>
<label><span>Architecture</span><select id="architecture"><option value="">all</option>${all.join("")}</select></label>
<button type="reset">Reset</button>
<output id="shown" for="search suite architecture"></output>
</form>`;
}

function emptyTable(groups: readonly TableGroup[]): string {
  const heads = COLUMNS.map(
    ([column, word]) =>
      `<th scope="col" role="columnheader" class="${column}" data-column="${column}" aria-sort="none"><button type="button">${word}</button></th>`,
  );
  return `<table id="rows" role="table" class="${severalSuites(groups) ? "" : "one-suite"}" aria-labelledby="changes"><thead role="rowgroup"><tr role="row">${heads.join("")}</tr></thead></table>`;
}
