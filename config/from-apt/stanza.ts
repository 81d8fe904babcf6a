/**
 * One stanza by debian-control, which answers malformed input by guessing: what it would misread is refused before, and its answer is
 * compared with what stands there.
 */
import control from "debian-control";
import { MergeError } from "../../lib/errors.ts";

const FIELD = /^([!-9;-~]+):/;

/**
 * @param lines of one stanza, without comments and line ends
 * @returns field name in lower case to value; continuation lines are trimmed and joined by newline
 * @throws MergeError CONFIG_INVALID for anything but fields that stand there once
 */
export function readStanza(lines: readonly string[]): ReadonlyMap<string, string> {
  const names = new Set<string>();
  for (const line of lines) {
    const name = FIELD.exec(line)?.[1];
    const continues = names.size > 0 && /^[ \t]+\S/.test(line);
    if (line.includes("\r") || (name === undefined && !continues)) refuse(`"${line.slice(0, 60)}" is no "Name: value"`);
    if (name === undefined) continue;
    const lower = name.toLowerCase();
    if (lower.startsWith("__") || lower.startsWith("-")) refuse(`"${name}" is no field name`);
    if (names.has(lower)) refuse(`field "${name}" stands there twice`);
    names.add(lower);
  }
  const fields = new Map<string, string>();
  for (const [name, value] of Object.entries(control.parse(lines.join("\n")))) {
    fields.set(name.toLowerCase(), (typeof value === "string" ? value : value.join("\n")).trim());
  }
  for (const name of names) if (!fields.has(name)) refuse(`field "${name}" was lost`);
  return fields;
}

function refuse(found: string): never {
  throw new MergeError("CONFIG_INVALID", `its stanza cannot be read: ${found}`);
}
