import assert from "node:assert/strict";
import test from "node:test";
import { formatExplainedBans } from "../../lib/report/explained-ban.ts";

const one = (name: string, architecture: string, chain: readonly string[], relation?: string) => ({
  package: name,
  type: "deb" as const,
  architecture,
  version: "1",
  mirror: "base",
  rule: "package c",
  chain,
  ...(relation === undefined ? {} : { relation }),
});

test("formatExplainedBans: what is banned, what goes with it, what stays; architectures in which the same happened share a line", () => {
  const text = formatExplainedBans([
    {
      suite: "merged",
      rule: "package c",
      place: "policy.ban[0]",
      dependents: "drop",
      reason: "not here",
      banned: [one("c", "amd64", ["c"]), one("c", "arm64", ["c"]), one("a", "amd64", ["a", "b", "c"], "Depends: b")],
      needsBanned: [one("d", "amd64", ["d", "c"], "Recommends: c")],
    },
    { suite: "other", rule: "package c", place: "policy.ban[0]", dependents: "drop", banned: [], needsBanned: [] },
  ]);
  assert.equal(
    text,
    `ban package c (policy.ban[0]) in suite merged; dependents: drop; not here
  banned: 1
    c 1 of base [amd64 arm64]
  go with it: 1
    a <- b <- c (Depends: b) 1 of base [amd64]
  stay, and need or want it: 1
    d <- c (Recommends: c) 1 of base [amd64]

ban package c (policy.ban[0]) in suite other; dependents: drop
  it takes nothing out
`,
  );
});

test("formatExplainedBans: control characters of names are escaped", () => {
  const text = formatExplainedBans([
    { suite: "s", rule: "r", place: "p", dependents: "drop", banned: [one("x\u001b[2J", "amd64", ["x\u001b[2J"])], needsBanned: [] },
  ]);
  assert.match(text, /x\\u001b\[2J/);
});
