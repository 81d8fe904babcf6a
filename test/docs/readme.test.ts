/** README shows what happens: its excerpt is the demo's, its config loads, its two commands are those of package.json. */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import { loadSettings } from "../../config/load.ts";
import { runCli } from "../support/cli-child.ts";
import { temporaryFolder } from "../support/temporary.ts";
import { codeIn, type Fence, fencesOf, ROOT, readPage, tableBelow } from "./pages.ts";

function fenceWith(start: string): Fence {
  const fence = fencesOf("README.md").find(({ text }) => text.startsWith(start));
  assert.ok(fence !== undefined, `README has no code that starts with "${start}"`);
  return fence;
}

test("README: the two commands to start with are written out, and package.json has their scripts", () => {
  assert.equal(fenceWith("npm ci").text, "npm ci && npm start\nnpm ci && npm test");
  const { scripts } = JSON.parse(readFileSync(join(ROOT, "package.json"), "utf8")) as { scripts: Record<string, string> };
  assert.equal(scripts["start"], "bin/aptmerge demo");
  assert.ok(scripts["test"] !== undefined);
});

test("README: every line of the excerpt stands in what the demo prints, in this order", async () => {
  const folder = await temporaryFolder();
  const { status, stdout } = await runCli(["demo", join(folder, "tree")]);
  assert.equal(status, 0);
  const printed = stdout.split("\n");
  let at = 0;
  for (const line of fenceWith("Suite demo").text.split("\n")) {
    const found = printed.indexOf(line, at);
    assert.ok(found >= 0, line);
    at = found + 1;
  }
});

test("README: the config of a derivative loads without a word", async () => {
  const path = join(await temporaryFolder(), "aptmerge.yaml");
  await writeFile(path, fenceWith("state:").text);
  const { settings, warnings } = await loadSettings(path, {});
  assert.deepEqual(warnings, []);
  assert.deepEqual(
    settings.suites.map(({ name, from }) => [name, from.length]),
    [["daedalus", 3]],
  );
});

test("README: every key of a mirror, a policy or a suite that it explains is one of the config's", () => {
  const schema = readFileSync(join(ROOT, "config/aptmerge.schema.json"), "utf8");
  const section = readPage("README.md").split("What to know first:")[1]?.split("## Commands")[0] ?? "";
  const keys = [...section.matchAll(/^- `([a-z-]+)[:`]/gm)].map(([, key]) => key ?? "");
  assert.ok(keys.length >= 5);
  for (const key of keys) assert.ok(schema.includes(`"${key}"`), key);
});

test("README and the examples' page name the same forms of override files", () => {
  const forms = (page: string, heading: string) => tableBelow(page, heading).map(([file = ""]) => codeIn(file)[0] ?? "");
  assert.deepEqual(forms("README.md", "## Override files").sort(), forms("indices/README.md", "# Override indices: examples").sort());
});
