/**
 * The closed table of problem codes. A code fixes the exit status and the hint; messages say what was found and what was wanted.
 *
 * @see CONTRACT: exit statuses 2-9, 70, 75
 */
export const CODES = {
  USAGE: { exit: 2, hint: "See aptmerge --help" },

  CONFIG_MISSING: { exit: 3, hint: "Write one with: aptmerge init --from-apt DIR, or name it with --config FILE" },
  CONFIG_SYNTAX: { exit: 3, hint: "Mend the YAML at the place named, then try: aptmerge check" },
  CONFIG_INVALID: { exit: 3, hint: "Mend the config at the place named, then try: aptmerge check" },
  KEYRING_UNUSABLE: { exit: 3, hint: "Give signed-by a readable OpenPGP public keyring, binary or armored, that holds the pinned keys" },
  OVERRIDE_MALFORMED: { exit: 3, hint: "Mend the override file at the place named, then try: aptmerge check" },
  APT_SOURCES_ABSENT: { exit: 3, hint: "Write a config by hand, starting from: aptmerge init DIR" },
  INIT_REFUSED: { exit: 3, hint: "Name an empty folder, or remove what stands there" },

  MIRROR_UNREACHABLE: { exit: 4, hint: "Check the URL and the network; add a second URL of the same archive to the mirror" },
  MIRROR_BROKE_OFF: { exit: 4, hint: "Run again; add a second URL of the same archive to the mirror if it keeps happening" },
  MIRROR_TOO_SLOW: { exit: 4, hint: "Raise the mirror's timeout, or put a faster URL first" },
  MIRROR_REFUSED: { exit: 4, hint: "Check the URL, the proxy and the credentials of the mirror" },
  REDIRECT_REFUSED: { exit: 4, hint: "Put the URL that the mirror redirects to into the config, if it is to be trusted" },
  DOWNLOAD_LIMIT: {
    exit: 5,
    hint: "Check the mirror; an index may not be larger than its signed Release says, a Release not larger than 10 MiB",
  },
  RELEASE_ABSENT: { exit: 4, hint: "Check the suite's name, or set on-failure: skip for a mirror that may lack it" },
  INDEX_ABSENT: { exit: 4, hint: "The mirror is half-pushed: run again later, or put another URL of the archive first" },
  STORE_LACKS: { exit: 4, hint: "Run once without --offline; where that finds nothing changed: aptmerge merge --full" },

  CLEARSIGN_MALFORMED: {
    exit: 5,
    hint: "The file is not what the archive signed: look for a proxy or a login page between, then ask the mirror",
  },
  RELEASE_UNSIGNED: {
    exit: 5,
    hint: "Nobody vouches for it: use another URL of the archive, and ask the mirror where InRelease and Release.gpg went",
  },
  SIGNATURE_BAD: { exit: 5, hint: "The file was changed after signing: use another URL of the archive and tell the mirror" },
  SIGNATURE_UNTRUSTED: { exit: 5, hint: "If the archive has a new key, check it by another way and add it to the mirror's signed-by" },
  RELEASE_EXPIRED: {
    exit: 5,
    hint: "Use a mirror that is up to date; check-valid-until: false only for archives that are known to be frozen",
  },
  RELEASE_FROM_FUTURE: { exit: 5, hint: "Check this machine's clock, then ask the mirror" },
  RELEASE_ROLLBACK: { exit: 5, hint: "Wait for the mirror, or accept it once: aptmerge merge --accept-older MIRROR/SUITE" },
  RELEASE_EQUIVOCAL: {
    exit: 5,
    hint: "Compare with another mirror of the archive, or accept it once: aptmerge merge --accept-older MIRROR/SUITE",
  },
  RELEASE_WRONG_SUITE: { exit: 5, hint: "Correct the suite, or name what its Release says with codename: NAME in the suite's from entry" },
  RELEASE_WEAK: { exit: 5, hint: "Ask the archive for SHA256; allow-weak: true accepts SHA1 and MD5 for this mirror" },
  RELEASE_UNDATED: { exit: 5, hint: "A Release without a usable Date cannot be protected against rollback: ask the archive to write one" },
  INDEX_MISMATCH: {
    exit: 5,
    hint: "Mirror sync in progress (it is half-pushed), or a proxy keeps old files: run again later, or put another URL of the archive first",
  },
  TRUST_DAMAGED: { exit: 5, hint: "Restore the file from a backup; delete it only after comparing the mirror's Date by hand" },
  TREE_UNSOUND: { exit: 5, hint: "Publish again: aptmerge merge --full" },

  RELEASE_MALFORMED: { exit: 6, hint: "Report it to the archive" },
  INDEX_MALFORMED: { exit: 6, hint: "Report it to the archive; meanwhile take the mirror out of the suite" },
  INDEX_TOO_LARGE: { exit: 6, hint: "Report it to the archive, or raise max-index-size or max-stanzas of the mirror" },
  SUITE_EMPTY: { exit: 6, hint: "Check components and architectures of the suite against what its mirrors offer" },

  OUTPUT_UNUSABLE: {
    exit: 7,
    hint: "Give aptmerge folders of its own that it may write, for output and for state; what was published before is below OUTPUT/.generations, where current must point to",
  },
  DISK_FAILED: { exit: 7, hint: "Check free space (aptmerge prune makes some), inodes and permissions; the published tree is as it was" },
  COMPRESSOR_MISSING: { exit: 7, hint: "Install it: apt-get install xz-utils; or leave xz out of publish.compress" },
  COMPRESSOR_FAILED: { exit: 7, hint: "Check free memory and the installed xz-utils, then run again; the published tree is as it was" },
  LOCK_UNAVAILABLE: { exit: 7, hint: "Install util-linux for flock, and put the state folder on a disk with file locks" },
  TREE_CHECK_FAILED: {
    exit: 7,
    hint: "The staged tree did not come out as signed and was thrown away: check the disk, run again with --full",
  },

  GENERATION_DAMAGED: { exit: 7, hint: "Choose another generation: aptmerge history; the published tree is as it was" },

  APT_REFUSED: { exit: 7, hint: "The staged tree was thrown away; publish.check-with-apt: false publishes without asking apt" },
  APT_MISSING: { exit: 7, hint: "Run it where apt is installed, or without --with-apt and publish.check-with-apt" },

  SIGNING_KEY_UNUSABLE: { exit: 8, hint: "Check the entry under sign:, its file mode (0600) and its passphrase; see aptmerge check" },
  SIGNING_FAILED: { exit: 8, hint: "Check the signing key and gpg-agent; the published tree is as it was" },

  SUITE_SHRANK: { exit: 9, hint: "Look with: aptmerge diff; if it is meant: aptmerge merge --accept-shrink" },
  RELEASE_CHANGED: {
    exit: 9,
    hint: "If it is meant: aptmerge merge --accept-release-change; apt's users must consent with apt-get update --allow-releaseinfo-change",
  },
  PACKAGES_UNINSTALLABLE: {
    exit: 9,
    hint: "Look with: aptmerge diff; if it is to be published all the same: aptmerge merge --accept-uninstallable",
  },

  STOPPED: { exit: 4, hint: "The published tree is as it was; the next run goes on from the store" },

  BUG: { exit: 70, hint: "Please report this with the command, the config and the lines above" },
  LOCKED: { exit: 75, hint: "Wait for the other run, or give --wait SECONDS" },

  CONFIG_DOUBTFUL: { exit: 0, hint: "Nothing is refused for it; look at the place named" },
  DISK_LOW: { exit: 0, hint: "Make room before the next run needs it" },
  STANZA_CONFLICT: {
    exit: 0,
    hint: "Two mirrors carry different files under one name and version: ask the one that rebuilt without a new version",
  },
  STANZA_REFUSED: { exit: 0, hint: "Report it to the archive; the stanza is left out and no lower mirror takes its name" },
  ENTRIES_UNREADABLE: { exit: 0, hint: "Report it to the archive; the rest of the file is merged" },
  DEBCHECK_MISSING: { exit: 0, hint: "Install it: apt-get install dose-distcheck; or leave out policy.debcheck" },
  RULE_UNUSED: { exit: 0, hint: "Remove the rule, or check its spelling, mirror, architecture and version" },
  MIRROR_LIMITED: { exit: 0, hint: "The mirror is declared privilege: limited; a pin gives it a name all the same" },
  MIRROR_PRIVILEGED: {
    exit: 0,
    hint: "Look whether it is meant; a rule in indices/*.yaml can take fields out (remove, drop-relations), privilege: limited most of them",
  },
  MIRROR_WITHOUT_SOURCES: { exit: 0, hint: "Nothing is said about the sources of its binaries" },
  OVERRIDE_UNUSED: { exit: 0, hint: "Remove the rule, or check its spelling" },
  SIGNING_KEY_EXPIRES: { exit: 0, hint: "Prolong the key or add a successor under sign: while both are valid" },
  ARCHIVE_KEY_EXPIRES: { exit: 0, hint: "Install the archive's new keyring before that day" },
  MIRROR_CACHED: { exit: 0, hint: "on-failure: cached merges the last verified state while a mirror fails" },
  MIRROR_SKIPPED: { exit: 0, hint: "on-failure: skip leaves the mirror out until it first answers" },
  ROLLED_BACK: { exit: 0, hint: "To go on from the newest inputs: aptmerge merge --full" },
  VALID_UNTIL_IGNORED: { exit: 0, hint: "check-valid-until: false is set for this mirror" },
  TREE_UNSIGNED: { exit: 0, hint: "Add a key under sign:; apt refuses unsigned archives" },
  RUNS_SKIPPED: { exit: 0, hint: "Start it less often, or find out what makes it slow: the times are in STATE/runs" },
  TREE_EXPIRES: { exit: 0, hint: "Mend what holds the suite before that day: it is renewed by the next run that succeeds" },
  TREE_LEFTOVERS: { exit: 0, hint: "A run is at work, or one died here: the next one removes it" },
  BINARY_WITHOUT_SOURCE: { exit: 0, hint: "The suite carries binaries whose source stanza is not in it" },
  APT_SOURCE_SKIPPED: { exit: 0, hint: "Add it to the config by hand if it is to be merged" },
  RELEASE_FIELDS_UNKNOWN: { exit: 0, hint: "Fill in release: by hand before the first merge" },
} as const satisfies Record<string, { exit: number; hint: string }>;

