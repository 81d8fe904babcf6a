/** The overrides in force for one merged suite: looked up per stanza, and asked at the end which rules matched nothing. */
import type { ComponentName } from "../archive/names.ts";
import type { FieldEdit } from "../deb822/edit.ts";
import { type Problem, problem } from "../errors.ts";
import type { IndexKindName } from "../settings.ts";
import type { OverrideRule, OverrideTable } from "./override-files.ts";

/** What is to be set in the stanzas of one index. */
export type EditsByName = ReadonlyMap<string, readonly FieldEdit[]>;

export function editsFor(tables: readonly OverrideTable[], kind: IndexKindName, component: ComponentName): EditsByName {
  const edits = new Map<string, FieldEdit[]>();
  for (const [name, rules] of rulesFor(tables, kind, component)) {
    // Of two rules for one field the later one counts.
    const byField = new Map(rules.map((rule) => [rule.edit.field.toLowerCase(), rule.edit]));
    edits.set(name, [...byField.values()]);
  }
  return edits;
}

/** Rules for one name, for `explain`. */
export function rulesForName(
  tables: readonly OverrideTable[],
  kind: IndexKindName,
  component: ComponentName,
  name: string,
): readonly OverrideRule[] {
  return rulesFor(tables, kind, component).get(name) ?? [];
}

function rulesFor(
  tables: readonly OverrideTable[],
  kind: IndexKindName,
  component: ComponentName,
): ReadonlyMap<string, readonly OverrideRule[]> {
  return tables.find((table) => table.kind === kind && table.component === component)?.rules ?? new Map();
}

/** A warning per rule whose package is in no architecture of the merged index. */
export function unusedRules(
  tables: readonly OverrideTable[],
  seen: (kind: IndexKindName, component: ComponentName, name: string) => boolean,
  suite: string,
): readonly Problem[] {
  const problems: Problem[] = [];
  for (const { kind, component, rules } of tables) {
    for (const [name, list] of rules) {
      const [rule] = list;
      if (rule === undefined || seen(kind, component, name)) continue;
      const text = `${rule.file}:${rule.line}: No package "${name}" is in ${component} of suite "${suite}": the override does nothing`;
      problems.push(problem("warning", "OVERRIDE_UNUSED", text, { suite, file: rule.file }));
    }
  }
  return problems;
}
