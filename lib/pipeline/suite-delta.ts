/** Whether a suite's inputs are those of the last generation: then nothing is done for it. */
import { configDigest, inputsDigest, overridesDigest } from "../delta/input-digests.ts";
import { isRenewalDue } from "../release/timing.ts";
import type { RunContext } from "./context.ts";
import { isIntact, lastRuns } from "./last-generation.ts";
import { indexDigests, type SuiteDigests } from "./publish-suite.ts";
import type { SuiteRun } from "./suite-run.ts";

/** Notes what the suite is made of; goes into inputs.json when it is published. */
export function noteDigests(one: SuiteRun, { settings, world }: RunContext): SuiteDigests {
  const { suite, intakes } = one;
  const config = configDigest(suite, settings.publish, world.signer.fingerprints);
  const overrides = overridesDigest(world.overrides);
  const mirrors = intakes.map((intake) => ({
    mirror: intake.taken.from.mirror.name,
    suite: intake.taken.from.suite,
    indices: indexDigests(intake),
  }));
  one.digests = { config, overrides, inputs: inputsDigest(config, overrides, mirrors) };
  return one.digests;
}

/** Also notes the digests. */
export async function isUnchanged(one: SuiteRun, context: RunContext): Promise<boolean> {
  const { request, world } = context;
  const { last } = one;
  const digests = noteDigests(one, context);
  if (request.full || last.record?.inputs !== digests.inputs) return false;
  const until = last.record.validUntil === undefined ? undefined : new Date(last.record.validUntil);
  if (isRenewalDue(world.now, new Date(last.record.date), until)) return false;
  if (request.settle && (await isLoose(one, context))) return false;
  return isIntact(last, world.output, world.signer.fingerprints.length > 0);
}

/** Whether updates have cut up one of its files, or nobody knows whether they have. */
async function isLoose({ suite, last }: SuiteRun, { world }: RunContext): Promise<boolean> {
  for (const { path } of last.record?.indices ?? []) {
    for (const codec of ["gz", "xz"] as const) {
      if ((await world.output.stat(`${last.path}/${path}.${codec}`)) === undefined) continue;
      if ((await lastRuns(last, suite.name, path, codec, world)).layout?.loose !== false) return true;
    }
  }
  return false;
}
