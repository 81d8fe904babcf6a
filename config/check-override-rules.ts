/** What the schema of YAML override files cannot say: several parts of a rule together. */
import { PRIORITIES, valueFault } from "../lib/archive/override-fields.ts";
import type { ConfigDocument, Finding } from "./document.ts";
import { unfit } from "./findings.ts";
import { type OverrideEntry, RULE } from "./override-schema.ts";
import { type Draft, isMap } from "./schema-walk.ts";

type Path = readonly PropertyKey[];
type Rule = Draft<OverrideEntry>;

const PARTS = ["set", "remove", "drop-relations", "inherit"] as const;
const KNOWN: ReadonlySet<string> = new Set(["match", "reason", ...PARTS]);

/** @param rules as far as they are sound, so that one fault hides no other */
export function checkOverrideRules(rules: readonly (Rule | undefined)[], document: ConfigDocument): readonly Finding[] {
  return rules.flatMap((rule, position) => (rule === undefined ? [] : checkRule(rule, position, document)));
}

function checkRule(rule: Rule, position: number, document: ConfigDocument): readonly Finding[] {
  const path = [position];
  const keys = document.keys(path);
  const findings: Finding[] = [];
  // Without match that is told; a misspelt key may be the one that is missed.
  const isIdle = keys.includes("match") && !PARTS.some((part) => keys.includes(part)) && keys.every((key) => KNOWN.has(key));
  if (isIdle) findings.push(unfit(document, path, RULE));
  for (const [field, text] of Object.entries(isMap(rule.set) ? rule.set : {})) {
    const wanted = text === undefined ? undefined : wantedValue(field, text);
    if (wanted !== undefined) findings.push(unfit(document, [...path, "set", field], wanted));
  }
  for (const part of ["set", "drop-relations"] as const) {
    const place = [...path, part];
    findings.push(...twice(document.keys(place).map((field) => [field, [...place, field]])).map((at) => unfit(document, at, ONCE)));
  }
  for (const part of ["remove", "inherit"] as const) {
    const fields = (rule[part] ?? []).flatMap((field, index): [string, Path][] =>
      field === undefined ? [] : [[field, [...path, part, index]]],
    );
    findings.push(...twice(fields).map((at) => unfit(document, at, ONCE)));
  }
  return findings;
}

const ONCE = "listed only once, whatever its case";

/** Places of fields that stand there before in another case; the same word again is told by others. */
function twice(fields: readonly (readonly [field: string, path: Path])[]): readonly Path[] {
  const seen = new Map<string, string>();
  return fields.flatMap(([field, path]) => {
    const before = seen.get(field.toLowerCase());
    seen.set(field.toLowerCase(), before ?? field);
    return before === undefined || before === field ? [] : [path];
  });
}

function wantedValue(field: string, text: string): string | undefined {
  if (field.toLowerCase() !== "priority") return valueFault(field, text);
  return PRIORITIES.has(text) ? undefined : `one of ${[...PRIORITIES].join(", ")}`;
}
