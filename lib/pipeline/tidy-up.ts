/** Removes what nothing needs any more, at the end of a run that published or fetched something. */
import type { Sha256 } from "../archive/names.ts";
import { MergeError, problemOf } from "../errors.ts";
import { type Generation, pruneGenerations } from "../publish/generations.ts";
import { unneededPatched } from "../state/patched.ts";
import { trustedFiles } from "../state/trust.ts";
import type { RunContext } from "./context.ts";
import { forgetOtherRuns } from "./last-generation.ts";
import type { SuiteRun } from "./suite-run.ts";
import { filesOf } from "./take-in.ts";
import type { World } from "./world.ts";

/**
 * What is published is published: a fault in here is told and changes nothing.
 *
 * @param made undefined when nothing was published: a suite that is held for days would fill the disk with each state of its mirrors
 */
export async function tidyUp(made: Generation | undefined, runs: readonly SuiteRun[], context: RunContext): Promise<void> {
  const { settings, request, world } = context;
  if (made === undefined && (request.dryRun || !runs.some(({ intakes }) => intakes.some(({ files }) => files > 0)))) return;
  try {
    if (made !== undefined) await pruneGenerations(world.output, made, settings.publish.generations);
    for (const path of await unneededFiles(await neededFiles(runs, world), world)) await world.state.remove(path);
    for (const { suite, state } of runs) {
      if (state.kind !== "merged") continue;
      for (const { path, files } of [...state.merged.indices, ...state.merged.followers])
        for (const { codec, digests } of files) await forgetOtherRuns(suite.name, path, codec, digests.SHA256, world.state);
    }
  } catch (error) {
    if (!(error instanceof MergeError)) throw error;
    context.tell({ ...problemOf(error), severity: "warning" });
  }
}

/**
 * Stored files that an accepted Release lists. Any 64 hexadecimal digits in one may be the name of a stored index: keeping too much
 * costs room only.
 */
export async function neededFiles(runs: readonly SuiteRun[], world: Pick<World, "state" | "store">): Promise<Set<Sha256>> {
  const needed = new Set<Sha256>();
  // What a held suite wants belongs to a Release that is not accepted yet.
  for (const { intakes } of runs)
    for (const intake of intakes)
      for (const { choices } of filesOf(intake)) for (const { entry } of choices) if (entry.sha256 !== undefined) needed.add(entry.sha256);
  for (const file of await trustedFiles(world.state)) {
    needed.add(file);
    const release = await world.store.get(file);
    for (const match of release?.toString("latin1").matchAll(/\b[0-9a-f]{64}\b/g) ?? []) needed.add(match[0] as Sha256);
  }
  return needed;
}

/** Paths of stored indices, fetched or made by patches, that nothing needs. */
export async function unneededFiles(
  needed: ReadonlySet<Sha256>,
  { store, state }: Pick<World, "state" | "store">,
): Promise<readonly string[]> {
  return [...(await store.unneeded(needed)), ...(await unneededPatched(state, needed))];
}
