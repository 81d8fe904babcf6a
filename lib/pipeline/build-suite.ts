/** Merges a changed suite and writes it into the stage; in a dry run it is merged only. */
import type { Stage } from "../publish/stage.ts";
import type { RunContext } from "./context.ts";
import { rememberBlocks } from "./last-generation.ts";
import { type FileSink, mergeSuite } from "./merge-suite.ts";
import { dateOf, indexFile, publishSuite } from "./publish-suite.ts";
import { checkShrink } from "./shrink.ts";
import type { SuiteRun } from "./suite-run.ts";

/** @throws MergeError what merging, the guards and publishing throw */
export async function buildSuite(one: SuiteRun, stage: Stage | undefined, context: RunContext): Promise<void> {
  const { settings, request, world, timings, limit } = context;
  const { suite, last, intakes, overrides, digests } = one;
  const date = dateOf(last, world.now);
  const sink: FileSink = async (path, codec, bytes, layout) => {
    await stage?.writeSuiteFile(suite.name, indexFile(path, codec), bytes, date);
    await rememberBlocks(suite.name, path, codec, layout, world.state);
  };
  const merged = await mergeSuite({ suite, publish: settings.publish, intakes, overrides, last, sink, limit }, world, request);
  timings.add("mergeMs", merged.mergeMs);
  timings.add("composeMs", merged.composeMs);
  context.tellSome(merged.problems);
  checkShrink(suite, last, merged, request.acceptShrink);
  const record =
    stage === undefined || digests === undefined
      ? undefined
      : await publishSuite(suite, settings.publish, merged, intakes, digests, last, stage, world);
  one.state = { kind: "merged", merged, record };
}
