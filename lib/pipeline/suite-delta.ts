/** Whether a suite's inputs are those of the last generation: then nothing is done for it. */
import { configDigest, inputsDigest, overridesDigest } from "../delta/input-digests.ts";
import { isRenewalDue } from "../release/timing.ts";
import type { RunContext } from "./context.ts";
import { isIntact } from "./last-generation.ts";
import { indexDigests } from "./publish-suite.ts";
import type { SuiteRun } from "./suite-run.ts";

/** Also notes the digests, which go into inputs.json when the suite is published. */
export async function isUnchanged(one: SuiteRun, { settings, request, world }: RunContext): Promise<boolean> {
  const { suite, last, intakes } = one;
  const config = configDigest(suite, settings.publish, world.signer.fingerprints);
  const overrides = overridesDigest(world.overrides);
  const mirrors = intakes.map(({ taken, wanted }) => ({
    mirror: taken.from.mirror.name,
    suite: taken.from.suite,
    indices: indexDigests(wanted),
  }));
  one.digests = { config, overrides, inputs: inputsDigest(config, overrides, mirrors) };
  if (request.full || last.record?.inputs !== one.digests.inputs) return false;
  const until = last.record.validUntil === undefined ? undefined : new Date(last.record.validUntil);
  if (isRenewalDue(world.now, new Date(last.record.date), until)) return false;
  return isIntact(last, world.output, world.signer.fingerprints.length > 0);
}
