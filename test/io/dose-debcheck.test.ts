import assert from "node:assert/strict";
import { chmod, writeFile } from "node:fs/promises";
import { join } from "node:path";
import test from "node:test";
import { createDebcheck } from "../../lib/io/dose-debcheck.ts";
import { needs } from "../support/needs.ts";
import { temporaryFolder } from "../support/temporary.ts";

const stanza = (name: string, more = ""): string => `Package: ${name}\nVersion: 1\nArchitecture: amd64\n${more}\n`;

test("dose-debcheck: what is missing and what is in conflict, with the first reason", async (t) => {
  if (!needs(t, "dose-debcheck")) return;
  const packages = [
    stanza("a", "Depends: b (>= 2)\n"),
    stanza("b"),
    stanza("c", "Depends: d, e\n"),
    stanza("d", "Conflicts: e\n"),
    stanza("e"),
    stanza("f", "Depends: a\n"),
  ];
  const outcome = await createDebcheck().uninstallable(Buffer.from(packages.join("")), "amd64");
  assert.equal(outcome.kind, "checked");
  assert.deepEqual(Object.fromEntries(outcome.kind === "checked" ? outcome.broken : []), {
    a: "Depends: b:amd64 (>= 2)",
    c: "conflict of d and e",
    f: "Depends: b:amd64 (>= 2)",
  });
});

test("dose-debcheck: nothing is broken", async (t) => {
  if (!needs(t, "dose-debcheck")) return;
  assert.deepEqual(await createDebcheck().uninstallable(Buffer.from(stanza("a")), "amd64"), { kind: "checked", broken: new Map() });
});

test("dose-debcheck: where it is not installed, that is the answer", async () => {
  assert.deepEqual(await createDebcheck("/nowhere").uninstallable(Buffer.from(stanza("a")), "amd64"), { kind: "missing" });
});

for (const [what, script, because] of [
  ["ends with an error", "echo oops >&2; exit 3", "it ended with 3: oops"],
  ["stops in the middle of its report", "echo report:; exit 1", "its report has no end"],
  ["is killed", "kill -9 $$", "it was killed"],
] as const) {
  test(`dose-debcheck: one that ${what} is not believed`, async () => {
    const folder = await temporaryFolder();
    await writeFile(join(folder, "dose-debcheck"), `#!/bin/sh\ncat >/dev/null\n${script}\n`);
    await chmod(join(folder, "dose-debcheck"), 0o755);
    assert.deepEqual(await createDebcheck(folder).uninstallable(Buffer.from(stanza("a")), "amd64"), { kind: "failed", because });
  });
}
