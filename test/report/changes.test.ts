import assert from "node:assert/strict";
import { test } from "node:test";
import { type IndexChanges, joinChanges } from "../../lib/report/changes.ts";
import type { Change } from "../../lib/report/report.ts";

type Own = IndexChanges["changes"][number];
const side = (version: string, mirror = "a") => ({ version, mirror });
const added = (name: string, version: string, mirror = "a"): Own => ({ kind: "added", name, source: name, to: side(version, mirror) });
const removed = (name: string, version: string, mirror = "a"): Own => ({
  kind: "removed",
  name,
  source: name,
  from: side(version, mirror),
});

const index = (component: string, changes: readonly Own[], architecture = "amd64", type: Change["type"] = "deb"): IndexChanges => ({
  component,
  architecture,
  type,
  changes,
});
const told = (changes: readonly Change[]) =>
  changes.map(({ kind, package: name, component, architecture, reason }) => `${kind} ${name} ${component} ${architecture}: ${reason}`);

test("joinChanges: removed here and added there is one move, with the component it came from", () => {
  const [change, ...others] = joinChanges([index("contrib", [removed("x", "1")]), index("main", [added("x", "1", "b")])]);
  assert.deepEqual(others, []);
  assert.deepEqual(change, {
    kind: "moved",
    package: "x",
    source: "x",
    component: "main",
    architecture: "amd64",
    type: "deb",
    from: { version: "1", mirror: "a", component: "contrib" },
    to: { version: "1", mirror: "b" },
    reason: "from component contrib",
  });
});

for (const [name, from, to, kind] of [
  ["a higher version", "1", "2", "upgraded"],
  ["a lower version", "2", "1", "downgraded"],
  ["an equal version under another text", "1.0", "0:1.0-0", "moved"],
] as const) {
  test(`joinChanges: ${name} in another component is ${kind}`, () => {
    const changes = joinChanges([index("main", [removed("x", from)]), index("contrib", [added("x", to)])]);
    assert.deepEqual(
      changes.map((change) => change.kind),
      [kind],
    );
  });
}

for (const [name, indices] of [
  ["in two architectures", [index("main", [removed("x", "1")], "amd64"), index("contrib", [added("x", "1")], "arm64")]],
  ["of a deb and a udeb", [index("main", [removed("x", "1")]), index("contrib", [added("x", "1")], "amd64", "udeb")]],
  ["of two names", [index("main", [removed("x", "1")]), index("contrib", [added("y", "1")])]],
] as const) {
  test(`joinChanges: removed and added ${name} stay two changes`, () => {
    assert.deepEqual(
      joinChanges(indices).map(({ kind }) => kind),
      ["removed", "added"],
    );
  });
}

test("joinChanges: one removal explains one addition, the second is new", () => {
  const changes = joinChanges([
    index("main", [removed("x", "1")]),
    index("contrib", [added("x", "1")]),
    index("non-free", [added("x", "2")]),
  ]);
  assert.deepEqual(told(changes), ["moved x contrib amd64: from component main", 'added x non-free amd64: "a" has it']);
});

test("joinChanges: every kind has its reason", () => {
  const both = (kind: Own["kind"], name: string, mirror: string): Own => ({
    kind,
    name,
    source: name,
    from: side("1"),
    to: side("2", mirror),
  });
  assert.deepEqual(
    told(
      joinChanges([
        index("main", [
          added("a", "1"),
          removed("b", "1"),
          both("upgraded", "c", "a"),
          both("upgraded", "d", "b"),
          both("downgraded", "e", "b"),
          both("rebuilt", "f", "a"),
          both("moved", "g", "b"),
          both("edited", "h", "a"),
        ]),
      ]),
    ),
    [
      'added a main amd64: "a" has it',
      "removed b main amd64: no mirror has it any longer",
      'upgraded c main amd64: "a" changed it',
      'upgraded d main amd64: "b" wins over "a"',
      'downgraded e main amd64: "b" wins over "a"',
      'rebuilt f main amd64: "a" changed it',
      'moved g main amd64: "b" wins over "a"',
      "edited h main amd64: fields differ",
    ],
  );
});
