/** The pages that people read, and what stands in them. */
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

export const ROOT = join(import.meta.dirname, "..", "..");

/** Paths below the project's root. */
export const PAGES: readonly string[] = [
  ...readdirSync(ROOT).filter((name) => name.endsWith(".md")),
  "indices/README.md",
  "config/demo/README.md",
];

export const readPage = (page: string): string => readFileSync(join(ROOT, page), "utf8");

export interface Fence {
  /** Word behind the opening backticks; empty when there is none. */
  readonly language: string;
  readonly text: string;
  /** Of its first line, counted from 1. */
  readonly line: number;
}

export function fencesOf(page: string): readonly Fence[] {
  const fences: Fence[] = [];
  let open: { language: string; lines: string[]; line: number } | undefined;
  for (const [position, line] of readPage(page).split("\n").entries()) {
    const mark = /^ *```([a-z]*)$/.exec(line);
    if (mark === null) open?.lines.push(line);
    else if (open === undefined) open = { language: mark[1] ?? "", lines: [], line: position + 2 };
    else {
      fences.push({ language: open.language, text: open.lines.join("\n"), line: open.line });
      open = undefined;
    }
  }
  if (open !== undefined) throw new Error(`Cannot read ${page}: the code that begins at line ${open.line} has no end`);
  return fences;
}

/** The page without what stands in code, line by line. */
export function proseOf(page: string): string {
  let inFence = false;
  return readPage(page)
    .split("\n")
    .filter((line) => {
      const mark = /^ *```/.test(line);
      if (mark) inFence = !inFence;
      return !mark && !inFence;
    })
    .join("\n");
}

/** Cells of the rows of the first table below a heading, without its head. */
export function tableBelow(page: string, heading: string): readonly (readonly string[])[] {
  const lines = readPage(page).split("\n");
  const start = lines.indexOf(heading);
  if (start < 0) throw new Error(`Cannot find "${heading}" in ${page}`);
  const rows = lines.slice(start + 1);
  const first = rows.findIndex((line) => line.startsWith("|"));
  const length = rows.slice(first).findIndex((line) => !line.startsWith("|"));
  return rows.slice(first + 2, first + length).map((line) =>
    line
      .split("|")
      .slice(1, -1)
      .map((cell) => cell.trim()),
  );
}

/** What stands in backticks. */
export const codeIn = (text: string): readonly string[] =>
  [...text.matchAll(/`([^`]+)`/g)].flatMap(([, code]) => (code === undefined ? [] : [code]));
