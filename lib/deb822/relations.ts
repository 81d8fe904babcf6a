/**
 * Relation fields (Depends, Provides, Build-Depends, …) as dpkg reads them. Values are latin1 text of hostile bytes: each function walks
 * its text once, whatever it holds.
 *
 * @see deb-control(5), deb-src-control(5); Debian policy 7.1
 */
import { isVersion, type VersionConstraint, type VersionOperator } from "../archive/version.ts";
import { isArchitecture } from "./architecture-wildcards.ts";

/** One package of a relation: `name:qualifier (op version) [architectures] <profiles>`. */
export interface Alternative {
  readonly name: string;
  /** `any`, `native` or an architecture. */
  readonly qualifier: string | undefined;
  readonly constraint: VersionConstraint | undefined;
  /** Words between brackets, such as `!amd64`; empty when there are none. */
  readonly architectures: readonly string[];
  /** Each `<…>` with its words; empty when there are none. */
  readonly profiles: readonly (readonly string[])[];
}

const TAB = 0x09;
const NEWLINE = 0x0a;
const RETURN = 0x0d;
const SPACE = 0x20;
const OPEN_ROUND = 0x28;
const COLON = 0x3a;
const LESS = 0x3c;
const EQUAL = 0x3d;
const GREATER = 0x3e;
const OPEN_SQUARE = 0x5b;

const QUALIFIER = /^[A-Za-z0-9][A-Za-z0-9-]*$/;
const ARCHITECTURE_WORD = /^!?[A-Za-z0-9][A-Za-z0-9-]*$/;
const PROFILE_WORD = /^!?[A-Za-z0-9][A-Za-z0-9._+-]*$/;

const NONE: readonly never[] = [];

/** Blanks of ASCII only: `trim` would also take byte 0xA0, which is part of a (malformed) name. */
const isBlank = (code: number): boolean => code === SPACE || code === NEWLINE || code === TAB || code === RETURN;

/**
 * The groups of a relation field, which commas part: trimmed, each run of white space folded to one blank, empty ones left out. Equal
 * relations have equal text then, however the field was folded.
 */
export function splitGroups(value: string): readonly string[] {
  const text = needsFolding(value) ? value.replace(/[ \t\r\n]+/g, " ") : value;
  const groups: string[] = [];
  for (let start = 0; start <= text.length; ) {
    const comma = text.indexOf(",", start);
    const end = comma < 0 ? text.length : comma;
    const from = skipBlanks(text, start, end);
    const to = skipBlanksBack(text, from, end);
    if (to > from) groups.push(text.slice(from, to));
    start = end + 1;
  }
  return groups;
}

const needsFolding = (value: string): boolean =>
  value.includes("\n") || value.includes("  ") || value.includes("\t") || value.includes("\r");

function skipBlanks(text: string, start: number, end: number): number {
  let at = start;
  while (at < end && isBlank(text.charCodeAt(at))) at++;
  return at;
}

function skipBlanksBack(text: string, start: number, end: number): number {
  let at = end;
  while (at > start && isBlank(text.charCodeAt(at - 1))) at--;
  return at;
}

/**
 * The alternatives of one group, in order. White space between the parts may be missing, a version without operator means `=`, and `<` and
 * `>` alone mean `<=` and `>=`: dpkg and apt still read old packages so.
 *
 * @returns undefined when any of them is malformed: what the group wants is not known then
 */
export function parseGroup(text: string): readonly Alternative[] | undefined {
  const bar = text.indexOf("|");
  if (bar < 0) {
    const only = parseAlternative(text, 0, text.length);
    return only === undefined ? undefined : [only];
  }
  const alternatives: Alternative[] = [];
  let [start, end] = [0, bar];
  for (;;) {
    const alternative = parseAlternative(text, start, end);
    if (alternative === undefined) return undefined;
    alternatives.push(alternative);
    if (end === text.length) return alternatives;
    start = end + 1;
    const next = text.indexOf("|", start);
    end = next < 0 ? text.length : next;
  }
}

/** The order of the parts is fixed, as for dpkg: name, version, architectures, profiles. */
function parseAlternative(text: string, start: number, end: number): Alternative | undefined {
  const from = skipBlanks(text, start, end);
  const nameEnd = skipName(text, from, end);
  if (nameEnd === from) return undefined;
  const name = text.slice(from, nameEnd);
  let at = nameEnd;
  let qualifier: string | undefined;
  if (at < end && text.charCodeAt(at) === COLON) {
    const wordEnd = skipWord(text, at + 1, end);
    qualifier = text.slice(at + 1, wordEnd);
    if (!QUALIFIER.test(qualifier)) return undefined;
    at = wordEnd;
  }
  at = skipBlanks(text, at, end);
  let constraint: VersionConstraint | undefined;
  if (at < end && text.charCodeAt(at) === OPEN_ROUND) {
    const close = text.indexOf(")", at);
    if (close < 0 || close >= end) return undefined;
    constraint = parseConstraint(text, at + 1, close);
    if (constraint === undefined) return undefined;
    at = skipBlanks(text, close + 1, end);
  }
  let architectures: readonly string[] = NONE;
  if (at < end && text.charCodeAt(at) === OPEN_SQUARE) {
    const close = text.indexOf("]", at);
    if (close < 0 || close >= end) return undefined;
    const words = wordsOf(text, at + 1, close, ARCHITECTURE_WORD);
    if (words === undefined) return undefined;
    architectures = words;
    at = skipBlanks(text, close + 1, end);
  }
  let profiles: (readonly string[])[] | undefined;
  while (at < end && text.charCodeAt(at) === LESS) {
    const close = text.indexOf(">", at);
    if (close < 0 || close >= end) return undefined;
    const words = wordsOf(text, at + 1, close, PROFILE_WORD);
    if (words === undefined) return undefined;
    profiles ??= [];
    profiles.push(words);
    at = skipBlanks(text, close + 1, end);
  }
  return at === end ? { name, qualifier, constraint, architectures, profiles: profiles ?? NONE } : undefined;
}

