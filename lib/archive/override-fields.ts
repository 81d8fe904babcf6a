/** What override files of every form may say of fields. */

export const PRIORITIES: ReadonlySet<string> = new Set(["required", "important", "standard", "optional", "extra", "source"]);

/** Fields that say what a stanza is and where its files lie, in lower case: an override may not lie about them. */
export const FIXED_FIELDS: ReadonlySet<string> = new Set(
  ["Package", "Source", "Version", "Architecture", "Filename", "Size", "MD5sum", "SHA1", "SHA256", "SHA512", "Description-md5"]
    .concat(["Binary", "Directory", "Files", "Checksums-Sha1", "Checksums-Sha256", "Checksums-Sha512", "Format"])
    .map((field) => field.toLowerCase()),
);

/** Fields that are lists of relations, as they are usually written. */
export const RELATION_FIELD_NAMES: readonly string[] = [
  "Pre-Depends",
  "Depends",
  "Recommends",
  "Suggests",
  "Enhances",
  "Breaks",
  "Conflicts",
  "Replaces",
  "Provides",
  "Build-Depends",
  "Build-Depends-Arch",
  "Build-Depends-Indep",
  "Build-Conflicts",
  "Build-Conflicts-Arch",
  "Build-Conflicts-Indep",
];
