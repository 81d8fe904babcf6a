/** The report for people: what changes for clients first, grouped by source package. */
import type { ChangeKind } from "../archive/change-kind.ts";
import type { Change, Report, SuiteReport } from "./report.ts";

/** Changes that a client sees as an update come first, then what is new, then what goes. */
const ORDER: readonly ChangeKind[] = ["downgraded", "upgraded", "rebuilt", "moved", "edited", "added", "removed"];

const HEADINGS: Readonly<Record<ChangeKind, string>> = {
  downgraded: "downgraded (!)",
  upgraded: "upgraded",
  rebuilt: "rebuilt: same version, other file",
  moved: "moved: other mirror or component",
  edited: "edited: same file, other fields",
  added: "added",
  removed: "removed (!)",
};

/** Lists longer than this are cut, with a line that says how many more there are; the JSON report has all. */
const MOST_LINES_PER_KIND = 40;

/** Control characters of an upstream name must not reach a terminal. */
export const plain = (text: string): string =>
  text.replace(
    /[\x00-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069]/g,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );

export function formatText(report: Report, options: { readonly all?: boolean } = {}): string {
  const lines: string[] = [];
  for (const suite of report.suites) lines.push(...suiteLines(suite, report.run.dryRun, options.all ?? false), "");
  lines.push(headline(report));
  return `${lines.join("\n")}\n`;
}

function headline(report: Report): string {
  const generation = report.generation === undefined ? "" : ` generation ${report.generation}`;
  switch (report.outcome) {
    case "published":
      return `Published${generation}.`;
    case "partial":
      return `Published${generation} in part: some suites keep their last state.`;
    case "unchanged":
      return `Nothing changed${generation === "" ? "" : `:${generation} stays`}.`;
    case "would-publish":
      return "Would publish a new generation (dry run: nothing was written).";
    case "failed":
      return report.generation === undefined ? "Failed: nothing is published." : `Failed:${generation} stays as it was.`;
    default:
      return report.outcome satisfies never;
  }
}

function suiteLines(suite: SuiteReport, dryRun: boolean, all: boolean): readonly string[] {
  // Every suite of the config has mirrors.
  const gone = suite.mirrors.length === 0;
  const fate = gone ? `${dryRun ? "would be removed" : "removed"}, the config no longer names it` : suite.outcome;
  const lines = [`Suite ${suite.name}: ${fate}`];
  for (const mirror of suite.mirrors) {
    const fetched = mirror.files === 0 ? "" : `, ${mirror.files} file${mirror.files === 1 ? "" : "s"} fetched (${size(mirror.bytes)})`;
    const dated = mirror.date === undefined ? "" : `, dated ${mirror.date}`;
    lines.push(`  from ${mirror.name}/${mirror.suite}: ${mirror.state}${dated}${fetched}`);
  }
  if (suite.outcome === "unchanged" || suite.outcome === "failed" || suite.outcome === "held") return lines;
  for (const index of suite.indices) {
    const difference = [
      [index.added, "added"],
      [index.removed, "removed"],
      [index.changed, "changed"],
    ].flatMap(([count, word]) => (count === 0 ? [] : [`${count} ${word}`]));
    lines.push(`  ${index.path}: ${index.stanzas} stanzas${difference.length === 0 ? "" : `, ${difference.join(", ")}`}`);
  }
  if (!gone) lines.push(`  ${suite.shadowed} stanzas lost to another mirror, ${suite.overridden} changed by overrides`);
  for (const kind of ORDER) lines.push(...kindLines(kind, suite.changes, dryRun, all));
  return lines;
}

/** One line per source package and difference; architectures that change alike share it. */
function kindLines(kind: ChangeKind, changes: readonly Change[], dryRun: boolean, all: boolean): readonly string[] {
  const groups = new Map<string, Map<string, { change: Change; packages: Set<string>; architectures: Set<string> }>>();
  let count = 0;
  for (const change of changes) {
    if (change.kind !== kind) continue;
    count++;
    const difference = describe(change);
    const group = groups.get(change.source) ?? new Map();
    const entry = group.get(difference) ?? { change, packages: new Set<string>(), architectures: new Set<string>() };
    entry.packages.add(change.package);
    entry.architectures.add(change.architecture);
    group.set(difference, entry);
    groups.set(change.source, group);
  }
  if (count === 0) return [];
  const lines: string[] = [];
  for (const source of [...groups.keys()].sort()) {
    for (const [difference, { packages, architectures }] of groups.get(source) ?? []) {
      const names = [...packages].sort();
      const shown = names.length > 6 ? `${names.slice(0, 5).join(" ")} and ${names.length - 5} more` : names.join(" ");
      lines.push(`    ${plain(shown)} ${difference} [${[...architectures].sort().join(" ")}]`);
    }
  }
  const most = all ? lines.length : MOST_LINES_PER_KIND;
  const rest = lines.length > most ? [`    … and ${lines.length - most} lines more (--format json has all)`] : [];
  return [`  ${dryRun ? "would be " : ""}${HEADINGS[kind]}: ${count}`, ...lines.slice(0, most), ...rest];
}

function describe({ kind, from, to, reason, component }: Change): string {
  const versions =
    from !== undefined && to !== undefined && from.version !== to.version ? `${from.version} -> ${to.version}` : (to ?? from)?.version;
  const components = from?.component === undefined ? "" : `, ${from.component} -> ${component}`;
  const mirrors =
    from !== undefined && to !== undefined && from.mirror !== to.mirror ? `${from.mirror} -> ${to.mirror}` : (to ?? from)?.mirror;
  return plain(`${versions} (${mirrors}${components}${kind === "added" || kind === "removed" ? "" : reason === "" ? "" : `: ${reason}`})`);
}

/** 1 kB = 1000 bytes. */
export function size(bytes: number): string {
  if (bytes < 1000) return `${bytes} B`;
  if (bytes < 1_000_000) return `${(bytes / 1000).toFixed(1)} kB`;
  return bytes < 1_000_000_000 ? `${(bytes / 1_000_000).toFixed(1)} MB` : `${(bytes / 1_000_000_000).toFixed(2)} GB`;
}