export type Code = keyof typeof CODES;
export type Severity = "error" | "warning" | "info";

/** Where a problem was found; every part that is known is named in the report. */
export interface Where {
  readonly mirror?: string;
  readonly suite?: string;
  readonly file?: string;
}

/** One thing to tell the operator. `hint` overrides the table's when it can be more exact. */
export interface Problem extends Where {
  readonly severity: Severity;
  readonly code: Code;
  readonly message: string;
  readonly hint: string;
}

/** Stops a step. Anything else that is thrown is a bug and ends in exit 70. */
export class MergeError extends Error {
  readonly code: Code;
  readonly where: Where;
  override readonly name = "MergeError";

  constructor(code: Code, message: string, where: Where = {}, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
    this.where = where;
  }
}

/** Of the config, the disk or the keys: no mirror's and no suite's, and to go on would publish a part of what was asked for. */
export const isFatal = ({ code }: MergeError): boolean => [3, 7, 8].includes(CODES[code].exit);

/** Several problems found in one pass (config, check): all are reported, the first decides the exit status. */
export class MergeErrors extends Error {
  readonly errors: readonly MergeError[];
  override readonly name = "MergeErrors";

  constructor(errors: readonly MergeError[]) {
    super(errors.map((error) => error.message).join("\n"));
    this.errors = errors;
  }
}

export function problem(severity: Severity, code: Code, message: string, where: Where = {}, hint: string = CODES[code].hint): Problem {
  return { severity, code, message, hint, ...where };
}

/** The problem that a caught value stands for. An unknown value is a bug. */
export function problemOf(thrown: unknown): Problem {
  if (thrown instanceof MergeError) return problem("error", thrown.code, thrown.message, thrown.where);
  return problem("error", "BUG", thrown instanceof Error ? `${thrown.name}: ${thrown.message}` : String(thrown));
}

/** When suites fail differently, the first of these that occurred is the exit status. */
const EXIT_ORDER: readonly number[] = [70, 3, 5, 6, 8, 7, 9, 4];

export function exitStatusOf(problems: readonly Problem[]): number {
  const seen = new Set(problems.filter((p) => p.severity === "error").map((p) => CODES[p.code].exit as number));
  return EXIT_ORDER.find((exit) => seen.has(exit)) ?? [...seen][0] ?? 0;
}
