/** Override rules that speak of what the config does not have. */
import { type Problem, problem } from "../lib/errors.ts";
import type { OverrideRuleSettings, Settings, SuiteSettings } from "../lib/settings.ts";
import { suggestion } from "./nearest.ts";
import { quoted } from "./quoting.ts";

type Match = OverrideRuleSettings["match"];

/** OVERRIDE_UNUSED for rules whose mirror or component no suite has that they are for. Of their suites, `strayOverrides` tells. */
export function overrideRuleDoubts(rules: readonly OverrideRuleSettings[], settings: Settings): readonly Problem[] {
  // The rules of a list of names share a line: what is wrong there is told once.
  const doubts = new Map<string, Problem>();
  for (const { file, line, match } of rules) {
    const own = settings.suites.find(({ name }) => name === match.suite);
    for (const why of [componentFault(match, settings, own), mirrorFault(match, settings, own)]) {
      if (why === undefined) continue;
      const text = `${file}:${line}: The rule does nothing: ${why}`;
      doubts.set(text, problem("warning", "OVERRIDE_UNUSED", text, { file }));
    }
  }
  return [...doubts.values()];
}

/** @param own the one suite that the rule is for; undefined when it names none, or one that there is not */
function componentFault({ component }: Match, { suites }: Settings, own: SuiteSettings | undefined): string | undefined {
  if (component === undefined) return undefined;
  const all = suites.flatMap(({ components }) => components);
  const known: readonly string[] = own?.components ?? [...new Set(all)];
  if (known.includes(component)) return undefined;
  const what = own !== undefined && all.includes(component) ? `suite "${own.name}" has no component` : "no component is called";
  return `${what} ${quoted(component)}, ${suggestion(component, known)}`;
}

function mirrorFault({ mirror: choice }: Match, settings: Settings, own: SuiteSettings | undefined): string | undefined {
  if (choice === undefined) return undefined;
  const { mirror, suite } = choice;
  const mirrors: readonly string[] = [...settings.mirrors.keys()];
  if (!mirrors.includes(mirror)) return `no mirror is called ${quoted(mirror)}, ${suggestion(mirror, mirrors)}`;
  const froms = (own === undefined ? settings.suites : [own]).flatMap(({ from }) => from);
  const known = [...new Set(froms.map((from) => (suite === undefined ? from.mirror.name : `${from.mirror.name}/${from.suite}`)))];
  const asked = suite === undefined ? mirror : `${mirror}/${suite}`;
  if (known.some((one) => one === asked)) return undefined;
  const what = own === undefined ? "no suite takes anything" : `suite "${own.name}" takes nothing`;
  return `${what} from ${quoted(asked)}, ${suggestion(asked, known)}`;
}
