/** Text from outside in GitHub-flavoured Markdown: always a code span, in which nothing is markup, a link, a mention or HTML. */
import { plain } from "./plain.ts";

/** Empty for empty text. */
export function codeSpan(text: string): string {
  const shown = plain(text);
  if (shown === "") return "";
  const longest = (shown.match(/`+/g) ?? []).reduce((most, run) => Math.max(most, run.length), 0);
  const fence = "`".repeat(longest + 1);
  // One blank at both ends is taken off when the text is shown.
  const blank = /^[ `]|[ `]$/.test(shown) && shown.trim() !== "" ? " " : "";
  return `${fence}${blank}${shown}${blank}${fence}`;
}

/** A code span for a cell of a table. A row is cut at its pipes before anything else is read, and a backslash before one is taken off. */
export const codeCell = (text: string): string => codeSpan(text.replace(/\\(?=\\*\|)/g, "\\u005c")).replace(/\|/g, "\\|");

/**
 * A table whose columns line up in plain text, as in mail, but for cells that are very long. Columns without a word are left out.
 *
 * @param rows of cells that are Markdown already
 */
export function table(headings: readonly string[], rows: readonly (readonly string[])[]): readonly string[] {
  const used = headings.flatMap((_, column) => (rows.some((row) => row[column] !== "") ? [column] : []));
  const widths = used.map((column) =>
    [headings, ...rows].reduce((most, row) => {
      const { length } = row[column] ?? "";
      return length > WIDEST_PADDED_CELL ? most : Math.max(most, length);
    }, 3),
  );
  const line = (row: readonly string[]): string =>
    `| ${used.map((column, position) => (row[column] ?? "").padEnd(widths[position] ?? 0)).join(" | ")} |`;
  return [line(headings), `|${widths.map((width) => "-".repeat(width + 2)).join("|")}|`, ...rows.map(line)];
}

/** Columns that are wider are not filled up to their widest cell. */
const WIDEST_PADDED_CELL = 40;
