import assert from "node:assert/strict";
import { test } from "node:test";
import { groupsOf, plainTables } from "../../lib/report/html-tables.ts";
import { choose, countIn, inOrder, type PageFilter, type PageRow, readRows } from "../../lib/report/page-read.ts";
import { plain } from "../../lib/report/plain.ts";
import { ARROWS, countOf, mirrorsOf, versionsOf } from "../../lib/report/report-row.ts";
import { HOSTILE } from "./hostile.ts";
import { madeUpReport } from "./made-up.ts";
import { change, report, suite } from "./reports.ts";

const EVERYTHING: PageFilter = { words: [], suite: undefined, architecture: "", kinds: new Set() };
const rowsIn = (one: Parameters<typeof groupsOf>[0]): readonly PageRow[] => readRows(plainTables(groupsOf(one), false));

test("readRows: the page's rows are those of the report, in its order", () => {
  const one = madeUpReport(500);
  const wanted = groupsOf(one).flatMap(({ sections }, position) =>
    sections.flatMap(({ rows }) => rows.map((row) => ({ row, suite: position }))),
  );
  const found = rowsIn(one);
  assert.equal(found.length, wanted.length);
  for (const [position, { row, suite: ofSuite }] of wanted.entries()) {
    const read = found[position];
    assert.ok(read);
    assert.deepEqual(
      [read.suite, read.kind, read.source, read.packages, read.mirror, read.architectures, read.chain, read.why],
      [ofSuite, row.kind, row.source, row.packages, mirrorsOf(row, ARROWS), row.architectures, row.chain.join(" ← "), row.why],
    );
    const sign = row.kind === "behind" ? "<" : "→";
    const versions = read.from !== "" && read.to !== "" && read.from !== read.to ? `${read.from} ${sign} ${read.to}` : read.from || read.to;
    assert.equal(versions, versionsOf(row, ARROWS));
    assert.equal(countIn(read, ""), countOf(row));
  }
});

test("readRows: hostile text is read back as it is shown", () => {
  for (const text of HOSTILE.filter((one) => one.trim() !== "")) {
    const [row] = rowsIn(
      report([suite({ limited: [{ package: "x", type: "deb", architecture: "a", version: text, mirror: "m", what: text }] })]),
    );
    assert.deepEqual([row?.why, row?.from], [plain(text), plain(text)]);
  }
});

test("readRows: udebs, a source alone and a source with its binaries are told apart", () => {
  const changes = [
    change("added", "a", { type: "udeb" }),
    change("added", "b", { type: "source", architecture: "source" }),
    change("added", "c"),
    change("added", "c", { type: "source", architecture: "source" }),
  ];
  assert.deepEqual(
    rowsIn(report([suite({ changes })])).map((row) => [row.source, row.packages, row.architectures, countIn(row, "")]),
    [
      ["a", ["a"], ["udeb", "amd64"], 1],
      ["b", [], ["source"], 1],
      ["c", ["c"], ["amd64", "source"], 2],
    ],
  );
});

const MIXED = rowsIn(
  report([
    suite({
      changes: [
        change("upgraded", "alpha", { source: "greek" }),
        change("upgraded", "beta", { source: "greek" }),
        change("upgraded", "alpha", { source: "greek", architecture: "arm64" }),
        change("removed", "Zeta2", { component: "contrib" }),
        change("removed", "Zeta10"),
      ],
      orphans: [{ package: "lost", source: "gone", version: "1" }],
    }),
    suite({ name: "other", changes: [change("added", "alpha", { to: { version: "1.10", mirror: "b" } })] }),
  ]),
);

for (const [name, filter, packages, count] of [
  ["all", {}, ["alpha", "beta", "Zeta10", "Zeta2", "lost", "alpha"], 7],
  ["a word in any part", { words: ["greek"] }, ["alpha", "beta"], 3],
  ["several words", { words: ["alpha", "1.10"] }, ["alpha"], 1],
  ["letters of any size", { words: ["zeta"] }, ["Zeta10", "Zeta2"], 2],
  ["one suite", { suite: 1 }, ["alpha"], 1],
  ["one architecture, where only its own changes count", { architecture: "arm64" }, ["alpha"], 1],
  ["one kind", { kinds: new Set(["removed"]) }, ["Zeta10", "Zeta2"], 2],
  ["several kinds", { kinds: new Set(["removed", "orphaned"]) }, ["Zeta10", "Zeta2", "lost"], 3],
  ["nothing that fits", { words: ["nobody"] }, [], 0],
] as const satisfies readonly (readonly [string, Partial<PageFilter>, readonly string[], number])[]) {
  test(`choose: ${name}`, () => {
    const chosen = choose(MIXED, { ...EVERYTHING, ...filter });
    assert.deepEqual(
      chosen.rows.flatMap((row) => row.packages),
      packages,
    );
    assert.equal(chosen.count, count);
  });
}

test("choose: the counts of kinds heed all filters but that of kinds", () => {
  const chosen = choose(MIXED, { ...EVERYTHING, suite: 0, kinds: new Set(["removed"]) });
  assert.deepEqual([...chosen.byKind].sort(), [
    ["orphaned", 1],
    ["removed", 2],
    ["upgraded", 3],
  ]);
});

for (const [column, descending, packages] of [
  ["package", false, ["alpha", "lost", "alpha", "beta", "Zeta2", "Zeta10"]],
  ["package", true, ["Zeta10", "Zeta2", "beta", "alpha", "lost", "alpha"]],
  ["suite", true, ["alpha", "alpha", "beta", "Zeta10", "Zeta2", "lost"]],
  ["kind", false, ["Zeta10", "Zeta2", "lost", "alpha", "alpha", "beta"]],
  ["where", false, ["lost", "Zeta2", "beta", "Zeta10", "alpha", "alpha"]],
  ["nothing", false, ["alpha", "beta", "Zeta10", "Zeta2", "lost", "alpha"]],
] as const) {
  test(`inOrder: by ${column}, ${descending ? "downwards" : "upwards"}`, () => {
    const found = inOrder(MIXED, column, descending, ["removed", "orphaned", "added", "upgraded"]);
    assert.deepEqual(
      found.flatMap((row) => row.packages),
      packages,
    );
  });
}
