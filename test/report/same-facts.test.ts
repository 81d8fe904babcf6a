/** All formats tell the same: what stands in the JSON report stands in the others too, when they are not cut. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { formatHtml } from "../../lib/report/html.ts";
import { formatMarkdown } from "../../lib/report/markdown.ts";
import { formatJson, type Report, type SuiteReport } from "../../lib/report/report.ts";
import { formatText } from "../../lib/report/text.ts";
import { FINDINGS, madeUpReport } from "./made-up.ts";

const REPORT = madeUpReport(400);

const unescaped = (html: string): string =>
  html.replace(/&(?:amp|lt|gt|quot|#39);/g, (entity) => ({ "&amp;": "&", "&lt;": "<", "&gt;": ">", "&quot;": '"' })[entity] ?? "'");

const FORMATS = {
  text: (report: Report) => formatText(report, { all: true }),
  json: (report: Report) => formatJson(report).replace(/\\"/g, '"'),
  markdown: (report: Report) => formatMarkdown(report).replace(/\\\|/g, "|"),
  html: (report: Report) => unescaped(formatHtml(report).replace(/<(style|script)>[\s\S]*?<\/\1>/g, "")),
} as const;

/** Every text and number in a value, with where it stands. */
function factsIn(value: unknown, path: string): readonly (readonly [string, string])[] {
  if (typeof value === "string" || typeof value === "number") return [[path, String(value)]];
  if (typeof value !== "object" || value === null) return [];
  return Object.entries(value).flatMap(([name, part]) => factsIn(part, Array.isArray(value) ? path : `${path}.${name}`));
}

/** Left out where they would say again what another part of the line says. */
const REDUNDANT = /^changes\.(reason|kind|type)$|\.type$/;

const lists = ["changes", ...Object.keys(FINDINGS)] as (keyof SuiteReport)[];

for (const [format, write] of Object.entries(FORMATS)) {
  const shown = write(REPORT);

  for (const list of lists) {
    test(`${format}: every name, version, mirror, chain and reason of ${list} is told`, () => {
      const facts = REPORT.suites.flatMap((suite) => factsIn(suite[list], list)).filter(([path]) => !REDUNDANT.test(path));
      assert.ok(facts.length > 0);
      for (const [path, text] of new Map(facts.map((fact) => [fact.join(" "), fact])).values())
        assert.ok(shown.includes(text), `${path}: ${text}`);
    });
  }

  test(`${format}: the run, mirrors, indices and problems are told`, () => {
    const { run, problems, suites } = REPORT;
    const mirrors = suites.flatMap((suite) => suite.mirrors.map(({ name, suite: of, state, signedBy }) => ({ name, of, state, signedBy })));
    const paths = suites.flatMap((suite) => suite.indices.map(({ path }) => path));
    const told = problems.map(({ code, message, hint, mirror, suite }) => ({ code, message, hint, mirror, suite }));
    const values = { id: run.id, version: run.version, exitCode: REPORT.exitCode, generation: REPORT.generation, mirrors, paths, told };
    for (const [path, text] of factsIn(values, "report")) assert.ok(shown.includes(text), `${path}: ${text}`);
  });
}

test("the lists that this test looks at are all that a suite's report has", () => {
  const [suite] = REPORT.suites;
  assert.ok(suite);
  const arrays = Object.entries(suite).flatMap(([name, value]) => (Array.isArray(value) ? [name] : []));
  assert.deepEqual([...lists, "mirrors", "indices"].sort(), arrays.sort());
});
