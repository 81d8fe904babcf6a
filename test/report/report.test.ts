import assert from "node:assert/strict";
import { test } from "node:test";
import { problem } from "../../lib/errors.ts";
import { formatJson, jsonPieces } from "../../lib/report/report.ts";
import { FINDINGS } from "./made-up.ts";
import { change, report, suite } from "./reports.ts";

test("formatJson: the contract's shape, one object, a newline at the end", () => {
  const problems = [problem("warning", "MIRROR_CACHED", "It fails", { mirror: "m", suite: "s" })];
  const text = formatJson(report([suite({ changes: [change("upgraded", "x")] })], { problems }));
  assert.ok(text.endsWith("}\n"));
  const value: unknown = JSON.parse(text);
  assert.deepEqual(value, {
    schema: "aptmerge.report/1",
    run: { id: "run", version: "0.1.0", started: "2026-11-21T03:00:00Z", finished: "2026-11-21T03:00:04Z", dryRun: false },
    outcome: "published",
    exitCode: 0,
    generation: 42,
    suites: [
      {
        name: "daedalus",
        outcome: "published",
        mirrors: [],
        indices: [],
        changes: [
          {
            kind: "upgraded",
            package: "x",
            source: "x",
            component: "main",
            architecture: "amd64",
            type: "deb",
            from: { version: "1", mirror: "a" },
            to: { version: "2", mirror: "a" },
            reason: "",
          },
        ],
        shadowed: 0,
        banned: [],
        needsBanned: [],
        orphans: [],
        builtUsing: [],
        behind: [],
        limited: [],
        uninstallable: [],
        overridden: 0,
      },
    ],
    problems: [
      {
        severity: "warning",
        code: "MIRROR_CACHED",
        message: "It fails",
        hint: "on-failure: cached merges the last verified state while a mirror fails",
        mirror: "m",
        suite: "s",
      },
    ],
    timings: { fetchMs: 1, verifyMs: 2, mergeMs: 3, composeMs: 4, publishMs: 5 },
  });
});

test("formatJson: one line for each change and each finding, to be found with grep", () => {
  const lines = formatJson(report([suite({ changes: [change("added", "x"), change("removed", "y")], ...FINDINGS })])).split("\n");
  const alone = (pattern: RegExp): number => lines.filter((line) => pattern.test(line)).length;
  assert.equal(alone(/^\{"kind":"(added|removed)".*"reason":""\}[,\]]/), 2);
  assert.equal(alone(/^\{"package":"(systemd-sysv|libpam-systemd|gnome-shell|snapd)",.*\}[,\]]/), 5);
});

test("jsonPieces: a long report comes in pieces that are the same text", () => {
  const many = Array.from({ length: 5000 }, (_, position) => change("added", `package-${position}`));
  const long = report([suite({ changes: many }), suite({ name: "other", changes: many.slice(0, 3) })]);
  const pieces = [...jsonPieces(long)];
  assert.ok(pieces.length > 5, `${pieces.length} pieces`);
  const read = JSON.parse(pieces.join("")) as { suites: { name: string; changes: unknown[] }[] };
  assert.deepEqual(
    read.suites.map(({ name, changes }) => [name, changes.length]),
    [
      ["daedalus", 5000],
      ["other", 3],
    ],
  );
  assert.deepEqual(read, JSON.parse(JSON.stringify(long)));
});

test("formatJson: control characters leave it escaped", () => {
  assert.doesNotMatch(formatJson(report([suite({ changes: [change("added", "x\u001b\n")] })])), /[\u0000-\u0009\u000b-\u001f]/);
});
