/** Merges a changed suite and writes it into the stage; in a dry run it is merged only. */

import { CODES, MergeError, problemOf } from "../errors.ts";
import type { Stage } from "../publish/stage.ts";
import type { SoundFile } from "../verify/published-suite.ts";
import type { RunContext } from "./context.ts";
import { goesWithout, withoutFile } from "./fetch-indices.ts";
import { checkGuards } from "./guards.ts";
import { rememberBreakage } from "./installability.ts";
import { lastRelease } from "./last-generation.ts";
import type { FileSink } from "./make-index.ts";
import { type MergedSuite, mergeSuite } from "./merge-suite.ts";
import { dateOf, indexFile, publishSuite } from "./publish-suite.ts";
import { renewSuite } from "./reissue-suite.ts";
import { deltaOf, noteDigests, tellRolledBack } from "./suite-delta.ts";
import { keptHint, type SuiteRun } from "./suite-run.ts";
import { isEssential } from "./suite-targets.ts";
import { filesOf } from "./take-in.ts";

/** @throws MergeError what merging and publishing throw; a guard that holds the suite is told, and what was merged is kept for the report */
export async function buildSuite(one: SuiteRun, stage: Stage | undefined, context: RunContext): Promise<void> {
  const { settings, request, world, timings } = context;
  const { suite, last } = one;
  const date = dateOf(last, world.now);
  const sink: FileSink = async (path, codec, pieces) => stage?.writeSuiteFile(suite.name, indexFile(path, codec), pieces, date);
  const write = async (path: string, bytes: Buffer): Promise<void> => stage?.writeSuiteFile(suite.name, path, bytes, date);
  const sound = new Map<string, SoundFile>();
  const keep = async (path: string, found: SoundFile): Promise<void> => {
    sound.set(path, found);
    await stage?.keepSuiteFile(suite.name, path);
  };
  const published = await lastRelease(last, world.output);
  const merge = (): Promise<MergedSuite> => {
    const { intakes, overrides, digests = noteDigests(one, context) } = one;
    const reshaped = last.record?.config !== digests.config || last.record.overrides !== digests.overrides;
    const shape = { suite, publish: settings.publish, digests, reshaped, date };
    return mergeSuite({ ...shape, intakes, overrides, last, published, sink, write, keep }, world, request);
  };
  let merged: MergedSuite | undefined;
  while (merged === undefined) {
    try {
      merged = await merge();
    } catch (error) {
      leaveOut(error, one, context);
      await stage?.dropSuite(suite.name);
      sound.clear();
      // Without the file it may be what is published already, or what was rolled back from.
      const kind = await deltaOf(one, context);
      if (kind === "changed") continue;
      one.state = { kind };
      tellRolledBack(one, context);
      return kind === "due" ? renewSuite(one, stage, context) : undefined;
    }
  }
  timings.add("mergeMs", merged.mergeMs);
  timings.add("composeMs", merged.composeMs);
  context.tellSome(merged.problems);
  const { errors, warnings } = checkGuards({ suite, record: last.record, release: published, merged, request });
  for (const warning of warnings) context.tell(warning);
  for (const error of errors) context.tell({ ...problemOf(error), hint: keptHint(error, one) });
  if (errors.length > 0) {
    one.state = { kind: "held", merged };
    return;
  }
  if (!request.dryRun) await rememberBreakage(suite, merged, world.state);
  const { digests } = one;
  const record =
    stage === undefined || digests === undefined
      ? undefined
      : await publishSuite(suite, settings.publish, merged, one.intakes, digests, last, sound, stage, world);
  one.state = { kind: "merged", merged, record };
}

/**
 * A file that is not what its Release lists may show only when it is decompressed. When its kind is not essential the whole kind goes from the
 * suite, as when it could not be fetched.
 *
 * @throws the error itself when it must stop the suite
 */
function leaveOut(error: unknown, one: SuiteRun, context: RunContext): void {
  const { suite, intakes } = one;
  if (!(error instanceof MergeError)) throw error;
  const { file } = error.where;
  const wanted = intakes.flatMap(filesOf);
  const bad = wanted.find(({ path, choices }) => path === file || choices.some(({ entry }) => entry.path === file));
  if (bad === undefined || isEssential(suite, bad.kind.name)) throw error;
  if (![4, 5, 6].includes(CODES[error.code].exit)) throw error;
  context.tell({ ...problemOf(error), severity: "warning", hint: goesWithout(suite, bad) });
  one.intakes = withoutFile(intakes, bad);
}
