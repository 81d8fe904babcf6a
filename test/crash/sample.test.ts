/** Some of the faults of `npm run test:crash`, spread over all calls of a merge: after each the tree is whole, and one run repairs. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { needs } from "../support/needs.ts";
import { temporaryFolder } from "../support/temporary.ts";
import { type Effect, nameOf, sampleOf } from "./faults.ts";
import { injectAll, type Verdict, watch } from "./lanes.ts";
import { prepareScene } from "./scene.ts";

const LANES = 2;

for (const [title, effects, count] of [
  ["P01: a merge that is killed at a call to the disk leaves the old tree or the new one, and the next run repairs", ["SIGKILL"], 10],
  ["C08: a merge whose call to the disk finds no room leaves the old tree or the new one, and the next run repairs", ["ENOSPC"], 5],
  ["C09: a merge whose call to the disk fails leaves the old tree or the new one, and the next run repairs", ["EIO"], 6],
  ["C11: a merge that may open or link no more leaves the old tree or the new one, and the next run repairs", ["EMFILE", "EMLINK"], 4],
] as const) {
  test(title, async (t) => {
    if (!needs(t, "strace", "flock", "xz")) return;
    const scene = await prepareScene(await temporaryFolder());
    const wanted: ReadonlySet<Effect> = new Set(effects);
    const faults = sampleOf(
      (await watch(scene)).filter(({ effect }) => wanted.has(effect)),
      count,
    );
    const verdicts: Verdict[] = [];
    await injectAll(scene, faults, LANES, (verdict) => verdicts.push(verdict));
    for (const { failure } of verdicts) if (failure !== undefined) throw failure;
    const hit = verdicts.filter((verdict) => verdict.hit && !verdict.stray);
    t.diagnostic(`${hit.length} of ${faults.length}: ${hit.map(({ fault }) => nameOf(fault)).join("; ")}`);
    assert.ok(hit.length >= count / 2, `only ${hit.length} faults were injected`);
  });
}
