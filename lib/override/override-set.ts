/** The overrides in force for one merged suite: which edits a stanza gets, and at the end which rules did nothing. */
import type { ComponentName, SuiteName } from "../archive/names.ts";
import { type Problem, problem } from "../errors.ts";
import type { IndexKind } from "../kinds/index-kind.ts";
import type { OverrideRuleSettings } from "../settings.ts";
import { type AppliedOverride, appliedLines } from "./applied-override.ts";
import type { OverrideTable } from "./override-files.ts";
import { type OverrideFacts, type YamlRule, yamlIndex, yamlRules } from "./yaml-rules.ts";

export type { AppliedOverride } from "./applied-override.ts";
export type { OverrideFacts } from "./yaml-rules.ts";

export interface IndexOverrides {
  /**
   * In the order in which they act: lines of Debian's files, then YAML rules. Undefined when none fits, as for nearly all names.
   *
   * @param name of the stanza
   * @param facts read only when a rule for the name asks more than the name
   */
  appliedTo(name: string, facts: () => OverrideFacts): readonly AppliedOverride[] | undefined;
}

export interface OverrideSet {
  forIndex(kind: IndexKind, component: ComponentName): IndexOverrides;
  /** A warning per name of Debian's files and per YAML rule that fitted no stanza that was asked about. */
  unused(): readonly Problem[];
  /** Names of Debian's files and YAML rules; 0: nothing is ever changed. */
  readonly size: number;
}

/** @param rules of all suites; those of another one are left out */
export function overrideSet(suite: SuiteName, tables: readonly OverrideTable[], rules: readonly OverrideRuleSettings[]): OverrideSet {
  const inForce = yamlRules(rules.filter(({ match }) => match.suite === undefined || match.suite === suite));
  const usedNames = new Map(tables.map((table) => [table, new Set<string>()]));
  const usedRules = new Set<YamlRule>();
  const indices = new Map<string, IndexOverrides>();

  const made = (kind: IndexKind, component: ComponentName): IndexOverrides => {
    const table = tables.find((one) => one.kind === kind.name && one.component === component);
    const usedHere = table && usedNames.get(table);
    const yaml = yamlIndex(
      inForce.filter(({ match }) => match.types.includes(kind.type) && (match.component === undefined || match.component === component)),
    );
    return {
      appliedTo(name, facts) {
        const lines = table?.rules.get(name);
        if (lines !== undefined) usedHere?.add(name);
        const fitting = yaml.fitting(name, facts);
        for (const rule of fitting) usedRules.add(rule);
        if (lines === undefined && fitting.length === 0) return undefined;
        return [...appliedLines(lines ?? []), ...fitting.map(({ applied }) => applied)];
      },
    };
  };

  return {
    size: tables.reduce((sum, table) => sum + table.rules.size, inForce.length),
    forIndex(kind, component) {
      const key = `${kind.name} ${component}`;
      const index = indices.get(key) ?? made(kind, component);
      indices.set(key, index);
      return index;
    },
    unused: () => [
      ...tables.flatMap((table) => unusedNames(table, usedNames.get(table) ?? new Set(), suite)),
      ...inForce.filter((rule) => !usedRules.has(rule)).map((rule) => unusedRule(rule, suite)),
    ],
  };
}

function unusedNames({ component, rules }: OverrideTable, used: ReadonlySet<string>, suite: SuiteName): readonly Problem[] {
  return [...rules].flatMap(([name, [rule]]) => {
    if (rule === undefined || used.has(name)) return [];
    const text = `${rule.file}:${rule.line}: No package "${name}" is in ${component} of suite "${suite}": the override does nothing`;
    return [problem("warning", "OVERRIDE_UNUSED", text, { suite, file: rule.file })];
  });
}

function unusedRule({ applied: { file, line } }: YamlRule, suite: SuiteName): Problem {
  const text = `${file}:${line}: No package of suite "${suite}" fits this rule: the override does nothing`;
  return problem("warning", "OVERRIDE_UNUSED", text, { suite, file });
}
