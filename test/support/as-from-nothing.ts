/** A merge from nothing as the judge of one that took over what did not change. */
import assert from "node:assert/strict";
import type { RunResult, TestWorld } from "./world.ts";

/** All that a run says of what it merged, but for what is new in it. */
export const findings = ({ report, problems }: RunResult) => {
  const [suite] = report?.suites ?? [];
  const { shadowed, overridden, banned, needsBanned, behind, limited, orphans, builtUsing } = suite ?? assert.fail("no suite");
  const told = problems.filter(({ code }) => code !== "PACKAGES_UNINSTALLABLE").map(({ code, message }) => `${code}: ${message}`);
  return { shadowed, overridden, banned, needsBanned, behind, limited, orphans, builtUsing, told: told.sort() };
};

/** A merge that ignores every cache, and publishes nothing, finds what was just published, and finds the same to say. */
export async function assertAsFromNothing(world: TestWorld, result: RunResult, now: Date): Promise<void> {
  assert.deepEqual([result.exit, result.report?.outcome], [0, "published"], JSON.stringify(result.problems));
  const full = await world.run({ now, dryRun: true, full: true });
  assert.equal(full.exit, 0, JSON.stringify(full.problems));
  const [suite] = full.report?.suites ?? [];
  assert.deepEqual(
    suite?.indices.filter(({ rebuilt }) => rebuilt),
    [],
  );
  assert.deepEqual(suite?.changes, []);
  assert.deepEqual(findings(result), findings(full));
  assert.equal((await world.cli(["verify"])).status, 0);
}
