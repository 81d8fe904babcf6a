/** Rules of YAML override files in the form in which they are looked up: found by name, then asked whether they fit the stanza. */
import { fitsPattern, type NamePatterns, namePatterns } from "../archive/name-patterns.ts";
import type { MirrorName, SuitePath } from "../archive/names.ts";
import { satisfies } from "../archive/version.ts";
import type { OverrideRuleSettings } from "../settings.ts";
import { type AppliedOverride, appliedRule } from "./applied-override.ts";

/** What a rule may ask of a stanza beside its name. */
export interface OverrideFacts {
  readonly version: string;
  /** The stanza's own, also `all`; several words in Sources. */
  readonly architecture: string;
  readonly mirror: MirrorName;
  /** Of the mirror. */
  readonly suite: SuitePath;
  /** What it is or was built from. */
  readonly source: { readonly name: string; readonly version: string };
}

export interface YamlRule {
  /** Later rules act on top of earlier ones. */
  readonly number: number;
  readonly match: OverrideRuleSettings["match"];
  readonly applied: AppliedOverride;
}

/** @param rules those of one suite; files in byte order of their names, the rules of a file as they stand there */
export function yamlRules(rules: readonly OverrideRuleSettings[]): readonly YamlRule[] {
  return [...rules]
    .sort((left, right) => (left.file === right.file ? 0 : left.file < right.file ? -1 : 1))
    .map((rule, number) => ({ number, match: rule.match, applied: appliedRule(rule) }));
}

/** The rules of one index, found by name. */
export interface YamlIndex {
  /** Rules that fit the stanza, in order. `facts` is asked for once at most, and only when a rule for the name wants to know them. */
  fitting(name: string, facts: () => OverrideFacts): readonly YamlRule[];
}

const NONE: readonly YamlRule[] = [];

/** @param rules those of the index, in order */
export function yamlIndex(rules: readonly YamlRule[]): YamlIndex {
  const byPackage: [string, YamlRule][] = [];
  const bySource: [string, YamlRule][] = [];
  const nameless: YamlRule[] = [];
  for (const rule of rules) {
    if (rule.match.package !== undefined) byPackage.push([rule.match.package, rule]);
    else if (rule.match.source !== undefined) bySource.push([rule.match.source, rule]);
    else nameless.push(rule);
  }
  const packages = namePatterns(byPackage);
  const sources = namePatterns(bySource);
  return {
    fitting(name, facts) {
      let known: OverrideFacts | undefined;
      const ask = (): OverrideFacts => {
        known ??= facts();
        return known;
      };
      const named = packages.matching(name);
      const candidates = inOrder(named, ofSource(sources, ask), nameless);
      return candidates.length === 0 ? NONE : candidates.filter(({ match }) => fits(match, ask));
    },
  };
}

const ofSource = (sources: NamePatterns<YamlRule>, ask: () => OverrideFacts): readonly YamlRule[] =>
  sources.size === 0 ? NONE : sources.matching(ask().source.name);

/** Most names have rules in one of the lists at most. */
function inOrder(...lists: readonly (readonly YamlRule[])[]): readonly YamlRule[] {
  const filled = lists.filter((list) => list.length > 0);
  if (filled.length < 2) return filled[0] ?? NONE;
  return filled.flat().sort((left, right) => left.number - right.number);
}

/** All but the package's name, by which the rule was found. */
function fits({ source, mirror, architecture, version }: YamlRule["match"], ask: () => OverrideFacts): boolean {
  if (source !== undefined && !fitsPattern(source, ask().source.name)) return false;
  if (mirror !== undefined && mirror.mirror !== ask().mirror) return false;
  if (mirror?.suite !== undefined && mirror.suite !== ask().suite) return false;
  if (architecture !== undefined && !hasWord(ask().architecture, architecture)) return false;
  return version === undefined || satisfies(ask().version, version);
}

const hasWord = (text: string, word: string): boolean => text === word || text.split(/[ \t\n]+/).includes(word);
