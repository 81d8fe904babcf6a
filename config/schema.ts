/**
 * The config file: every key with its unit, its default and a sentence. Types, messages and aptmerge.schema.json come from here. What needs
 * more than one key to judge stands in config/check-*.ts.
 */
import { z } from "zod";
import { parseMirrorName, parseSuiteName } from "../lib/archive/names.ts";
import { count, duration, fingerprint, flag, keyName, label, list, oneOrMore, path, pin, size, text, word } from "./fields.ts";
import { PolicySchema } from "./schema-policy.ts";
import { SuiteSchema } from "./schema-suite.ts";
import { DAY_MS } from "./units.ts";
import { urlFault } from "./urls.ts";

const URLS = "a URL or a list of URLs of one archive";
const KEYRINGS = "the path of an OpenPGP keyring, or a list of them";
const KEYRING = "the path of an OpenPGP keyring";
const YEAR_MS = 366 * DAY_MS;

const url = text("an http, https or file URL or a folder").superRefine((value, context) => {
  const fault = urlFault(value);
  if (fault !== undefined) context.addIssue({ code: "custom", message: fault });
});

const keyrings = oneOrMore(path(KEYRING), KEYRINGS);

const Signing = z.union(
  [
    z.strictObject(
      {
        key: path("the path of an OpenPGP secret key").describe("OpenPGP secret key, armored or binary, used in process. Path of a file."),
        passphrase: label("text").prefault("").describe("Passphrase of the key. Default: none. Best taken from the environment."),
      },
      { error: "{ key: FILE }" },
    ),
    z.strictObject(
      {
        gpg: fingerprint("a fingerprint of 40 hexadecimal digits").describe(
          "Fingerprint of a key that gpg-agent holds. 40 hexadecimal digits.",
        ),
        homedir: path("a folder").optional().describe("GnuPG's folder. Path; default: gpg's own."),
      },
      { error: "{ gpg: FINGERPRINT }" },
    ),
  ],
  { error: "{ key: FILE } or { gpg: FINGERPRINT }" },
);

const SignedBy = z.union(
  [
    path(KEYRING),
    list(path(KEYRING), KEYRINGS),
    z.strictObject(
      {
        keyring: keyrings.describe("Keyring file or files. Paths."),
        fingerprints: list(
          pin("a fingerprint of 40 hexadecimal digits, with ! behind it for exactly that subkey"),
          "a list of fingerprints",
        )
          .optional()
          .describe(
            "Only these keys of the keyring count. 40 hexadecimal digits of a primary key; with ! behind it exactly one signing key. Default: all keys.",
          ),
      },
      { error: "a map with keyring and fingerprints" },
    ),
  ],
  { error: "the OpenPGP keyring that may sign this mirror: a path, a list of paths or { keyring: FILE, fingerprints: [...] }" },
);

const Mirror = z.strictObject(
  {
    url: oneOrMore(url, URLS).describe(
      "Where the archive is: http, https or file URL, or a folder. One, or a list that is tried in order.",
    ),
    "signed-by": SignedBy.describe("Who may sign the mirror's Release: keyring file, list of files, or { keyring, fingerprints }. Paths."),
    pool: keyName(parseMirrorName, "one path segment: letters, digits and . _ + ~ -, starting with a letter or digit")
      .optional()
      .describe("Prefix put into Filename and Directory: pool/main/x becomes pool/NAME/main/x. Default: paths stay as they are."),
    "check-valid-until": flag()
      .prefault(true)
      .describe("Whether an expired Release is refused. Default: true; false only for archives that are known to be frozen."),
    "max-age": duration(1, 100 * YEAR_MS, "a duration from 1ms to 36600d, such as 30d")
      .optional()
      .describe(
        "Oldest Release that is accepted, by its Date, whether or not it says Valid-Until. Duration such as 30d. Default: any age.",
      ),
    "allow-weak": flag().prefault(false).describe("Whether a Release with SHA1 or MD5 digests alone is accepted. Default: false."),
    "on-failure": word(["hold", "cached", "skip"])
      .prefault("hold")
      .describe(
        "When the mirror fails: hold keeps the suite's last state, cached merges the last verified state, skip merges without a mirror that never answered. Default: hold.",
      ),
    poll: z
      .union(
        [
          duration(0, YEAR_MS, "a duration such as 15m, 0 or never"),
          z.literal("never", { error: "a duration such as 15m, 0 or never" }).transform(() => Number.POSITIVE_INFINITY),
        ],
        { error: "a duration such as 15m, 0 or never" },
      )
      .prefault("0")
      .describe(
        "Least time between two checks. Duration such as 15m, or never for an archive that does not change. Default: 0, every run.",
      ),
    timeout: duration(1, DAY_MS, "a duration from 1ms to 1d, such as 30s")
      .prefault("30s")
      .describe("How long to wait for a connection, for an answer and for the next bytes. Duration such as 30s. Default: 30s."),
    retries: count(0, 100).prefault(3).describe("Further attempts after the first, at each URL. Count. Default: 3."),
    "max-index-size": size("a size such as 512M or 4G")
      .prefault("4G")
      .describe("Largest uncompressed index that is read. Bytes with K, M, G or T (steps of 1024). Default: 4G."),
    "max-stanzas": count(1, 2_000_000)
      .prefault(500_000)
      .describe("Most stanzas of one index that are read; Debian's largest has 80,000. Count. Default: 500000."),
    privilege: word(["full", "watched", "limited"])
      .prefault("full")
      .describe(
        "What the mirror may say beyond its own packages, such as that one is essential or provides another's. full: all. watched: all, and the report names it. limited: nothing; it may add packages, not take over names that others have. Default: full.",
      ),
  },
  { error: "a map with url and signed-by" },
);

