/** Every example config loads, without a word of complaint, and names no real host. */
import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import test from "node:test";
import { fileURLToPath } from "node:url";
import { loadSettings } from "../../config/load.ts";

const EXAMPLES = new URL("../../config/examples/", import.meta.url);

const SUITES: Readonly<Record<string, readonly string[]>> = {
  "apt-newest.yaml": ["bookworm"],
  "company.yaml": ["workstation"],
  "derivative.yaml": ["daedalus", "daedalus-updates"],
};

test("every example has its test", () => assert.deepEqual(readdirSync(EXAMPLES).sort(), Object.keys(SUITES)));

for (const [name, suites] of Object.entries(SUITES)) {
  test(`example ${name} loads`, async () => {
    const { settings, warnings } = await loadSettings(fileURLToPath(new URL(name, EXAMPLES)), {});
    assert.deepEqual(warnings, []);
    assert.deepEqual(
      settings.suites.map((suite) => suite.name),
      suites,
    );
  });

  test(`example ${name} names only hosts that cannot exist`, () => {
    const hosts = [...readFileSync(new URL(name, EXAMPLES), "utf8").matchAll(/https?:\/\/([^/\s,\]}]+)/g)].map(([, host]) => host);
    assert.ok(hosts.length > 0);
    assert.deepEqual(
      hosts.filter((host) => !host?.endsWith(".example")),
      [],
    );
  });
}