const isAlphanumeric = (code: number): boolean =>
  (code >= 0x61 && code <= 0x7a) || (code >= 0x30 && code <= 0x39) || (code >= 0x41 && code <= 0x5a);

/** The end of the package name that starts here; the start when there is none. */
function skipName(text: string, start: number, end: number): number {
  if (start >= end || !isAlphanumeric(text.charCodeAt(start))) return start;
  let at = start + 1;
  for (; at < end; at++) {
    const code = text.charCodeAt(at);
    // + - . _
    if (!isAlphanumeric(code) && code !== 0x2d && code !== 0x2e && code !== 0x2b && code !== 0x5f) break;
  }
  return at;
}

function skipWord(text: string, start: number, end: number): number {
  let at = start;
  for (; at < end; at++) {
    const code = text.charCodeAt(at);
    if (isBlank(code) || code === OPEN_ROUND || code === OPEN_SQUARE || code === LESS) break;
  }
  return at;
}

/** What stands between the round brackets. */
function parseConstraint(text: string, start: number, end: number): VersionConstraint | undefined {
  let at = skipBlanks(text, start, end);
  let operator: VersionOperator = "=";
  const [first, second] = [text.charCodeAt(at), text.charCodeAt(at + 1)];
  if (first === LESS || first === GREATER) {
    const strict = second === first;
    if (first === LESS) operator = strict ? "<<" : "<=";
    else operator = strict ? ">>" : ">=";
    at += strict || second === EQUAL ? 2 : 1;
  } else if (first === EQUAL) at++;
  const from = skipBlanks(text, at, end);
  const version = text.slice(from, skipBlanksBack(text, from, end));
  return isVersion(version) ? { operator, version } : undefined;
}

/** Words that blanks part; undefined when there is none or one is malformed. */
function wordsOf(text: string, start: number, end: number, form: RegExp): readonly string[] | undefined {
  const words = text
    .slice(start, end)
    .split(/[ \t\r\n]/)
    .filter((word) => word !== "");
  return words.length > 0 && words.every((word) => form.test(word)) ? words : undefined;
}

/**
 * A relation field without the alternatives of some names, whatever version, architecture, qualifier or profile stands beside them. A group
 * of which none is left goes with its comma; what stays keeps its bytes. A malformed group stays: it names nobody for sure.
 *
 * @param value the field's value, with or without white space around it
 * @returns the same text when nothing was taken out, undefined when nothing is left
 */
export function withoutNames(value: string, drops: (name: string) => boolean): string | undefined {
  const groups = value.split(",");
  let changed = false;
  const left: string[] = [];
  for (const group of groups) {
    const rest = groupWithout(group, drops);
    if (rest !== undefined) left.push(rest);
    if (rest !== group) changed = true;
  }
  if (!changed) return value;
  const text = left.join(",");
  const from = skipBlanks(text, 0, text.length);
  if (from === text.length) return undefined;
  // The field's own white space: what stood before a group that went is not that of the next one.
  const lead = value.slice(0, skipBlanks(value, 0, value.length));
  const trail = value.slice(skipBlanksBack(value, 0, value.length));
  return `${lead}${text.slice(from, skipBlanksBack(text, from, text.length))}${trail}`;
}

function groupWithout(group: string, drops: (name: string) => boolean): string | undefined {
  const alternatives = parseGroup(group);
  if (alternatives === undefined) return group;
  const stays = alternatives.map(({ name }) => !drops(name));
  if (!stays.includes(false)) return group;
  if (!stays.includes(true)) return undefined;
  const from = skipBlanks(group, 0, group.length);
  const to = skipBlanksBack(group, from, group.length);
  // A well-formed alternative holds no bar.
  const rest = group
    .split("|")
    .filter((_, position) => stays[position])
    .join("|");
  const start = skipBlanks(rest, 0, rest.length);
  return `${group.slice(0, from)}${rest.slice(start, skipBlanksBack(rest, start, rest.length))}${group.slice(to)}`;
}

/**
 * Whether an alternative is meant for an architecture: named in its brackets, or not excluded there.
 *
 * @see debarch_is_concerned of dpkg's Dpkg::Arch
 */
export function fitsArchitecture({ architectures }: Alternative, architecture: string): boolean {
  if (architectures.length === 0) return true;
  let fits = false;
  for (const word of architectures) {
    if (!word.startsWith("!")) {
      if (isArchitecture(architecture, word.toLowerCase())) return true;
    } else if (isArchitecture(architecture, word.slice(1).toLowerCase())) return false;
    else fits = true;
  }
  return fits;
}