const LEVELS = "a map of gz and xz with a level each, at least one of them";

const Publish = z.strictObject(
  {
    compress: z
      .strictObject(
        {
          gz: count(1, 9).optional().describe("Level of gzip, 1 to 9. Default: not written when only xz is given."),
          xz: count(0, 9).optional().describe("Level of xz, 0 to 9. Default: not written when only gz is given."),
        },
        { error: LEVELS },
      )
      .refine((levels) => levels.gz !== undefined || levels.xz !== undefined, LEVELS)
      .prefault({ gz: 9, xz: 6 })
      .describe("Forms in which indices are written, with a level each. Default: { gz: 9, xz: 6 }."),
    digests: list(word(["SHA256", "SHA512", "MD5Sum"]), "a list of SHA256, SHA512 and MD5Sum")
      .prefault(["SHA256"])
      .describe("Digests that Release lists. SHA256 is always there; SHA512 and MD5Sum may be added. Default: [SHA256]."),
    "by-hash": z
      .union(
        [
          z.literal(false, { error: "{ keep: 3d } or false" }),
          z.strictObject(
            {
              keep: duration(0, YEAR_MS, "a duration such as 3d")
                .prefault("3d")
                .describe("How long superseded files stay reachable. Duration such as 3d. Default: 3d."),
            },
            { error: "{ keep: 3d } or false" },
          ),
        ],
        { error: "{ keep: 3d } or false" },
      )
      .prefault({ keep: "3d" })
      .describe("Indices also under the name of their digest, so that clients survive a switch. false writes none. Default: { keep: 3d }."),
    generations: count(1, 100_000).prefault(10).describe("Generations kept on disk, the live one included. Count. Default: 10."),
    "ban-report": flag()
      .prefault(false)
      .describe("Whether OUTPUT/bans.json lists the packages that bans took out, with chains. Default: false."),
    pdiffs: z
      .union(
        [
          z.literal(false, { error: "{ keep: 56 } or false" }),
          z.strictObject(
            {
              keep: count(1, 1000).prefault(56).describe("States of an index from which a patch leads to the newest. Count. Default: 56."),
            },
            { error: "{ keep: 56 } or false" },
          ),
        ],
        { error: "{ keep: 56 } or false" },
      )
      .prefault({ keep: 56 })
      .describe("Patches from earlier states of an index, so that apt need not fetch it whole. false writes none. Default: { keep: 56 }."),
    "check-with-apt": flag()
      .prefault(false)
      .describe("Whether a real apt-get update must read each merged suite without complaint before the switch. Default: false."),
    "settle-every": duration(0, YEAR_MS, "a duration such as 3d")
      .prefault("3d")
      .describe(
        "Least time between two runs that compress anew what updates have edited: files become a little smaller, the run takes longer. 0s: every run. Default: 3d.",
      ),
  },
  { error: "a map" },
);

const SUITE_KEY = "a path of letters, digits and . _ + ~ - below dists";
const MIRROR_KEY = "letters, digits and . _ + ~ -, starting with a letter or digit";

export const ConfigSchema = z.strictObject(
  {
    state: path("the path of a folder").describe("Folder of downloads, trust records, caches and run reports. Path; required."),
    output: path("the path of a folder").describe("Folder of the published tree. Path; required."),
    overrides: path("the path of a folder").optional().describe("Folder of override indices. Path. Default: indices, when it is there."),
    sign: z
      .array(Signing, { error: "a list of { key: FILE } and { gpg: FINGERPRINT }" })
      .prefault([])
      .describe("Keys that sign InRelease and Release.gpg, every one of them. Default: none, the tree is unsigned and apt refuses it."),
    mirrors: z
      .record(keyName(parseMirrorName, MIRROR_KEY), Mirror, { error: "a map of mirrors by name" })
      .describe("Archives to merge from, by a name of your choice. Required."),
    suites: z
      .record(keyName(parseSuiteName, SUITE_KEY), SuiteSchema, { error: "a map of at least one suite by name" })
      .refine((suites) => Object.keys(suites).length > 0, "a map of at least one suite by name")
      .describe("Merged suites, by their path below OUTPUT/dists. Required."),
    policy: PolicySchema.prefault({}).describe("Rules for every suite that does not say otherwise."),
    publish: Publish.prefault({}).describe("How the tree is written."),
  },
  { error: "a map with state, output, mirrors and suites" },
);

/** The config after parsing: names branded, units converted, defaults of single keys filled in. */
export type Config = z.output<typeof ConfigSchema>;
