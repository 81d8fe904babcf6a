/** YAML override files: read with the same care as the config, every fault at once, with its place. */
import { MergeError } from "../lib/errors.ts";
import type { OverrideRuleSettings } from "../lib/settings.ts";
import { checkOverrideRules } from "./check-override-rules.ts";
import { type Finding, readDocument } from "./document.ts";
import { findingsOf } from "./findings.ts";
import { type OverrideEntry, OverrideFileSchema } from "./override-schema.ts";
import { salvage } from "./schema-walk.ts";

interface ReadRules {
  readonly rules: readonly OverrideRuleSettings[];
  /** OVERRIDE_MALFORMED, in the order of the file. */
  readonly errors: readonly MergeError[];
}

/** @param file name of the file, for messages */
export function readOverrideRules(source: string, file: string): ReadRules {
  if (source.startsWith("\ufeff")) {
    const message = `${file}:1:1: Cannot read YAML: it begins with a byte order mark, it must be plain UTF-8`;
    return { rules: [], errors: [new MergeError("OVERRIDE_MALFORMED", message, { file })] };
  }
  const { document, findings } = readDocument(source, file, undefined);
  if (document === undefined) return { rules: [], errors: malformed(findings, file) };
  // Nothing but comments.
  if (document.value === null) return { rules: [], errors: [] };
  const parsed = OverrideFileSchema.safeParse(document.value);
  const issues = parsed.success ? [] : parsed.error.issues.flatMap((issue) => findingsOf(OverrideFileSchema, issue, document));
  const draft = parsed.success ? parsed.data : (salvage(OverrideFileSchema, document.value) ?? []);
  const errors = malformed([...issues, ...checkOverrideRules(draft, document)], file);
  if (!parsed.success || errors.length > 0) return { rules: [], errors };
  const lineOf = (position: number): number => Number(/:(\d+):\d+$/.exec(document.spot([position]).text)?.[1] ?? 0);
  return { rules: parsed.data.flatMap((entry, position) => rulesOf(entry, file, lineOf(position))), errors };
}

/** One value can fail several checks in the same words: once is enough. */
function malformed(findings: readonly Finding[], file: string): readonly MergeError[] {
  const once = new Map(findings.map((one) => [`${one.spot.offset} ${one.message}`, one]));
  return [...once.values()]
    .sort((left, right) => left.spot.offset - right.spot.offset)
    .map(({ spot, message }) => new MergeError("OVERRIDE_MALFORMED", `${spot.text}: ${message}`, { file }));
}

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
