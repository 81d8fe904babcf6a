import assert from "node:assert/strict";
import { test } from "node:test";
import { sectionsOf } from "../../lib/report/grouping.ts";
import type { Change, NamedStanza, SuiteReport } from "../../lib/report/report.ts";
import { ARROWS, architecturesOf, countOf, mirrorsOf, versionsOf } from "../../lib/report/report-row.ts";
import { titleOf } from "../../lib/report/row-kinds.ts";
import { FINDINGS } from "./made-up.ts";
import { change, suite } from "./reports.ts";

const upgraded = (name: string, fields: Partial<Change> = {}) => change("upgraded", name, { source: "x", ...fields });
const source = (name: string) => change("upgraded", name, { type: "source", architecture: "source" });

/** Each row in one line, with what matters for grouping. */
function told(fields: Partial<SuiteReport>): readonly string[] {
  return sectionsOf(suite(fields)).flatMap(({ rows }) =>
    rows.map((row) => `${row.source}: ${row.packages.join(" ")} [${architecturesOf(row)}] ${countOf(row)}`),
  );
}

for (const [name, changes, rows] of [
  ["packages of one source share a row", [upgraded("b"), upgraded("a")], ["x: a b [amd64] 2"]],
  ["so do architectures", [upgraded("a"), upgraded("a", { architecture: "arm64" })], ["x: a [amd64 arm64] 2"]],
  [
    "a row is all its packages in all its architectures, so others stand apart",
    [upgraded("a"), upgraded("b"), upgraded("b", { architecture: "arm64" })],
    ["x: a [amd64] 1", "x: b [amd64 arm64] 2"],
  ],
  ["the source itself shares the row of its binaries", [upgraded("a"), source("x"), upgraded("b")], ["x: a b [amd64 source] 3"]],
  ["the source alone has no packages", [source("x")], ["x:  [source] 1"]],
  ["udebs stand apart from debs", [upgraded("a"), upgraded("a", { type: "udeb" })], ["x: a [amd64] 1", "x: a [udeb amd64] 1"]],
  [
    "another version stands apart",
    [upgraded("a"), upgraded("b", { to: { version: "3", mirror: "a" } })],
    ["x: a [amd64] 1", "x: b [amd64] 1"],
  ],
  [
    "another mirror stands apart",
    [upgraded("a"), upgraded("b", { to: { version: "2", mirror: "b" } })],
    ["x: a [amd64] 1", "x: b [amd64] 1"],
  ],
  ["another component stands apart", [upgraded("a"), upgraded("b", { component: "contrib" })], ["x: a [amd64] 1", "x: b [amd64] 1"]],
  ["sources are in order", [change("upgraded", "b"), change("upgraded", "a")], ["a: a [amd64] 1", "b: b [amd64] 1"]],
] as const satisfies readonly (readonly [string, readonly Change[], readonly string[]])[]) {
  test(`sectionsOf: ${name}`, () => {
    assert.deepEqual(told({ changes }), rows);
    assert.deepEqual(told({ changes: changes.toReversed() }), rows, "whatever the order of the report");
  });
}

test("sectionsOf: what changes for clients comes first, then what is new, what goes, what was found", () => {
  const kinds = ["removed", "added", "edited", "moved", "rebuilt", "upgraded", "downgraded"] as const;
  const sections = sectionsOf(suite({ changes: kinds.map((kind) => change(kind, kind)), ...FINDINGS }));
  assert.deepEqual(
    sections.map(({ kind }) => kind.kind),
    [
      ...["uninstallable", "downgraded", "upgraded", "rebuilt", "moved", "edited", "added", "removed"],
      ...["banned", "needs-banned", "behind", "limited", "built-using", "orphaned"],
    ],
  );
});

test("sectionsOf: a section counts changes, not rows", () => {
  const changes = [upgraded("a"), upgraded("b"), upgraded("a", { architecture: "arm64" }), upgraded("b", { architecture: "arm64" })];
  assert.deepEqual(
    sectionsOf(suite({ changes })).map(({ count, rows }) => [count, rows.length]),
    [[4, 1]],
  );
});

test("sectionsOf: nothing changed and nothing found is no section", () => assert.deepEqual(sectionsOf(suite()), []));

test("sectionsOf: findings of several architectures share a row; a chain, its relation, the ban and its reason are told", () => {
  const rows = sectionsOf(suite(FINDINGS)).find(({ kind }) => kind.kind === "banned")?.rows ?? [];
  assert.deepEqual(
    rows.map((row) => [row.source, architecturesOf(row), row.chain.length, row.why]),
    [
      ["gnome-shell", "amd64", 5, "Depends: gnome-session-bin (>= 43); ban of package systemd-sysv; another init system"],
      ["libpam-systemd", "amd64", 2, "Depends: systemd-sysv; ban of package systemd-sysv; another init system"],
      ["snapd", "source", 0, "ban of source snapd*"],
      ["systemd-sysv", "amd64 arm64", 0, "ban of package systemd-sysv; another init system"],
    ],
  );
});

test("sectionsOf: of what is behind, both versions and both mirrors are told", () => {
  const [row] = sectionsOf(suite({ behind: FINDINGS.behind })).flatMap(({ rows }) => rows);
  assert.ok(row);
  assert.deepEqual([versionsOf(row, ARROWS), mirrorsOf(row, ARROWS)], ["246.10-1+devuan1 < 252.9-1", "devuan < debian"]);
});

test("sectionsOf: two versions of a banned package are two rows", () => {
  const one: NamedStanza = { package: "x", type: "deb", architecture: "amd64", version: "1", mirror: "a" };
  const banned = ["1", "2"].map((version) => ({ ...one, version, rule: "package x", chain: ["x"] }));
  assert.deepEqual(told({ banned }), ["x: x [amd64] 1", "x: x [amd64] 1"]);
});

for (const [kind, conditional, title] of [
  ["upgraded", false, "upgraded"],
  ["upgraded", true, "would be upgraded"],
  ["removed", false, "removed (!)"],
  ["downgraded", true, "would be downgraded (!)"],
  ["uninstallable", true, "uninstallable (!): cannot be installed, other than before"],
  ["behind", true, "behind: another mirror has a higher version"],
] as const) {
  test(`titleOf: ${kind}, ${conditional ? "not published" : "published"}`, () => {
    const [section] = sectionsOf(
      suite({ ...FINDINGS, changes: [change("upgraded", "x"), change("removed", "x"), change("downgraded", "x")] }),
    ).filter((one) => one.kind.kind === kind);
    assert.ok(section);
    assert.equal(titleOf(section.kind, conditional), title);
  });
}
