/** Changes fields of one stanza in its bytes. What is not named keeps its bytes, case and order; a field that was not there goes last. */
import { createHash } from "node:crypto";
import { withoutNames } from "./relations.ts";

/** Sets a field. Its name is written as it stands here when the field is new; an existing one keeps its own case. */
export interface SetField {
  readonly field: string;
  /** Lines behind the first are written as continuations, an empty one as ` .`; newlines at the end do not count. */
  readonly value: string;
}

/** One change of one field. */
export type FieldEdit =
  | SetField
  | {
      readonly field: string;
      /** Set where the stanza lacks the field: what stands after the colon in another stanza, all lines with their newlines. */
      readonly missing: Buffer;
    }
  | { readonly field: string; readonly remove: true }
  | {
      readonly field: string;
      /** Names taken out of a relation field, which goes when nothing is left. */
      readonly without: (name: string) => boolean;
    };

/**
 * A Description that changes takes its Description-md5 along: by the digest, apt finds the long text of a Translation file, which would
 * otherwise stand in for the new one.
 *
 * @param stanza whole lines of one stanza, with or without the last newline
 * @returns the same buffer when nothing changed
 */
export function editStanza(stanza: Buffer, edits: readonly FieldEdit[]): Buffer {
  const before = stanza.toString("latin1");
  let text = before;
  for (const edit of edits) text = edited(text, edit);
  if (text === before) return stanza;
  if (edits.some(({ field }) => field.toLowerCase() === "description")) text = withDescriptionDigest(text, before);
  return Buffer.from(text, "latin1");
}

function edited(text: string, edit: FieldEdit): string {
  if ("value" in edit) return withValue(text, edit.field, writtenValue(edit.value));
  const found = findField(text, edit.field);
  if ("missing" in edit) return found === undefined ? withValue(text, edit.field, edit.missing.toString("latin1")) : text;
  if (found === undefined) return text;
  if ("remove" in edit) return `${text.slice(0, found.start)}${text.slice(found.end)}`;
  const value = text.slice(found.valueStart, found.end);
  const left = withoutNames(value, edit.without);
  if (left === value) return text;
  return `${text.slice(0, left === undefined ? found.start : found.valueStart)}${left ?? ""}${text.slice(found.end)}`;
}

/** @param written what stands after the colon, with the last newline */
function withValue(text: string, field: string, written: string): string {
  const found = findField(text, field);
  if (found === undefined) return `${text.endsWith("\n") || text === "" ? text : `${text}\n`}${field}:${written}`;
  return `${text.slice(0, found.valueStart)}${written}${text.slice(found.end)}`;
}

function writtenValue(value: string): string {
  const [first = "", ...further] = Buffer.from(value.replace(/\n+$/, ""), "utf8").toString("latin1").split("\n");
  return [first === "" ? "" : ` ${first}`, ...further.map((line) => (/^[ \t]*$/.test(line) ? " ." : ` ${line}`))]
    .map((line) => `${line}\n`)
    .join("");
}

/** A stanza without Description-md5 gets none; one whose Description went loses it. */
function withDescriptionDigest(text: string, before: string): string {
  const value = fieldValue(text, "Description");
  if (value === fieldValue(before, "Description")) return text;
  const field = "Description-md5";
  if (value === undefined) return edited(text, { field, remove: true });
  return findField(text, field) === undefined ? text : withValue(text, field, ` ${descriptionDigest(value)}\n`);
}

/**
 * As Debian's archive and apt compute it: over the short text, the lines of the long one as they stand, and a newline at the end.
 *
 * @param value latin1 text of the field
 * @see apt-pkg/deb/deblistparser.cc, Description_md5
 */
export function descriptionDigest(value: string): string {
  // No `trim`: it also takes what may be the last byte of a character beyond ASCII.
  const text = value.replace(/^[ \t]+/, "");
  return createHash("md5")
    .update(text.endsWith("\n") ? text : `${text}\n`, "latin1")
    .digest("hex");
}

/** What stands after the colon, all lines with their newlines, as latin1. */
export function fieldValue(text: string, field: string): string | undefined {
  const found = findField(text, field);
  return found === undefined ? undefined : text.slice(found.valueStart, found.end);
}

/** Offsets of the field's first byte, of the byte after the colon, and of the byte after its last line. */
interface FieldPlace {
  readonly start: number;
  readonly valueStart: number;
  readonly end: number;
}

function findField(text: string, field: string): FieldPlace | undefined {
  const wanted = `${field.toLowerCase()}:`;
  let position = 0;
  while (position < text.length) {
    const start = position;
    position = nextLine(text, position);
    const valueStart = start + wanted.length;
    // Nearly all other fields have no colon there: no text is made of them.
    if (text[valueStart - 1] !== ":" || text.slice(start, valueStart).toLowerCase() !== wanted) continue;
    while (text[position] === " " || text[position] === "\t") position = nextLine(text, position);
    return { start, valueStart, end: position };
  }
  return undefined;
}

function nextLine(text: string, position: number): number {
  const newline = text.indexOf("\n", position);
  return newline < 0 ? text.length : newline + 1;
}
