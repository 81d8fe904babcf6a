/** The form of a YAML override file: a list of rules. Every `error` text completes the sentence "it must be …". */
import { z } from "zod";
import { isNamePattern } from "../lib/archive/name-patterns.ts";
import { parseComponentName, parseSuiteName } from "../lib/archive/names.ts";
import { FIXED_FIELDS, RELATION_FIELD_NAMES } from "../lib/archive/override-fields.ts";
import { label, line, list, name, word } from "./fields.ts";
import { constraint, mirrorChoice, NAME_PATTERN } from "./schema-policy.ts";

const FIELD = "a field name";
const NAMES = "a list of package names or patterns";
const NAME_OR_NAMES = "a package name or pattern, or a list of them";
const ARCHITECTURE = "an architecture such as amd64, or all";
const SET = "a map of fields to text, such as { Section: net }";
const DROPS = "a map of relation fields to lists of names, such as { Recommends: [NAME] }";
const MATCH = "a map of what the rule speaks of, such as { package: NAME }";
export const RULE = "a map with match and one of set, remove, drop-relations and inherit";

const fieldFault = (field: string): string | undefined => {
  if (!/^[A-Za-z0-9][!-9;-~]{0,99}$/.test(field)) return `${FIELD} without blanks and colon`;
  return FIXED_FIELDS.has(field.toLowerCase()) ? "another field: this one says what the package is and stays as it came" : undefined;
};

const isFilled = (map: object): boolean => Object.keys(map).length > 0;

const field = () =>
  label(FIELD).superRefine((value, context) => {
    const fault = fieldFault(value);
    if (fault !== undefined) context.addIssue({ code: "custom", message: fault });
  });

/** Text of one line or several; YAML's `|` leaves a newline at the end, which does not count. */
const value = () =>
  label("text")
    .transform((text) => text.replace(/\n+$/, ""))
    .superRefine((text, context) => {
      if (text.trim() === "") context.addIssue({ code: "custom", message: "text that is not empty; remove takes a field away" });
      else if (/[^\P{Cc}\n]/u.test(text)) context.addIssue({ code: "custom", message: "text without control characters" });
    });

const quotes = (input: unknown, wanted: string): string =>
  typeof input === "number" || typeof input === "boolean" ? `${wanted}, in quotes` : wanted;
const pattern = () => label(NAME_PATTERN).refine(isNamePattern, NAME_PATTERN);
const relationField = () =>
  label(FIELD).superRefine((key, context) => {
    if (RELATION_FIELD_NAMES.some((one) => one.toLowerCase() === key.toLowerCase())) return;
    context.addIssue({ code: "custom", message: `a relation field: ${RELATION_FIELD_NAMES.join(", ")}` });
  });

const Match = z
  .strictObject(
    {
      package: z.union([pattern(), list(pattern(), NAMES)], { error: ({ input }) => quotes(input, NAME_OR_NAMES) }).optional(),
      source: pattern().optional(),
      suite: name(parseSuiteName, "the name of a merged suite").optional(),
      component: name(parseComponentName, "a merged component").optional(),
      mirror: mirrorChoice().optional(),
      architecture: label(ARCHITECTURE)
        .regex(/^[a-z0-9][a-z0-9-]*$/, ARCHITECTURE)
        .optional(),
      version: constraint().optional(),
      type: word(["deb", "udeb", "source"]).optional(),
    },
    { error: MATCH },
  )
  .superRefine((match, context) => {
    // A misspelt key has been told already.
    if (context.issues.length > 0 || Object.values(match).some((each) => each !== undefined)) return;
    context.addIssue({ code: "custom", message: MATCH });
  });

const Rule = z.strictObject(
  {
    match: Match,
    set: z.record(field(), value(), { error: SET }).refine(isFilled, SET).optional(),
    remove: list(field(), "a list of fields").optional(),
    "drop-relations": z.record(relationField(), list(pattern(), NAMES), { error: DROPS }).refine(isFilled, DROPS).optional(),
    inherit: list(field(), "a list of fields").optional(),
    reason: line("one line of text").optional(),
  },
  { error: RULE },
);

export const OverrideFileSchema = z.array(Rule, { error: `a list of rules, each ${RULE}` });

export type OverrideEntry = z.output<typeof Rule>;
