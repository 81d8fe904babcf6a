/** The files for systemd and cron, as far as they can be tried without installing them. */
import assert from "node:assert/strict";
import { cp, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { run } from "../support/child.ts";
import { needs } from "../support/needs.ts";

const CONFIG = join(import.meta.dirname, "../../config");

test("systemd finds nothing to complain about in the service and its timer", async (t) => {
  if (!needs(t, "systemd-analyze")) return;
  const folder = await mkdtemp(join(tmpdir(), "units-"));
  t.after(() => rm(folder, { recursive: true, force: true }));
  const service = await readFile(join(CONFIG, "systemd/aptmerge.service"), "utf8");
  assert.match(service, /^ExecStart=\/usr\/bin\/aptmerge /m);
  await writeFile(join(folder, "aptmerge.service"), service.replace("ExecStart=/usr/bin/aptmerge ", "ExecStart=/bin/true "));
  await cp(join(CONFIG, "systemd/aptmerge.timer"), join(folder, "aptmerge.timer"));
  const units = ["aptmerge.service", "aptmerge.timer"].map((name) => join(folder, name));
  const { rc, stdout, stderr } = await run("systemd-analyze", ["verify", "--man=no", ...units]);
  assert.deepEqual([rc, stdout.toString(), stderr.toString()], [0, "", ""]);
});

test("the cron line runs as a user of its own, as cron.d wants it, and the shell can read it", async () => {
  const text = await readFile(join(CONFIG, "cron/aptmerge"), "utf8");
  const lines = text.split("\n").filter((line) => /^[0-9*]/.test(line));
  assert.equal(lines.length, 1);
  const [, schedule, user, command] = /^((?:\S+ ){5})(\S+) (.*)$/.exec(lines[0] ?? "") ?? [];
  assert.deepEqual([schedule, user], ["17 * * * * ", "aptmerge"]);
  // cron reads % as a line end.
  assert.doesNotMatch(command ?? "", /%/);
  assert.equal((await run("sh", ["-n", "-c", command ?? "("])).rc, 0);
  assert.ok(text.endsWith("\n"));
});
