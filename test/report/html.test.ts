import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { test } from "node:test";
import { formatHtml } from "../../lib/report/html.ts";
import { escapeHtml, timeElement } from "../../lib/report/html-text.ts";
import { HOSTILE, reportFilledWith } from "./hostile.ts";
import { madeUpReport } from "./made-up.ts";
import { change, DRY, report, suite } from "./reports.ts";

for (const [name, text, escaped] of [
  ["what opens and closes tags", "<b>", "&lt;b&gt;"],
  ["what begins an entity", "&lt;", "&amp;lt;"],
  ["what ends an attribute", `"'`, "&quot;&#39;"],
  ["what cannot be seen", "a\u202e\u0000\n", "a\\u202e\\u0000\\u000a"],
  ["and nothing else", "libx1 1.0~rc1+b2 → Größe", "libx1 1.0~rc1+b2 → Größe"],
] as const) {
  test(`escapeHtml: ${name}`, () => assert.equal(escapeHtml(text), escaped));
}

test("timeElement: an instant for people and for machines; what is none is shown as it is, escaped", () => {
  assert.equal(timeElement("2026-11-21T03:00:00Z"), '<time datetime="2026-11-21T03:00:00Z">2026-11-21\u00a003:00:00\u00a0UTC</time>');
  assert.equal(timeElement('"<'), '<time datetime="&quot;&lt;">&quot;&lt;</time>');
});

/** Tags with the names of their attributes: all that markup can be. */
const markupOf = (html: string): readonly string[] => html.match(/<[^>]*>/g)?.map((tag) => tag.replace(/"[^"]*"/g, '""')) ?? [];

test("formatHtml: whatever stands in the report, the markup of the page is the same", () => {
  const page = (text: string): string => formatHtml(reportFilledWith(text)).replace(/<script>[\s\S]*<\/script>/, "");
  const expected = markupOf(page("harmless"));
  assert.ok(expected.length > 200);
  for (const text of HOSTILE) assert.deepEqual(markupOf(page(text)), expected, JSON.stringify(text));
});

test("formatHtml: the script and the style of the page are those that its policy names, and it allows nothing else", () => {
  const html = formatHtml(madeUpReport(10));
  const policy = /http-equiv="Content-Security-Policy" content="([^"]*)"/.exec(html)?.[1];
  const hash = (element: string): string => {
    const [, text = ""] = new RegExp(`<${element}>(.*?)</${element}>`, "s").exec(html) ?? [];
    return `'sha256-${createHash("sha256").update(text).digest("base64")}'`;
  };
  assert.equal(
    policy,
    `default-src 'none'; img-src data:; style-src ${hash("style")}; script-src ${hash("script")}; base-uri 'none'; form-action 'none'`,
  );
  assert.doesNotMatch(html, / style="| on[a-z]+="/);
});

test("formatHtml: nothing of the page is elsewhere", () => {
  const html = formatHtml(madeUpReport(100));
  const targets = [...html.matchAll(/\b(?:src|href|action|data|poster|srcset)="([^"]*)"/g)].map(([, target]) => target ?? "");
  assert.deepEqual(
    targets.filter((target) => !/^#|^data:,$/.test(target)),
    [],
  );
  assert.doesNotMatch(html, /@import|url\(|\bimport\(|\bfetch\(|XMLHttpRequest|WebSocket/);
});

test("formatHtml: the same report is the same bytes, whatever the order of its lists", () => {
  const one = madeUpReport(300);
  const turned = {
    ...one,
    suites: one.suites.map((own) => ({ ...own, changes: own.changes.toReversed(), banned: own.banned.toReversed() })),
  };
  assert.equal(formatHtml(one), formatHtml(madeUpReport(300)));
  assert.equal(formatHtml(turned), formatHtml(one));
});

test("formatHtml: the title tells the outcome and the day", () => {
  assert.match(formatHtml(report([])), /<title>Published generation 42 – aptmerge, 2026-11-21 03:00<\/title>/);
});

for (const [name, one, pattern] of [
  [
    "a dry run says that nothing is published",
    report([suite({ changes: [change("added", "x")] })], { run: DRY }),
    /Dry run: no change is published\./,
  ],
  [
    "a suite that is held is named where its changes are listed",
    report([suite({ outcome: "held", changes: [change("added", "x")] })], { outcome: "failed" }),
    /Held, so that no change of it is published: daedalus\./,
  ],
  ["no changes and no findings are said", report([suite()]), /<h2 id="changes">Changes and findings<\/h2><p>There are none\.<\/p>/],
] as const) {
  test(`formatHtml: ${name}`, () => assert.match(formatHtml(one), pattern));
}

test("formatHtml: a run without a generation says so", () => {
  const { generation, ...first } = report([], { outcome: "failed" });
  assert.equal(generation, 42);
  assert.match(formatHtml(first), /<dt>Generation<\/dt><dd>none</);
});
