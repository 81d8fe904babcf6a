/** Whether a suite's inputs are those of the last generation: then nothing is done for it. */

import { configDigest, inputsDigest, overridesDigest } from "../delta/input-digests.ts";
import { problem } from "../errors.ts";
import { isRenewalDue } from "../release/timing.ts";
import type { RunContext } from "./context.ts";
import { isIntact, lastRelease, lastRuns } from "./last-generation.ts";
import type { SuiteDigests } from "./publish-suite.ts";
import type { SuiteRun } from "./suite-run.ts";
import { filesOf, indexDigests, type MirrorIntake } from "./take-in.ts";
import { lowersFloor } from "./take-release.ts";

/** Notes what the suite is made of; goes into inputs.json when it is published. */
export function noteDigests(one: SuiteRun, { settings, world }: RunContext): SuiteDigests {
  const { suite, intakes } = one;
  const config = configDigest(suite, settings.publish, world.signer.fingerprints);
  const overrides = overridesDigest(world.overrides);
  const digestOf = (files: (intake: MirrorIntake) => MirrorIntake["offered"]) => {
    const mirrors = intakes.map((intake) => {
      const { mirror, suite: path } = intake.taken.from;
      return { mirror: mirror.name, suite: path, indices: indexDigests(files(intake)) };
    });
    return inputsDigest(config, overrides, mirrors);
  };
  const isWhole = intakes.every((intake) => filesOf(intake).length === intake.offered.length);
  one.digests = {
    config,
    overrides,
    inputs: digestOf(filesOf),
    ...(isWhole ? {} : { offered: digestOf((intake) => intake.offered) }),
  };
  return one.digests;
}

/** What is to be done for the suite. Also notes the digests. */
export async function deltaOf(one: SuiteRun, context: RunContext): Promise<"changed" | "unchanged" | "due"> {
  const { request, world } = context;
  const { record } = one.last;
  const digests = noteDigests(one, context);
  if (request.full || record === undefined) return "changed";
  const refused = isRefused(one);
  if (record.inputs !== digests.inputs && !refused) return "changed";
  // What was rolled back to cannot be merged again: its inputs are history.
  const anew = refused ? "due" : "changed";
  const until = record.validUntil === undefined ? undefined : new Date(record.validUntil);
  if (isRenewalDue(world.now, new Date(record.date), until)) return anew;
  if (one.intakes.some(({ taken }) => lowersFloor(taken, context))) return anew;
  if (request.settle && !refused && (await isLoose(one, context))) return "changed";
  return (await isIntact(one.last, world.output, world.signer.fingerprints.length > 0)) ? "unchanged" : anew;
}

/** Whether merging would bring back what was rolled back from, with or without files that could not be had then or cannot be had now. */
function isRefused({ last, digests }: SuiteRun): boolean {
  const { inputs, rolledBack } = last.record ?? {};
  return [digests?.inputs, digests?.offered].some(
    (one) => one !== undefined && one !== inputs && rolledBack?.refused.includes(one) === true,
  );
}

/** An operator who rolled back wonders why nothing changes. */
export function tellRolledBack(one: SuiteRun, context: RunContext): void {
  const { name } = one.suite;
  const to = one.last.record?.rolledBack?.generation;
  if (context.request.full || to === undefined || !isRefused(one)) return;
  const text = `Suite "${name}" stays rolled back to generation ${to}: merging would bring back the state that it was rolled back from`;
  const hint = `It goes on by itself when a mirror's indices, the config or an override change; to go on before: aptmerge merge --full ${name}`;
  context.tell(problem("info", "ROLLED_BACK", text, { suite: name }, hint));
}

/** Whether updates have cut up one of its files, or nobody knows whether they have. */
async function isLoose({ suite, last }: SuiteRun, { world }: RunContext): Promise<boolean> {
  const published = await lastRelease(last, world.output);
  for (const { path } of last.record?.indices ?? []) {
    for (const codec of ["gz", "xz"] as const) {
      if ((await world.output.stat(`${last.path}/${path}.${codec}`)) === undefined) continue;
      if ((await lastRuns(last, published, suite.name, path, codec, world)).layout?.loose !== false) return true;
    }
  }
  return false;
}
