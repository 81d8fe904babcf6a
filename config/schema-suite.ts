/** The part of the schema below `suites:`. */
import { z } from "zod";
import { isLanguage, parseArchitecture, parseComponentName, parseSuiteName, parseSuitePath } from "../lib/archive/names.ts";
import { duration, keyName, line, list, name, orUndefined, parsed, splitFrom, text, word } from "./fields.ts";
import { PolicySchema } from "./schema-policy.ts";
import { DAY_MS } from "./units.ts";

const COMPONENT = "a component: letters, digits and . _ + ~ -";
const COMPONENTS = "a list of components";
const KINDS = ["packages", "sources", "udeb", "translation", "contents", "dep11", "cnf"] as const;
const FROM = 'MIRROR/SUITE, such as "debian/bookworm", or a map with mirror and suite';
const UPSTREAM_SUITE = "a path below dists, or end in / for a flat archive";

/** Fields of Release that aptmerge writes itself, or that would tell clients to trust other keys. In lower case. */
const OWN_FIELDS: ReadonlySet<string> = new Set([
  "date",
  "valid-until",
  "architectures",
  "components",
  "acquire-by-hash",
  "no-support-for-architecture-all",
  "md5sum",
  "sha1",
  "sha256",
  "sha512",
  "signed-by",
]);

const component = name(parseComponentName, COMPONENT);
const kinds = () => list(word(KINDS), `a list of ${KINDS.join(", ")}`);

const FromMap = z.strictObject(
  {
    mirror: text("the name of a mirror").describe("Name of a mirror under mirrors. Required."),
    suite: name(parseSuitePath, UPSTREAM_SUITE).describe(
      "The suite as the mirror knows it: path below dists, or ending in / for a flat archive (./ at the URL itself). Required.",
    ),
    components: z
      .union(
        [
          list(component, COMPONENTS),
          z
            .record(keyName(parseComponentName, COMPONENT), component, { error: COMPONENTS })
            .refine((map) => Object.keys(map).length > 0, COMPONENTS),
        ],
        { error: "a list of components, or a map of the mirror's components to merged ones" },
      )
      .optional()
      .describe("Components to take: a list, or a map of the mirror's component to the merged one. Default: the suite's components."),
    component: component.optional().describe("Merged component of a flat archive, which has none itself. Default: main."),
    codename: line("the Codename or Suite that its Release says")
      .optional()
      .describe("Codename or Suite that its Release says, when it is not the name of the folder. Default: the folder's name."),
  },
  { error: FROM },
);

/** One entry of `from`, whichever way it was written. */
export type FromEntry = z.output<typeof FromMap>;

const From = z.union([parsed(text(FROM), (value): FromEntry | undefined => splitFrom(value, parseSuitePath), FROM), FromMap], {
  error: FROM,
});

const LANGUAGES = "a list of languages such as en or pt_BR, or all";
const language = parsed(text(LANGUAGES), (value) => (isLanguage(value) ? value : undefined), "a language such as en or pt_BR");

const ARCHITECTURE = "an architecture such as amd64, or source; all is folded into each";
const architecture = parsed(
  text(ARCHITECTURE),
  (value) => (value === "all" ? undefined : orUndefined(parseArchitecture)(value)),
  ARCHITECTURE,
);

const fieldName = text("a field name").superRefine((value, context) => {
  if (!/^[A-Za-z][A-Za-z0-9-]{0,99}$/.test(value)) context.addIssue({ code: "custom", message: "a field name: letters, digits and -" });
  else if (OWN_FIELDS.has(value.toLowerCase()))
    context.addIssue({ code: "custom", message: "left out, aptmerge decides about this field itself" });
});

export const SuiteSchema = z.strictObject(
  {
    aliases: list(name(parseSuiteName, "a path of letters, digits and . _ + ~ - below dists"), "a list of names", 0)
      .prefault([])
      .describe("Further names of the suite: symlinks beside it. Default: []."),
    from: list(From, `a list of ${FROM}`).describe("What is merged, highest priority first: MIRROR/SUITE, or a map. Required."),
    components: list(component, COMPONENTS).describe("Components of the merged suite, in their order. Required."),
    architectures: list(architecture, "a list of architectures").describe(
      "Architectures of the merged suite; source adds Sources. all is folded into each. Required.",
    ),
    languages: z
      .union([z.literal("all"), list(language, LANGUAGES, 0)], { error: LANGUAGES })
      .prefault(["en"])
      .describe("Languages of Translation files: a list such as [en, de, pt_BR], or all. [] takes none. Default: [en]."),
    indices: kinds()
      .prefault([...KINDS])
      .describe("Kinds of index that are merged. Default: all that a mirror offers."),
    essential: kinds()
      .optional()
      .describe("Kinds without which the suite fails; of the others a file that cannot be had is left out. Default: [packages, sources]."),
    release: z
      .record(fieldName, line("one line of text without control characters"), { error: "a map of field names to text" })
      .prefault({})
      .describe("Fields of the merged Release, such as Origin, Label, Suite, Codename, Version, Description. Default: none."),
    "valid-for": duration(1, 3660 * DAY_MS, "a duration such as 7d")
      .optional()
      .describe("Valid-Until is this far ahead; renewed when half of it has passed. Duration such as 7d. Default: no Valid-Until."),
    policy: PolicySchema.prefault({}).describe("Rules for this suite; what is not given here comes from the policy of the config."),
  },
  { error: "a map with from, components and architectures" },
);
