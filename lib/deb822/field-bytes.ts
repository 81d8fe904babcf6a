/** Looks at the bytes of a field where they lie: to make a text of each would take longer than all that is asked of it. */
import type { StanzaTable } from "./stanza-table.ts";

/** By byte: 1 for one of the class. */
export type ByteClass = Uint8Array;

/** @param ranges pairs of first and last, such as `azAZ__` */
export function byteClass(ranges: string): ByteClass {
  const members = new Uint8Array(256);
  for (let at = 0; at < ranges.length; at += 2) members.fill(1, ranges.charCodeAt(at), ranges.charCodeAt(at + 1) + 1);
  return members;
}

/** @returns 0 when the stanza lacks the field or it is empty */
export function fieldBytes({ fields, spans }: StanzaTable, stanza: number, field: number): number {
  const at = (stanza * fields.length + field) * 2;
  return (spans[at + 1] ?? 0) - (spans[at] ?? 0);
}

/** Whether two stanzas of a table have the same in a field; to lack it is the same as to have it empty. */
export function isSameIn({ bytes, fields, spans }: StanzaTable, left: number, right: number, field: number): boolean {
  const [at, other] = [(left * fields.length + field) * 2, (right * fields.length + field) * 2];
  const [start, otherStart] = [spans[at] ?? 0, spans[other] ?? 0];
  const length = (spans[at + 1] ?? 0) - start;
  if ((spans[other + 1] ?? 0) - otherStart !== length) return false;
  for (let i = 0; i < length; i++) if (bytes[start + i] !== bytes[otherStart + i]) return false;
  return true;
}

/** Whether a field has bytes, and each is of the class. */
export function isAllOf({ bytes, fields, spans }: StanzaTable, stanza: number, field: number, members: ByteClass): boolean {
  const at = (stanza * fields.length + field) * 2;
  const [start, end] = [spans[at] ?? 0, spans[at + 1] ?? 0];
  for (let i = start; i < end; i++) if (members[bytes[i] ?? 0] === 0) return false;
  return end > start;
}

/** The first byte of a field that has any. */
export const firstByte = ({ bytes, fields, spans }: StanzaTable, stanza: number, field: number): number =>
  bytes[spans[(stanza * fields.length + field) * 2] ?? 0] ?? 0;

/** Whether the stanza has the field, and it is this text. */
export function isText({ bytes, fields, spans }: StanzaTable, stanza: number, field: number, text: Buffer): boolean {
  const at = (stanza * fields.length + field) * 2;
  const [start, end] = [spans[at] ?? 0, spans[at + 1] ?? 0];
  if (end === 0 || end - start !== text.length) return false;
  for (let i = 0; i < text.length; i++) if (bytes[start + i] !== text[i]) return false;
  return true;
}
