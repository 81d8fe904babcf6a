import assert from "node:assert/strict";
import { test } from "node:test";
import { type Explanation, formatExplanations } from "../../lib/report/explanation.ts";

const DIGEST = "0123456789abcdef".repeat(4);
const BASE: Explanation = {
  package: "hello",
  suite: "daedalus",
  type: "deb",
  architecture: "amd64",
  rule: "priority",
  reason: "its mirror comes first in the suite",
  candidates: [
    {
      mirror: "devuan",
      suite: "daedalus",
      rank: 0,
      component: "main",
      version: "1.0",
      digest: DIGEST,
      path: "pool/DEVUAN/main/hello.deb",
      outcome: "wins",
      because: "its mirror comes first in the suite",
    },
    {
      mirror: "debian",
      suite: "bookworm",
      rank: 1,
      component: "main",
      version: "2.0",
      digest: "",
      path: "pool/DEBIAN/main/hello.deb",
      outcome: "loses",
      because: '"devuan/daedalus" has it as 1.0',
    },
    {
      mirror: "third",
      suite: "x",
      rank: 2,
      component: "main",
      version: "",
      digest: "",
      path: "",
      outcome: "refused",
      because: "it has no Filename field",
    },
  ],
  overrides: [{ file: "override.daedalus.main", line: 7, field: "Section", value: "net" }],
};

test("formatExplanations: every candidate with its outcome, the rule, the overrides", () => {
  assert.equal(
    formatExplanations("hello", [BASE]),
    `hello (deb) in suite daedalus for amd64
  rule: winner: priority; its mirror comes first in the suite
  wins    devuan/daedalus main 1.0: its mirror comes first in the suite
          pool/DEVUAN/main/hello.deb  SHA256 0123456789ab…
  loses   debian/bookworm main 2.0: "devuan/daedalus" has it as 1.0
          pool/DEBIAN/main/hello.deb
  refused third/x main: it has no Filename field
  override override.daedalus.main:7 sets Section: net
`,
  );
});

test("formatExplanations: architectures in which the same happened are told together, others apart", () => {
  const text = formatExplanations("hello", [BASE, { ...BASE, architecture: "arm64" }, { ...BASE, architecture: "i386", rule: "newest" }]);
  assert.deepEqual(text.match(/^hello .*$/gm), [
    "hello (deb) in suite daedalus for amd64, arm64",
    "hello (deb) in suite daedalus for i386",
  ]);
});

test("formatExplanations: sources have no architecture and no short digest", () => {
  const text = formatExplanations("hello", [{ ...BASE, type: "source", architecture: "source" }]);
  assert.match(text, /^hello \(source\) in suite daedalus\n/);
  assert.doesNotMatch(text, /SHA256/);
});

test("formatExplanations: a name that nobody has says so, escaped", () => {
  assert.equal(formatExplanations("x\u001b[2J", []), 'No mirror of the chosen suites has a package "x\\u001b[2J".\n');
});

test("formatExplanations: control characters of stanzas are escaped", () => {
  const [first] = BASE.candidates;
  assert.ok(first);
  const text = formatExplanations("hello", [{ ...BASE, candidates: [{ ...first, version: "1\u001b[31m", because: "a\nb" }] }]);
  assert.match(text, /1\\u001b\[31m: a\\u000ab\n/);
});
