/** What a rule of an override file changes in a stanza, as edits and in words. */
import { namePatterns } from "../archive/name-patterns.ts";
import type { FieldEdit, SetField } from "../deb822/edit.ts";
import type { OverrideRuleSettings } from "../settings.ts";
import type { OverrideRule } from "./override-files.ts";

/** What one rule, or one line, changes in a stanza that it fits. */
export interface AppliedOverride {
  readonly file: string;
  readonly line: number;
  /** In the order in which they act. */
  readonly edits: readonly FieldEdit[];
  /** Fields to be taken from losing stanzas, after the edits. */
  readonly inherit: readonly string[];
  /** All of that in words, such as `sets Priority: optional`. */
  readonly does: readonly string[];
  readonly reason: string | undefined;
}

/** What is taken away comes first, so that a rule can remove a field and set it anew at the end of the stanza. */
export function appliedRule({ file, line, remove, dropRelations, set, inherit, reason }: OverrideRuleSettings): AppliedOverride {
  const values = [...set].map(([field, value]) => ({ field, value }));
  const drops = [...dropRelations];
  return {
    file,
    line,
    edits: [
      ...remove.map((field): FieldEdit => ({ field, remove: true })),
      ...drops.map(([field, patterns]): FieldEdit => ({ field, without: fitsOneOf(patterns) })),
      ...values,
    ],
    inherit,
    does: [
      ...remove.map((field) => `removes ${field}`),
      ...drops.map(([field, patterns]) => `drops ${patterns.join(", ")} from ${field}`),
      ...values.map(setInWords),
      ...inherit.map((field) => `takes ${field} from a stanza that lost`),
    ],
    reason,
  };
}

function fitsOneOf(patterns: readonly string[]): (name: string) => boolean {
  const known = namePatterns(patterns.map((pattern) => [pattern, pattern] as const));
  return (name) => known.matching(name).length > 0;
}

function setInWords({ field, value }: SetField): string {
  const [first = "", ...further] = value.replace(/\n+$/, "").split("\n");
  return `sets ${field}: ${first}${further.length === 0 ? "" : " …"}`;
}

/** The rules of one name in Debian's files, those of one line together. */
export function appliedLines(rules: readonly OverrideRule[]): readonly AppliedOverride[] {
  const lines: { readonly file: string; readonly line: number; readonly edits: SetField[] }[] = [];
  for (const { file, line, edit } of rules) {
    const last = lines.at(-1);
    if (last?.file === file && last.line === line) last.edits.push(edit);
    else lines.push({ file, line, edits: [edit] });
  }
  return lines.map((one) => ({ ...one, inherit: [], does: one.edits.map(setInWords), reason: undefined }));
}
