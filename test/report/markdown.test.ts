import assert from "node:assert/strict";
import { test } from "node:test";
import { problem } from "../../lib/errors.ts";
import { formatMarkdown } from "../../lib/report/markdown.ts";
import { change, DRY, report, suite } from "./reports.ts";

test("formatMarkdown: a published suite, whole", () => {
  const mirror = {
    name: "devuan",
    suite: "daedalus",
    state: "changed",
    signedBy: ["A"],
    files: 2,
    bytes: 1_234_567,
    via: ["full"],
  } as const;
  const one = suite({
    mirrors: [{ ...mirror, date: "2026-11-20T00:00:00Z" }],
    indices: [{ path: "main/binary-amd64/Packages", stanzas: 63_000, added: 0, removed: 0, changed: 2, bytes: 48_000_000, rebuilt: true }],
    changes: [
      change("upgraded", "libx1", { source: "x", reason: '"a" changed it' }),
      change("upgraded", "x-bin", { source: "x", reason: '"a" changed it' }),
    ],
    behind: [
      {
        ...{ package: "y", type: "deb", architecture: "amd64", version: "1", mirror: "a" },
        newer: { version: "2", mirror: "b" },
        because: "its mirror comes first in the suite",
      },
    ],
    shadowed: 123,
    overridden: 12,
  });
  const problems = [problem("warning", "MIRROR_CACHED", "It fails", { mirror: "devuan", suite: "daedalus" })];
  assert.equal(
    formatMarkdown(report([one], { problems })),
    `# Published generation 42

- Run \`run\` of aptmerge \`0.1.0\`, exit status 0
- From \`2026-11-21T03:00:00Z\` to \`2026-11-21T03:00:04Z\`
- Milliseconds: fetch 1, verify 2, merge 3, compose 4, publish 5

## Problems: 1 warning

- **warning** \`MIRROR_CACHED\` (\`mirror devuan, suite daedalus\`): \`It fails\`  
  Hint: \`on-failure: cached merges the last verified state while a mirror fails\`

## Suite \`daedalus\`: published

| Mirror            | State   | Dated                  | Fetched          | Signed by |
|-------------------|---------|------------------------|------------------|-----------|
| \`devuan/daedalus\` | changed | \`2026-11-20T00:00:00Z\` | 2 files (1.2 MB) | \`A\`       |

| Index                        | Stanzas | Added | Removed | Changed | Size    |
|------------------------------|---------|-------|---------|---------|---------|
| \`main/binary-amd64/Packages\` | 63000   | 0     | 0       | 2       | 48.0 MB |

123 stanzas lost to another mirror, 12 changed by overrides.

### Upgraded: 2

| Source | Packages      | Version | Mirror | Where         | Why              |
|--------|---------------|---------|--------|---------------|------------------|
| \`x\`    | \`libx1 x-bin\` | \`1 → 2\` | \`a\`    | \`main: amd64\` | \`"a" changed it\` |

### Behind: another mirror has a higher version: 1

| Package | Version | Mirror  | Where   | Why                                   |
|---------|---------|---------|---------|---------------------------------------|
| \`y\`     | \`1 < 2\` | \`a < b\` | \`amd64\` | \`its mirror comes first in the suite\` |
`,
  );
});

test("formatMarkdown: a dry run and a held suite speak of what would be", () => {
  const changes = [change("removed", "x")];
  assert.match(formatMarkdown(report([suite({ outcome: "would-publish", changes })], { run: DRY })), /^### Would be removed \(!\): 1$/m);
  assert.match(formatMarkdown(report([suite({ outcome: "held", changes })])), /^### Would be removed \(!\): 1$/m);
});

test("formatMarkdown: lists are never cut", () => {
  const changes = Array.from({ length: 500 }, (_, position) => change("added", `p${position}`));
  assert.equal(formatMarkdown(report([suite({ changes })])).match(/^\| `p[0-9]+`/gm)?.length, 500);
});
