/** How rows come into the page's table. Like page-read.ts this runs in the browser. */
import type { PageElement, PageWindow } from "./page-dom.ts";
import type { PageRow } from "./page-read.ts";
import { thousands } from "./plain.ts";

export interface RowPainter {
  /** Shows these instead of what was shown before. */
  show(rows: readonly PageRow[]): void;
}

/**
 * The first rows are there at once, the others when the browser has time, so that its own search finds them too. Of very many the rest waits
 * until it is asked for, or printed.
 *
 * @param more a button that asks for the rest
 */
export function rowPainter(
  page: PageWindow,
  { table, more }: { readonly table: PageElement; readonly more: PageElement },
  elementOf: (row: PageRow) => PageElement,
): RowPainter {
  const CHUNK_ROWS = 100;
  const UNASKED_ROWS = 20_000;
  let shown: readonly PageRow[] = [];
  let painted = 0;
  let wanted = 0;
  let turn = 0;

  const isOwing = (): boolean => painted < shown.length && painted < wanted;
  const paintChunk = (): void => {
    const chunk = shown.slice(painted, Math.min(painted + CHUNK_ROWS, wanted));
    const body = page.document.createElement("tbody");
    body.setAttribute("role", "rowgroup");
    // Only chunks of known height may be left out while they are not in sight.
    body.className = chunk.length < CHUNK_ROWS ? "" : "whole";
    body.append(...chunk.map(elementOf));
    table.append(body);
    painted += chunk.length;
    more.hidden = painted < wanted || painted >= shown.length;
    more.textContent = `Show more: ${thousands(painted)} of ${thousands(shown.length)} rows are shown`;
  };
  const paintRest = (mine: number): void => {
    const work = (): void => {
      if (mine !== turn || !isOwing()) return;
      paintChunk();
      paintRest(mine);
    };
    if (page.requestIdleCallback === undefined) page.requestAnimationFrame(work);
    else page.requestIdleCallback(work);
  };
  const ask = (rows: number): void => {
    wanted = rows;
    paintChunk();
    paintRest(++turn);
  };

  more.addEventListener("click", () => ask(wanted + UNASKED_ROWS));
  page.addEventListener("beforeprint", () => {
    wanted = shown.length;
    while (isOwing()) paintChunk();
  });
  return {
    show(rows) {
      shown = rows;
      painted = 0;
      // The headings stay where they are, and with them the focus.
      for (const body of table.querySelectorAll("tbody")) body.remove();
      ask(UNASKED_ROWS);
    },
  };
}
