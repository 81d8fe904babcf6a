/** YAML override files: read with the same care as the config, every fault at once, with its place. */
import { MergeError, type Problem, problem } from "../lib/errors.ts";
import type { MirrorChoice, OverrideRuleSettings, Settings } from "../lib/settings.ts";
import { type Finding, readDocument } from "./document.ts";
import { findingsOf } from "./findings.ts";
import { suggestion } from "./nearest.ts";
import { type OverrideEntry, OverrideFileSchema } from "./override-schema.ts";
import { quoted } from "./quoting.ts";

interface ReadRules {
  readonly rules: readonly OverrideRuleSettings[];
  /** OVERRIDE_MALFORMED, in the order of the file. */
  readonly errors: readonly MergeError[];
}

/** @param file name of the file, for messages */
export function readOverrideRules(source: string, file: string): ReadRules {
  const { document, findings } = readDocument(source, file, undefined);
  if (document === undefined) return { rules: [], errors: findings.map((one) => malformed(one, file)) };
  // Nothing but comments.
  if (document.value === null) return { rules: [], errors: [] };
  const parsed = OverrideFileSchema.safeParse(document.value);
  if (parsed.success) {
    const lineOf = (position: number): number => Number(/:(\d+):\d+$/.exec(document.spot([position]).text)?.[1] ?? 0);
    return { rules: parsed.data.flatMap((entry, position) => rulesOf(entry, file, lineOf(position))), errors: [] };
  }
  const found = parsed.error.issues.flatMap((issue) => findingsOf(OverrideFileSchema, issue, document));
  const once = new Map(found.map((one) => [`${one.spot.offset} ${one.message}`, one]));
  return {
    rules: [],
    errors: [...once.values()].sort((left, right) => left.spot.offset - right.spot.offset).map((one) => malformed(one, file)),
  };
}

const malformed = ({ spot, message }: Finding, file: string): MergeError =>
  new MergeError("OVERRIDE_MALFORMED", `${spot.text}: ${message.replace(/^Cannot use the config:/, "Cannot use the file:")}`, { file });

/** One rule for each name that the entry lists. */
function rulesOf(entry: OverrideEntry, file: string, line: number): readonly OverrideRuleSettings[] {
  const { match } = entry;
  const names = match.package === undefined || typeof match.package === "string" ? [match.package] : match.package;
  return names.map((own) => ({
    file,
    line,
    match: {
      types: match.type === undefined ? ["deb", "udeb"] : [match.type],
      package: own,
      source: match.source,
      suite: match.suite,
      component: match.component,
      mirror: match.mirror,
      architecture: match.architecture,
      version: match.version,
    },
    set: new Map(Object.entries(entry.set ?? {})),
    remove: entry.remove ?? [],
    dropRelations: new Map(Object.entries(entry["drop-relations"] ?? {})),
    inherit: entry.inherit ?? [],
    reason: entry.reason,
  }));
}

/** Rules that speak of a mirror or component that the config does not have: they can do nothing. */
export function overrideRuleDoubts(rules: readonly OverrideRuleSettings[], settings: Settings): readonly Problem[] {
  const components = [...new Set(settings.suites.flatMap((suite) => suite.components))];
  const mirrors = [...settings.mirrors.keys()];
  const froms = [...new Set(settings.suites.flatMap(({ from }) => from.map(({ mirror, suite }) => `${mirror.name}/${suite}`)))];
  const doubts: Problem[] = [];
  for (const { file, line, match } of rules) {
    const doubt = (what: string, word: string, known: readonly string[]): void => {
      if (known.includes(word)) return;
      const text = `${file}:${line}: The rule does nothing: no ${what} is called ${quoted(word)}, ${suggestion(word, known)}`;
      doubts.push(problem("warning", "OVERRIDE_UNUSED", text, { file }));
    };
    if (match.component !== undefined) doubt("component", match.component, components);
    if (match.mirror !== undefined) doubt("mirror", choiceText(match.mirror), match.mirror.suite === undefined ? mirrors : froms);
  }
  return doubts;
}

const choiceText = ({ mirror, suite }: MirrorChoice): string => (suite === undefined ? mirror : `${mirror}/${suite}`);
