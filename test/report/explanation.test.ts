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
  bans: [],
  sources: [],
  limits: [],
  overrides: [{ file: "override.daedalus.main", line: 7, does: "sets Section: net", field: "Section", value: "net" }],
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

test("formatExplanations: the pin, bans with their chains, limits, the source and what is published", () => {
  const [wins] = BASE.candidates;
  assert.ok(wins);
  const text = formatExplanations("hello", [
    {
      ...BASE,
      pin: { rule: "package hello of devuan", place: "policy.pin[0]" },
      candidates: [{ ...wins, outcome: "dropped", because: "Depends: b no longer holds; no lower mirror takes the name" }],
      bans: [
        { rule: "package c", place: "policy.ban[0]", reason: "not here", chain: ["hello", "b", "c"], relation: "Depends: b", out: true },
        { rule: "package d", place: "policy.ban[1]", chain: ["hello", "d"], relation: "Recommends: d", out: false },
      ],
      overrides: [{ file: "a.yaml", line: 2, does: "removes Task", field: "Task", reason: "no tasks" }],
      limits: ["Essential: yes"],
      sources: [{ name: "hello-src", version: "1", fate: "orphaned" }],
      published: { versions: ["0.9 of devuan"], change: "the next merge takes it out" },
    },
  ]);
  assert.equal(
    text,
    `hello (deb) in suite daedalus for amd64
  rule: policy.pin[0]: pin package hello of devuan; its mirror comes first in the suite
  dropped devuan/daedalus main 1.0: Depends: b no longer holds; no lower mirror takes the name
          pool/DEVUAN/main/hello.deb  SHA256 0123456789ab…
  ban package c (policy.ban[0]): not here
          goes with it: hello <- b <- c (Depends: b)
  ban package d (policy.ban[1])
          stays, and needs or wants it: hello <- d (Recommends: d)
  limited mirror: Essential: yes is taken out
  override a.yaml:2 removes Task (no tasks)
  source hello-src 1: orphaned
  published: 0.9 of devuan; the next merge takes it out
`,
  );
});

test("formatExplanations: a source's binaries are told under it", () => {
  const binary = { package: "hello-doc", architecture: "all", version: "1", mirror: "devuan" };
  assert.match(
    formatExplanations("hello", [{ ...BASE, type: "source", binaries: [binary] }]),
    /^ {2}binary hello-doc 1 for all of devuan$/m,
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
