/**
 * The report as one page that needs nothing but itself: no request leaves it, by its own policy. Without scripts it is a page of plain tables;
 * with them one table that is searched, filtered and ordered. Everything from outside is escaped, in the page and by the script.
 */
import { createHash } from "node:crypto";
import { explorer } from "./html-explorer.ts";
import { problemList, runHeader, suiteCard } from "./html-overview.ts";
import { STYLE } from "./html-style.ts";
import { groupsOf } from "./html-tables.ts";
import { escapeHtml } from "./html-text.ts";
import { pageScript } from "./page-script.ts";
import type { Report } from "./report.ts";
import { headline } from "./summary.ts";

/** The same bytes for the same report. */
export function formatHtml(report: Report): string {
  const script = pageScript();
  const groups = groupsOf(report);
  const count = groups.flatMap(({ sections }) => sections).reduce((sum, section) => sum + section.count, 0);
  const { started, dryRun } = report.run;
  const day = started.slice(0, 16).replace("T", " ");
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${policy(STYLE, script)}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta name="referrer" content="no-referrer">
<title>${headline(report)} – aptmerge, ${escapeHtml(day)}</title>
<link rel="icon" href="data:,">
<style>${STYLE}</style>
</head>
<body>
${runHeader(report, count)}<main>
${problemList(report)}<div id="suites">${groups.map((group) => suiteCard(group, dryRun)).join("")}</div>
${explorer(groups, dryRun)}</main>
<script>${script}</script>
</body>
</html>
`;
}

/** Nothing may be loaded, and no style or script may run but these two: one that slipped in from outside would not. */
function policy(style: string, script: string): string {
  const hash = (text: string): string => `'sha256-${createHash("sha256").update(text).digest("base64")}'`;
  return `default-src 'none'; img-src data:; style-src ${hash(style)}; script-src ${hash(script)}; base-uri 'none'; form-action 'none'`;
}
