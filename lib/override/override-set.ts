/** The overrides in force for one merged suite: which edits a stanza gets, and at the end which rules did nothing. */
import type { ComponentName, SuiteName } from "../archive/names.ts";
import { type Problem, problem } from "../errors.ts";
import type { IndexKind } from "../kinds/index-kind.ts";
import type { OverrideRuleSettings } from "../settings.ts";
import { type AppliedOverride, appliedLines } from "./applied-override.ts";
import type { OverrideTable } from "./override-files.ts";
import { type OverrideFacts, type YamlIndex, type YamlRule, yamlIndex, yamlRules } from "./yaml-rules.ts";

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

/** What of the overrides fitted a stanza that was asked about. Plain values: an index that is not decided again is asked about no more. */
export interface OverridesUsed {
  /** Names of Debian's files, each behind kind and component of its index and blanks. */
  readonly names: Set<string>;
  /** Numbers of YAML rules. */
  readonly rules: Set<number>;
}

export const noneUsed = (): OverridesUsed => ({ names: new Set(), rules: new Set() });

export interface OverrideSet {
  /** @param used takes note of what fits */
  forIndex(kind: IndexKind, component: ComponentName, used?: OverridesUsed): IndexOverrides;
  /** A warning per name of Debian's files and per YAML rule that fitted nothing. */
  unused(used: readonly OverridesUsed[]): readonly Problem[];
  /** Names of Debian's files and YAML rules; 0: nothing is ever changed. */
  readonly size: number;
}

/** @param rules of all suites; those of another one are left out */
export function overrideSet(suite: SuiteName, tables: readonly OverrideTable[], rules: readonly OverrideRuleSettings[]): OverrideSet {
  const inForce = yamlRules(rules.filter(({ match }) => match.suite === undefined || match.suite === suite));
  const indices = new Map<string, { readonly lines: OverrideTable["rules"] | undefined; readonly yaml: YamlIndex }>();

  const rulesOf = (kind: IndexKind, component: ComponentName): { lines: OverrideTable["rules"] | undefined; yaml: YamlIndex } => {
    const table = tables.find((one) => one.kind === kind.name && one.component === component);
    const yaml = yamlIndex(
      inForce.filter(({ match }) => match.types.includes(kind.type) && (match.component === undefined || match.component === component)),
    );
    return { lines: table?.rules, yaml };
  };

  return {
    size: tables.reduce((sum, table) => sum + table.rules.size, inForce.length),
    forIndex(kind, component, used = noneUsed()) {
      const key = `${kind.name} ${component}`;
      const index = indices.get(key) ?? rulesOf(kind, component);
      indices.set(key, index);
      return {
        appliedTo(name, facts) {
          const lines = index.lines?.get(name);
          if (lines !== undefined) used.names.add(`${key} ${name}`);
          const fitting = index.yaml.fitting(name, facts);
          for (const { number } of fitting) used.rules.add(number);
          if (lines === undefined && fitting.length === 0) return undefined;
          return [...appliedLines(lines ?? []), ...fitting.map(({ applied }) => applied)];
        },
      };
    },
    unused(used) {
      const names = new Set(used.flatMap((one) => [...one.names]));
      const numbers = new Set(used.flatMap((one) => [...one.rules]));
      return [
        ...tables.flatMap((table) => unusedNames(table, names, suite)),
        ...inForce.filter(({ number }) => !numbers.has(number)).map((rule) => unusedRule(rule, suite)),
      ];
    },
  };
}

function unusedNames({ kind, component, rules }: OverrideTable, used: ReadonlySet<string>, suite: SuiteName): readonly Problem[] {
  return [...rules].flatMap(([name, [rule]]) => {
    if (rule === undefined || used.has(`${kind} ${component} ${name}`)) return [];
    const text = `${rule.file}:${rule.line}: No package "${name}" is in ${component} of suite "${suite}": the override does nothing`;
    return [problem("warning", "OVERRIDE_UNUSED", text, { suite, file: rule.file })];
  });
}

function unusedRule({ applied: { file, line } }: YamlRule, suite: SuiteName): Problem {
  const text = `${file}:${line}: No package of suite "${suite}" fits this rule: the override does nothing`;
  return problem("warning", "OVERRIDE_UNUSED", text, { suite, file });
}
