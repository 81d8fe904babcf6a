/** What the page's controls do. Like page-read.ts this runs in the browser. */
import type { PageElement, PageWindow } from "./page-dom.ts";
import { rowPainter } from "./page-paint.ts";
import { choose, inOrder, readRows } from "./page-read.ts";
import { type PageLabels, rowElement } from "./page-row.ts";
import { thousands } from "./plain.ts";

/** Takes the place of the plain tables, if the page has any. */
export function startPage(page: PageWindow): void {
  const { document } = page;
  const plain = document.querySelector("#plain");
  if (plain === null) return;
  const find = (selector: string): PageElement => {
    const element = document.querySelector(selector);
    if (element === null) throw new Error(`The page has no ${selector}`);
    return element;
  };
  const [table, search, suite, architecture] = [find("#rows"), find("#search"), find("#suite"), find("#architecture")];
  const chips = [...find("#explorer").querySelectorAll("button[data-kind]")];
  const headings = [...table.querySelectorAll("th")];
  const labels = labelsOf(chips, suite);
  const rows = readRows(plain.textContent ?? "");
  const kinds = new Set<string>();
  const order = { column: "", descending: false };
  let words: readonly string[] = [];
  const painter = rowPainter(page, { table, more: find("#more") }, (row) => rowElement(document, row, labels, words));
  const all = choose(rows, { words, suite: undefined, architecture: "", kinds }).count;

  const apply = (): void => {
    words = search.value
      .toLowerCase()
      .split(/\s+/)
      .filter((word) => word !== "");
    const only = suite.value === "" ? undefined : Number(suite.value);
    const chosen = choose(rows, { words, suite: only, architecture: architecture.value, kinds });
    for (const chip of chips) {
      const kind = chip.dataset["kind"] ?? "";
      const count = chosen.byKind.get(kind) ?? 0;
      chip.setAttribute("aria-pressed", String(kinds.has(kind)));
      chip.classList.toggle("none", count === 0);
      for (const element of chip.querySelectorAll(".count")) element.textContent = thousands(count);
    }
    for (const heading of headings) {
      const own = heading.dataset["column"] === order.column;
      heading.setAttribute("aria-sort", own ? (order.descending ? "descending" : "ascending") : "none");
    }
    const { length } = chosen.rows;
    find("#shown").textContent = `${thousands(chosen.count)} of ${thousands(all)} in ${thousands(length)} ${length === 1 ? "row" : "rows"}`;
    find("#nothing").hidden = length > 0;
    painter.show(inOrder(chosen.rows, order.column, order.descending, [...labels.kinds.keys()]));
  };

  for (const chip of chips) {
    chip.addEventListener("click", () => {
      const kind = chip.dataset["kind"] ?? "";
      if (!kinds.delete(kind)) kinds.add(kind);
      apply();
    });
  }
  for (const heading of headings) {
    // Upwards, downwards, then as the report has them.
    heading.addEventListener("click", () => {
      const column = heading.dataset["column"] ?? "";
      const again = column === order.column;
      order.column = again && order.descending ? "" : column;
      order.descending = again && !order.descending;
      apply();
    });
  }
  const controls = [search, suite, architecture];
  for (const control of controls) control.addEventListener("input", apply);
  find("#filters").addEventListener("submit", (event) => event.preventDefault());
  find("#filters").addEventListener("reset", (event) => {
    event.preventDefault();
    for (const control of controls) control.value = "";
    kinds.clear();
    apply();
  });
  find("#explorer").hidden = false;
  apply();
}

export function labelsOf(chips: readonly PageElement[], suite: PageElement): PageLabels {
  const kinds = chips.map(({ dataset }) => {
    const label = { sign: dataset["sign"] ?? "", word: dataset["word"] ?? "", alarming: dataset["alarming"] !== undefined };
    return [dataset["kind"] ?? "", label] as const;
  });
  // The first option stands for all suites.
  const names = [...suite.querySelectorAll("option")].slice(1).map(({ textContent }) => textContent ?? "");
  return { kinds: new Map(kinds), suites: names };
}
