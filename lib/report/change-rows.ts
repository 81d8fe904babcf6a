/** Changes as rows: by source package; packages and architectures that differ alike share a row, which says no more than is so. */
import type { Change } from "./report.ts";
import type { ReportRow } from "./report-row.ts";

/** In no order. */
export function changeRows(changes: readonly Change[]): readonly ReportRow[] {
  const groups = new Map<string, Change[]>();
  for (const change of changes) {
    const { kind, component, from, to, reason } = change;
    const key = JSON.stringify([kind, sourceOf(change), component, from, to, reason]);
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [change]);
    else group.push(change);
  }
  return [...groups.values()].flatMap(rowsOf);
}

const sourceOf = ({ type, source, package: name }: Change): string => (type === "source" ? name : source);

/** Rows of changes that differ in nothing but package and architecture: each is all its packages in all its architectures. */
function rowsOf(alike: readonly Change[]): readonly ReportRow[] {
  const [first] = alike;
  if (first === undefined) return [];
  const { kind, component, from, to, reason } = first;
  // That a mirror has what was added is said by the mirror's name.
  const own = { kind, source: sourceOf(first), component, from, to, chain: [], why: kind === "added" ? "" : reason };
  const rows: ReportRow[] = [];
  let itself = alike.some(({ type }) => type === "source");
  for (const type of ["deb", "udeb"] as const) {
    for (const { packages, architectures } of placesOf(alike.filter((change) => change.type === type))) {
      const withSource = itself && type === "deb";
      if (withSource) itself = false;
      rows.push({ ...own, packages, architectures: withSource ? [...architectures, "source"] : architectures, udeb: type === "udeb" });
    }
  }
  if (itself) rows.push({ ...own, packages: [], architectures: ["source"], udeb: false });
  return rows;
}

/** Packages with the same architectures together. */
function placesOf(changes: readonly Change[]): readonly Pick<ReportRow, "packages" | "architectures">[] {
  const byPackage = new Map<string, Set<string>>();
  for (const { package: name, architecture } of changes) byPackage.set(name, (byPackage.get(name) ?? new Set()).add(architecture));
  const places = new Map<string, { packages: string[]; architectures: readonly string[] }>();
  for (const name of [...byPackage.keys()].sort()) {
    const architectures = [...(byPackage.get(name) ?? [])].sort();
    const place = places.get(architectures.join(" "));
    if (place === undefined) places.set(architectures.join(" "), { packages: [name], architectures });
    else place.packages.push(name);
  }
  return [...places.values()];
}
