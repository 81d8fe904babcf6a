/** The guard against losing an archive by accident: an empty index is signed just as well as a full one. */
import { MergeError } from "../errors.ts";
import type { SuiteSettings } from "../settings.ts";
import type { LastSuite } from "./last-generation.ts";
import type { MergedSuite } from "./merge-suite.ts";

/** @throws MergeError SUITE_SHRANK; never on a first run */
export function checkShrink(suite: SuiteSettings, last: LastSuite, merged: MergedSuite, accepted: boolean): void {
  const before = last.record?.indices.reduce((sum, index) => sum + index.stanzas, 0) ?? 0;
  const after = merged.indices.reduce((sum, index) => sum + index.stanzas, 0);
  const share = before === 0 ? 0 : (before - after) / before;
  if (accepted || share <= suite.policy.maxShrink) return;
  const percent = (value: number): string => `${Math.round(value * 1000) / 10}%`;
  const text = `Cannot publish suite "${suite.name}": it would go from ${before} stanzas to ${after}, which is ${percent(share)} less, max-shrink is ${percent(suite.policy.maxShrink)}`;
  throw new MergeError("SUITE_SHRANK", text, { suite: suite.name });
}
