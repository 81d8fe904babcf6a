/**
 * The one-line form of apt sources: `deb [ option=value ... ] URI suite component ...`.
 *
 * @see sources.list(5), "ONE-LINE-STYLE FORMAT"
 */
import { MergeError, type Problem } from "../../lib/errors.ts";
import { type AptDefaults, type AptEntry, type Place, type ReadSources, skipped } from "./entry.ts";
import { makeEntries } from "./make-entries.ts";

/** Names of options that have another name in the deb822 form. */
const OPTION_NAMES: Readonly<Record<string, string>> = { arch: "architectures", lang: "languages", target: "targets" };
const FORM = 'it must be "deb [option=value ...] URI suite component ..."';

export function readOneLine(text: string, file: string, defaults: AptDefaults): ReadSources {
  const entries: AptEntry[] = [];
  const problems: Problem[] = [];
  for (const [position, raw] of text.split("\n").entries()) {
    const line = withoutComment(raw).trim();
    if (line === "") continue;
    const place: Place = { file, line: position + 1 };
    try {
      const read = readLine(line, place, defaults);
      entries.push(...read.entries);
      problems.push(...read.problems);
    } catch (error) {
      if (!(error instanceof MergeError)) throw error;
      problems.push(skipped(place, error.message, FORM));
    }
  }
  return { entries, problems };
}

/** `#` ends a line anywhere but inside brackets: fingerprints and paths of options may hold one. */
function withoutComment(line: string): string {
  for (let at = 0; at < line.length; at++) {
    if (line[at] === "#") return line.slice(0, at);
    if (line[at] === "[") at = Math.max(at, line.indexOf("]", at + 1));
  }
  return line;
}

function readLine(line: string, place: Place, defaults: AptDefaults): ReadSources {
  const type = /^\S+/.exec(line)?.[0] ?? "";
  let rest = line.slice(type.length).trimStart();
  const options = new Map<string, string>();
  if (rest.startsWith("[")) {
    const end = rest.indexOf("]");
    if (end < 0) malformed('its "[" has no "]"');
    for (const word of splitWords(rest.slice(1, end))) readOption(word, options);
    rest = rest.slice(end + 1);
  }
  const [uri, suite, ...components] = splitWords(rest);
  if (uri === undefined || suite === undefined) malformed("it names no URI and suite");
  return makeEntries({ types: [type], uris: [uri], suites: [suite], components, options, place }, defaults);
}

function readOption(word: string, options: Map<string, string>): void {
  const match = /^([a-z0-9-]+?)([+-]?)=(.+)$/i.exec(word);
  if (match === null) malformed(`its option is "${word}"`);
  const [, name = "", sign, value = ""] = match;
  const field = OPTION_NAMES[name.toLowerCase()] ?? name.toLowerCase();
  options.set(`${field}${sign === "+" ? "-add" : sign === "-" ? "-remove" : ""}`, value);
}

/** Words as apt splits them: blanks inside quotes or brackets belong to the word, quotes go, `%20` becomes a blank. */
function splitWords(text: string): string[] {
  const words: string[] = [];
  let word = "";
  let closing = "";
  for (const sign of text) {
    if (closing !== "") {
      if (sign === closing) closing = "";
      if (sign !== '"') word += sign;
    } else if (sign === '"') closing = '"';
    else if (sign === "[") {
      closing = "]";
      word += sign;
    } else if (!/\s/.test(sign)) word += sign;
    else if (word !== "") {
      words.push(word);
      word = "";
    }
  }
  if (closing !== "") malformed(`it has no closing ${closing}`);
  if (word !== "") words.push(word);
  return words.map((found) => found.replace(/%[2-7][0-9A-Fa-f]/g, (code) => String.fromCharCode(Number.parseInt(code.slice(1), 16))));
}

function malformed(found: string): never {
  throw new MergeError("CONFIG_INVALID", found);
}
