import assert from "node:assert/strict";
import { test } from "node:test";
import { formatText, plain, size } from "../../lib/report/text.ts";
import { change, report, suite } from "./reports.ts";

const DRY = { id: "run", version: "0.1.0", started: "2026-11-21T03:00:00Z", finished: "2026-11-21T03:00:04Z", dryRun: true };

test("formatText: a published suite, whole", () => {
  const one = suite({
    mirrors: [
      {
        name: "devuan",
        suite: "daedalus",
        state: "changed",
        date: "2026-11-20T00:00:00Z",
        signedBy: ["A"],
        files: 2,
        bytes: 1_234_567,
        via: ["full"],
      },
      {
        name: "debian",
        suite: "bookworm",
        state: "unchanged",
        date: "2026-11-19T00:00:00Z",
        signedBy: ["B"],
        files: 0,
        bytes: 0,
        via: ["not-modified"],
      },
    ],
    indices: [
      { path: "main/binary-amd64/Packages", stanzas: 63_000, added: 1, removed: 0, changed: 2, bytes: 48_000_000, rebuilt: true },
      { path: "main/source/Sources", stanzas: 30_000, added: 0, removed: 0, changed: 0, bytes: 1, rebuilt: false },
    ],
    changes: [
      change("added", "fresh"),
      change("upgraded", "libx1", { source: "x", reason: '"a" changed it' }),
      change("upgraded", "x-bin", { source: "x", reason: '"a" changed it' }),
      change("upgraded", "x-bin", { source: "x", architecture: "arm64", reason: '"a" changed it' }),
    ],
    shadowed: 123,
    overridden: 12,
  });
  assert.equal(
    formatText(report([one])),
    `Suite daedalus: published
  from devuan/daedalus: changed, dated 2026-11-20T00:00:00Z, 2 files fetched (1.2 MB)
  from debian/bookworm: unchanged, dated 2026-11-19T00:00:00Z
  main/binary-amd64/Packages: 63000 stanzas, 1 added, 2 changed
  main/source/Sources: 30000 stanzas
  123 stanzas lost to another mirror, 12 changed by overrides
  upgraded: 3
    libx1 x-bin 1 -> 2 (a: "a" changed it) [amd64 arm64]
  added: 1
    fresh 2 (a) [amd64]

Published generation 42.
`,
  );
});

test("formatText: what changes for clients comes first, downgrades before all", () => {
  const kinds = ["removed", "added", "edited", "moved", "rebuilt", "upgraded", "downgraded"] as const;
  const text = formatText(report([suite({ changes: kinds.map((kind) => change(kind, kind)) })]));
  const headings = text.match(/^ {2}(\w+)(?= ?[:(])/gm)?.map((heading) => heading.trim());
  assert.deepEqual(headings, ["downgraded", "upgraded", "rebuilt", "moved", "edited", "added", "removed"]);
});

test("formatText: another mirror and another component show", () => {
  const moved = change("moved", "x", {
    from: { version: "2", mirror: "a", component: "contrib" },
    to: { version: "2", mirror: "b" },
    reason: "from component contrib",
  });
  assert.match(
    formatText(report([suite({ changes: [moved] })])),
    /^ {4}x 2 \(a -> b, contrib -> main: from component contrib\) \[amd64\]$/m,
  );
});

test("formatText: long lists are cut with the number that is missing; all shows all", () => {
  const changes = Array.from({ length: 45 }, (_, i) => change("added", `p${String(i).padStart(2, "0")}`));
  const cut = formatText(report([suite({ changes })]));
  assert.match(cut, /^ {2}added: 45$/m);
  assert.match(cut, /p39 .*\n {4}… and 5 lines more \(--format json has all\)\n/);
  assert.doesNotMatch(cut, /p40/);
  assert.match(formatText(report([suite({ changes })]), { all: true }), /p44/);
});

test("formatText: many packages of one source share a line", () => {
  const changes = Array.from({ length: 9 }, (_, i) => change("upgraded", `p${i}`, { source: "src" }));
  assert.match(formatText(report([suite({ changes })])), /^ {4}p0 p1 p2 p3 p4 and 4 more 1 -> 2 \(a\) \[amd64\]$/m);
});

for (const outcome of ["unchanged", "failed", "held"] as const) {
  test(`formatText: a suite that is ${outcome} tells its mirrors and no indices`, () => {
    const mirrors = [{ name: "m", suite: "s", state: "failed", signedBy: [], files: 0, bytes: 0, via: [] }] as const;
    assert.match(formatText(report([suite({ outcome, mirrors })])), new RegExp(`^Suite daedalus: ${outcome}\n {2}from m/s: failed\n\n`));
  });
}

for (const [name, fields, last] of [
  ["published", { outcome: "published" }, "Published generation 42."],
  ["in part", { outcome: "partial" }, "Published generation 42 in part: some suites keep their last state."],
  ["unchanged", { outcome: "unchanged" }, "Nothing changed: generation 42 stays."],
  ["a dry run", { outcome: "would-publish", run: DRY }, "Would publish a new generation (dry run: nothing was written)."],
  ["failed", { outcome: "failed" }, "Failed: generation 42 stays as it was."],
] as const) {
  test(`formatText: the last line of a run: ${name}`, () => assert.equal(formatText(report([], fields)), `${last}\n`));
}

test("formatText: a failed first run says that nothing is published", () => {
  const { generation, ...first } = report([], { outcome: "failed" });
  assert.equal(generation, 42);
  assert.equal(formatText(first), "Failed: nothing is published.\n");
});

test("formatText: a dry run speaks of what would be", () => {
  const text = formatText(report([suite({ outcome: "would-publish", changes: [change("added", "x")] })], { run: DRY }));
  assert.match(text, /^ {2}would be added: 1$/m);
});

test("formatText: control characters of upstream names and versions are escaped", () => {
  const evil = "x\u001b[2J\u0007\u009b\u202e\u2028\n";
  const text = formatText(report([suite({ changes: [change("added", evil, { to: { version: evil, mirror: "a" } })] })]));
  assert.doesNotMatch(text, /[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u2028-\u202e]/);
  assert.equal(text.split("x\\u001b[2J\\u0007\\u009b\\u202e\\u2028\\u000a").length, 3);
});

test("plain: what people write stays", () => assert.equal(plain("Größe – 大きさ 1 -> 2"), "Größe – 大きさ 1 -> 2"));

for (const [bytes, text] of [
  [0, "0 B"],
  [999, "999 B"],
  [1000, "1.0 kB"],
  [1_234_567, "1.2 MB"],
  [2_000_000_000, "2.00 GB"],
] as const) {
  test(`size: ${bytes} bytes are ${text}`, () => assert.equal(size(bytes), text));
}
