import assert from "node:assert/strict";
import test from "node:test";
import { parseComponentName, parseSuiteName } from "../../lib/archive/names.ts";
import { strayOverrides } from "../../lib/override/override-files.ts";

const suites = [{ name: parseSuiteName("buster/updates"), components: [parseComponentName("main")] }];

for (const [name, stray] of [
  ["override.buster-updates.main", false],
  ["override.buster-updates.main.gz", false],
  ["override.buster-updates.main.src", false],
  ["override.buster-updates.main.debian-installer", false],
  ["override.buster-updates.extra.main", false],
  ["override.buster-updates.contrib", true],
  ["override.bullseye.main", true],
  ["override.buster-updates.main.bz2", true],
] as const) {
  test(`strayOverrides: ${name} ${stray ? "fits nothing and is told" : "fits"}`, () => {
    const problems = strayOverrides([{ name, bytes: Buffer.from("a optional net\n") }], suites);
    assert.deepEqual(
      problems.map(({ code, severity, file }) => ({ code, severity, file })),
      stray ? [{ code: "OVERRIDE_UNUSED", severity: "warning", file: name }] : [],
    );
  });
}
