/** What the policy did or found as rows: one for each package, architectures in which the same happened together. */
import type { BannedReport, NamedStanza, SuiteReport } from "./report.ts";
import type { ReportRow } from "./report-row.ts";
import type { RowKind } from "./row-kinds.ts";

/** In no order. */
export function findingRows(suite: SuiteReport): readonly ReportRow[] {
  const rows = [
    ...suite.uninstallable.map((one) => ({ ...stanzaRow("uninstallable", one), chain: chainOf(one), why: one.relation })),
    ...suite.banned.map((one) => ({ ...stanzaRow("banned", one), chain: chainOf(one), why: banText(one) })),
    ...suite.needsBanned.map((one) => ({ ...stanzaRow("needs-banned", one), chain: chainOf(one), why: banText(one) })),
    ...suite.behind.map((one) => ({ ...stanzaRow("behind", one), to: one.newer, why: one.because })),
    ...suite.limited.map((one) => ({ ...stanzaRow("limited", one), why: one.stays === true ? `${one.what}, which stays` : one.what })),
    ...suite.builtUsing.map(
      ({ package: name, architecture, field, source, version }): ReportRow => ({
        ...bareRow("built-using", name, name),
        architectures: [architecture],
        why: `${field}: ${source} (= ${version})`,
      }),
    ),
    ...suite.orphans.map(
      ({ package: name, source, version }): ReportRow => ({ ...bareRow("orphaned", source, name), why: `built from ${source} ${version}` }),
    ),
  ];
  return joinArchitectures(rows);
}

const bareRow = (kind: RowKind, source: string, name: string): ReportRow => ({
  kind,
  source,
  packages: [name],
  architectures: [],
  udeb: false,
  component: "",
  from: undefined,
  to: undefined,
  chain: [],
  why: "",
});

const stanzaRow = (kind: RowKind, { package: name, type, architecture, version, mirror }: NamedStanza): ReportRow => ({
  ...bareRow(kind, name, name),
  ...(type === "source" ? { packages: [] } : {}),
  architectures: [architecture],
  udeb: type === "udeb",
  from: { version, mirror },
});

const chainOf = ({ chain }: { readonly chain: readonly string[] }): readonly string[] => (chain.length > 1 ? chain : []);

/** `Depends: systemd-sysv; ban of package systemd-sysv; not carried`. */
function banText({ relation, rule, reason }: BannedReport): string {
  return [relation, `ban of ${rule}`, reason].filter((part) => part !== undefined).join("; ");
}

function joinArchitectures(rows: readonly ReportRow[]): readonly ReportRow[] {
  const groups = new Map<string, { row: ReportRow; architectures: Set<string> }>();
  for (const row of rows) {
    const { architectures, ...rest } = row;
    const key = JSON.stringify([rest, architectures.includes("source")]);
    const group = groups.get(key) ?? { row, architectures: new Set() };
    groups.set(key, group);
    for (const architecture of architectures) group.architectures.add(architecture);
  }
  return [...groups.values()].map(({ row, architectures }) => ({ ...row, architectures: [...architectures].sort() }));
}
