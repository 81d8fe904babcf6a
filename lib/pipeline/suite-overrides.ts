/** Which overrides a suite has. What they do to its stanzas is in override-edits.ts. */
import { type OverrideFile, readOverrides } from "../override/override-files.ts";
import { type OverrideSet, overrideSet } from "../override/override-set.ts";
import type { SuiteSettings } from "../settings.ts";

/** The override files in force for a suite. Faults in them ended the run before. */
export function overridesOf({ name, components }: SuiteSettings, files: readonly OverrideFile[]): OverrideSet {
  const { tables } = readOverrides(name, components, files);
  return overrideSet(
    name,
    tables,
    files.flatMap(({ rules }) => rules ?? []),
  );
}
