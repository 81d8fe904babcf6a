/** The policy of the config: who wins a name, pins, bans and guards. */
import { z } from "zod";
import { isGlob, isNamePattern } from "../lib/archive/name-patterns.ts";
import { parseArchitecture, parseMirrorName, parseSuiteName, parseSuitePath } from "../lib/archive/names.ts";
import { isVersion, parseVersionConstraint } from "../lib/archive/version.ts";
import type { MirrorChoice } from "../lib/settings.ts";
import { flag, label, line, list, name, oneOrMore, orUndefined, parsed, share, splitFrom, text, word } from "./fields.ts";

export const NAME_PATTERN = "a package name, or a pattern with * and ?";
const MIRROR = "MIRROR or MIRROR/SUITE, as in from";
const SUITE = "the name of a merged suite";
export const ARCHITECTURE = "an architecture such as amd64, or source";
const CONSTRAINT = 'a version with one of << <= = >= >>, such as "<< 2.0"';
const VERSION = "a version such as 1:2.0-3";
const PLAIN_NAME = "the name of one package, without * and ?";

const pattern = () => label(NAME_PATTERN).refine(isNamePattern, NAME_PATTERN);

/** `MIRROR`, or `MIRROR/SUITE` for one of its suites. */
function parseChoice(value: string): MirrorChoice | undefined {
  if (!value.includes("/")) {
    const mirror = orUndefined(parseMirrorName)(value);
    return mirror && { mirror, suite: undefined };
  }
  const parts = splitFrom(value, parseSuitePath);
  const mirror = parts && orUndefined(parseMirrorName)(parts.mirror);
  return parts && mirror && { mirror, suite: parts.suite };
}

export const mirrorChoice = () => parsed(text(MIRROR), parseChoice, MIRROR);
export const constraint = () => parsed(label(CONSTRAINT), parseVersionConstraint, CONSTRAINT);

const conditions = {
  package: pattern().optional().describe("The stanza's own name: a name, or a pattern with * and ?. This or source is required."),
  source: pattern()
    .optional()
    .describe("Name of the source that it is or was built from: a name, or a pattern. This or package is required."),
  suite: oneOrMore(name(parseSuiteName, SUITE), `${SUITE}, or a list of them`)
    .optional()
    .describe("Only in these merged suites: a name or a list. Default: all."),
  architecture: name(parseArchitecture, ARCHITECTURE)
    .optional()
    .describe("Only in the merged index of this architecture; source for Sources. Default: all."),
  version: constraint()
    .optional()
    .describe('Only these versions, of the stanza or with source of its source, such as "<< 2.0". Default: all.'),
};

const ONE = "a map with either package or source";

/** A rule goes by the one name or the other. */
const byOne = (rule: { readonly package?: string | undefined; readonly source?: string | undefined }): boolean =>
  (rule.package === undefined) !== (rule.source === undefined);

const PIN = "a map with package or source, and mirror";

const Pin = z
  .strictObject(
    {
      ...conditions,
      mirror: mirrorChoice().describe("Who wins: a mirror, or one of its suites as MIRROR/SUITE. Required."),
      until: z
        .strictObject(
          {
            package: label(PLAIN_NAME)
              .refine((value) => isNamePattern(value) && !isGlob(value), PLAIN_NAME)
              .describe("Name of a package; of a source pin also of a source. Required."),
            version: label(VERSION).refine(isVersion, VERSION).describe("The version that ends the pin, or a higher one. Required."),
          },
          { error: "a map with package and version" },
        )
        .optional()
        .describe(
          "The pin ends by itself as soon as another mirror, none that is limited, offers this package in this version or a higher one. Default: never.",
        ),
    },
    { error: PIN },
  )
  .refine(byOne, ONE);

const BAN = "a map with package or source";

const Ban = z
  .strictObject(
    {
      ...conditions,
      mirror: mirrorChoice()
        .optional()
        .describe("Only of this mirror, or of one of its suites as MIRROR/SUITE; the next one may win the name. Default: of all."),
      dependents: word(["drop", "report", "keep"])
        .optional()
        .describe(
          "What becomes of packages whose Pre-Depends or Depends no longer hold: drop takes them out too, report tells of them, keep leaves them. Default: drop.",
        ),
      report: list(word(["recommends", "suggests"]), "a list of recommends and suggests")
        .optional()
        .describe("Weaker relations to what is banned that the report tells of. Default: none."),
      reason: line("one line of text").optional().describe("Why, for reports and explain. Default: none."),
    },
    { error: BAN },
  )
  .refine(byOne, ONE);

/** One rule of either list, as the schema gives it. */
export type PinEntry = z.output<typeof Pin>;
export type BanEntry = z.output<typeof Ban>;

export const PolicySchema = z.strictObject(
  {
    winner: word(["priority", "newest", "all"])
      .optional()
      .describe(
        "Who wins a name: priority (the first mirror that offers it), newest (the highest version, ties to the first mirror) or all (every version). Default: priority.",
      ),
    sources: word(["keep", "strict", "off"])
      .optional()
      .describe(
        "keep: a losing source stays while a kept binary needs it; strict: a binary whose source another mirror won goes; off: sources only have their own contest. Default: keep.",
      ),
    pin: z
      .array(Pin, { error: `a list of rules, each ${PIN}` })
      .optional()
      .describe(
        "Mirrors that win for named packages, whatever the order; the first that offers the name counts. A suite's come before the shared ones; [] in a suite clears them.",
      ),
    ban: z
      .array(Ban, { error: `a list of rules, each ${BAN}` })
      .optional()
      .describe("Packages that are never merged. A suite's are added to the shared ones; [] in a suite clears them."),
    "max-shrink": share("a share such as 20%, at most 100%")
      .optional()
      .describe("A suite that would lose more of its stanzas than this in one run is held. Percent such as 20%. Default: 20%."),
    uninstallable: word(["hold", "report", "off"])
      .optional()
      .describe(
        "When packages cannot be installed from the suite that the last generation could install or did not have: hold the suite, report them, or off. Default: hold.",
      ),
    debcheck: flag()
      .optional()
      .describe("Whether dose-debcheck is asked too, which also looks at Conflicts; needs dose-distcheck. Default: false."),
  },
  { error: "a map" },
);
