/**
 * Functions of the page's script that touch no page: how rows are read from its text, chosen, counted and ordered. They run in the browser
 * (`page-script.ts` writes them out), so they may use each other but nothing else of this program.
 */

export interface PageRow {
  /** Position of the suite in the report. */
  readonly suite: number;
  readonly kind: string;
  readonly source: string;
  readonly packages: readonly string[];
  readonly from: string;
  readonly to: string;
  readonly mirror: string;
  readonly component: string;
  readonly architectures: readonly string[];
  readonly chain: string;
  readonly why: string;
  /** All of it in small letters, to search in. */
  readonly text: string;
}

export interface PageFilter {
  /** In small letters; a row must have them all. */
  readonly words: readonly string[];
  /** Undefined: all. */
  readonly suite: number | undefined;
  /** Empty: all. */
  readonly architecture: string;
  /** Empty: all. */
  readonly kinds: ReadonlySet<string>;
}

export interface Chosen {
  readonly rows: readonly PageRow[];
  /** Changes and findings in these rows. */
  readonly count: number;
  /** By kind, whichever kinds are chosen. */
  readonly byKind: ReadonlyMap<string, number>;
}

/** @param text plain tables as `html-tables.ts` writes them: a line for each row */
export function readRows(text: string): readonly PageRow[] {
  const entities: Readonly<Record<string, string>> = { amp: "&", lt: "<", gt: ">", quot: '"', "#39": "'" };
  const decode = (cell: string): string => cell.replace(/&(amp|lt|gt|quot|#39);/g, (_, name: string) => entities[name] ?? "");
  const rows: PageRow[] = [];
  let suite = 0;
  let kind = "";
  let columns: readonly string[] = [];
  for (const line of text.split("\n")) {
    const table = /^<table data-suite="([0-9]+)" data-kind="([a-z-]+)" data-columns="([a-z ]+)">/.exec(line);
    if (table !== null) {
      suite = Number(table[1]);
      kind = table[2] ?? "";
      columns = (table[3] ?? "").split(" ");
    }
    if (!line.startsWith("<tr><td>")) continue;
    const cells = line.split("<td>").slice(1).map(decode);
    const cell = (column: string): string => cells[columns.indexOf(column)] ?? "";
    const [source, packages, places, chain, why] = [cell("source"), cell("packages"), cell("architectures"), cell("chain"), cell("why")];
    const [from, to, mirror, component] = [cell("from"), cell("to"), cell("mirror"), cell("component")];
    const architectures = places === "" ? [] : places.split(" ");
    const own = places === "source" ? [] : [source];
    const names = packages === "" ? own : packages.split(" ");
    const all = `${kind} ${cells.join(" ")}`.toLowerCase();
    rows.push({ suite, kind, source, packages: names, from, to, mirror, component, architectures, chain, why, text: all });
  }
  return rows;
}

/** How many changes or findings a row stands for, each package counted once for each architecture. */
export function countIn({ packages, architectures }: PageRow, architecture: string): number {
  if (architectures.length === 0) return architecture === "" ? 1 : 0;
  const places = architectures.filter((one) => (architecture === "" ? one !== "udeb" : one === architecture));
  const source = places.includes("source") ? 1 : 0;
  return packages.length * (places.length - source) + source;
}

export function choose(rows: readonly PageRow[], { words, suite, architecture, kinds }: PageFilter): Chosen {
  const chosen: PageRow[] = [];
  const byKind = new Map<string, number>();
  let count = 0;
  for (const row of rows) {
    if (suite !== undefined && row.suite !== suite) continue;
    if (!words.every((word) => row.text.includes(word))) continue;
    const own = countIn(row, architecture);
    if (own === 0) continue;
    byKind.set(row.kind, (byKind.get(row.kind) ?? 0) + own);
    if (kinds.size > 0 && !kinds.has(row.kind)) continue;
    chosen.push(row);
    count += own;
  }
  return { rows: chosen, count, byKind };
}

/**
 * Numbers in names and versions count as numbers; rows that are equal in a column stay in the report's order.
 *
 * @param column by which to order; of any other word the report's order stands
 * @param kinds in their order
 */
export function inOrder(rows: readonly PageRow[], column: string, descending: boolean, kinds: readonly string[]): readonly PageRow[] {
  const collator = new Intl.Collator("en", { numeric: true });
  const texts: Readonly<Record<string, (row: PageRow) => string>> = {
    kind: (row) => String(kinds.indexOf(row.kind)),
    suite: (row) => String(row.suite),
    package: (row) => `${row.source} ${row.packages.join(" ")}`,
    version: (row) => row.to || row.from,
    mirror: (row) => row.mirror,
    where: (row) => `${row.component} ${row.architectures.join(" ")}`,
    why: (row) => `${row.chain} ${row.why}`,
  };
  const text = texts[column];
  if (text === undefined) return rows;
  const keyed = rows.map((row) => ({ row, key: text(row) }));
  keyed.sort((left, right) => (descending ? collator.compare(right.key, left.key) : collator.compare(left.key, right.key)));
  return keyed.map(({ row }) => row);
}
