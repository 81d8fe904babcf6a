/** What override files of every form may say of fields. */
import { isRelation, MAX_KEPT_BYTES, PARSED_RELATIONS } from "./relation-syntax.ts";

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

/** In Sources apt parses none before somebody asks for a package. */
const PARSED: ReadonlySet<string> = new Set(PARSED_RELATIONS);

/** apt warns of other values in each update, and goes by none of them. */
const [FLAG, MULTI_ARCH] = [
  ["yes", "no"],
  ["no", "same", "foreign", "allowed"],
];
const WORDS: ReadonlyMap<string, readonly string[] | undefined> = new Map([
  ["essential", FLAG],
  ["important", FLAG],
  ["protected", FLAG],
  ["build-essential", FLAG],
  ["multi-arch", MULTI_ARCH],
]);

/**
 * What apt cannot read of what an override sets: like a stanza of a mirror that has it, it would cost clients all their indices, or be a
 * warning in each update.
 *
 * @returns completes the sentence "it must be …"; undefined when there is nothing to say
 */
export function valueFault(field: string, value: string): string | undefined {
  const name = field.toLowerCase();
  const bytes = Buffer.from(value);
  if (PARSED.has(name) && !isRelation(bytes, 0, bytes.length)) return "relations that apt can read, such as libc6 (>= 2.36)";
  if (name === "provides" && /\(\s*[<>]/.test(value)) return "names, with no other version than one behind =";
  const words = WORDS.get(name);
  if (words !== undefined && !words.includes(value.trim())) return `one of ${words.join(", ")}`;
  if (name !== "section") return undefined;
  if (bytes.length > MAX_KEPT_BYTES) return `a section of at most ${MAX_KEPT_BYTES} bytes`;
  return isSection(value) ? undefined : "one word without a comma, such as net or contrib/net";
}

/** One that Contents can hold, where commas part locations. */
export const isSection = (text: string): boolean => /^[^\s,]+$/.test(text);
