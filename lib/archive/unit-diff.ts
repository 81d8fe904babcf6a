/**
 * What changed between two texts made of units: stanzas, or lines. Indices are sorted and their units hardly ever repeat, so one walk finds the
 * difference; it is right for any two texts, and small for such.
 */
import { nameIn } from "./stanza-name.ts";

export type Unit = "stanza" | "line";

/** Is told of both texts from beginning to end. */
export interface UnitWriter {
  same(bytes: Buffer): void;
  /** Either may be empty. */
  replace(old: Buffer, fresh: Buffer): void;
}

const NEWLINE = 0x0a;

/** Writes the difference. A changed stanza is compared line by line with the one that it replaces. */
export function diffUnits(old: Buffer, fresh: Buffer, unit: Unit, writer: UnitWriter): void {
  const before = unitsOf(old, unit);
  const after = unitsOf(fresh, unit);
  const places = new Map<string, number>();
  for (const [place, text] of before.texts.entries()) places.set(text, place);
  let next = 0; // first old unit that was not passed
  let from = 0; // first new unit that was not written
  const flush = (upTo: number, until: number): void => {
    if (unit === "stanza") replaceByKey(before, next, upTo, after, from, until, writer);
    else writer.replace(before.range(next, upTo), after.range(from, until));
  };
  for (const [position, text] of after.texts.entries()) {
    const place = before.texts[next] === text ? next : places.get(text);
    if (place === undefined || place < next) continue;
    if (place > next || from < position) flush(place, position);
    writer.same(after.range(position, position + 1));
    next = place + 1;
    from = position + 1;
  }
  flush(before.texts.length, after.texts.length);
}

interface Units {
  readonly texts: readonly string[];
  range(from: number, to: number): Buffer;
}

function unitsOf(bytes: Buffer, unit: Unit): Units {
  const ends: number[] = [];
  for (let start = 0; start < bytes.length; ) {
    let end = bytes.indexOf(NEWLINE, start) + 1;
    // A stanza ends behind its empty line.
    if (unit === "stanza") {
      while (end !== 0 && end < bytes.length && bytes[end] !== NEWLINE) end = bytes.indexOf(NEWLINE, end) + 1;
      if (end !== 0 && end < bytes.length) end++;
    }
    if (end === 0) end = bytes.length;
    ends.push(end);
    start = end;
  }
  const startOf = (unitNumber: number): number => (unitNumber === 0 ? 0 : (ends[unitNumber - 1] ?? bytes.length));
  return {
    texts: ends.map((end, position) => bytes.toString("latin1", startOf(position), end)),
    range: (from, to) => bytes.subarray(startOf(from), startOf(to)),
  };
}

/** Stanzas that went beside stanzas that came: those of one name are one stanza that changed. */
function replaceByKey(before: Units, next: number, upTo: number, after: Units, from: number, until: number, writer: UnitWriter): void {
  const keys = new Map<string, number>();
  for (let place = upTo - 1; place >= next; place--) keys.set(keyOf(before.texts[place] ?? ""), place);
  let old = next;
  let written = from;
  for (let position = from; position < until; position++) {
    const place = keys.get(keyOf(after.texts[position] ?? ""));
    if (place === undefined || place < old) continue;
    writer.replace(before.range(old, place), after.range(written, position));
    diffUnits(before.range(place, place + 1), after.range(position, position + 1), "line", writer);
    old = place + 1;
    written = position + 1;
  }
  writer.replace(before.range(old, upTo), after.range(written, until));
}

/** The name of the package, or else the first line. */
const keyOf = (stanza: string): string => nameIn(stanza) ?? stanza.slice(0, stanza.indexOf("\n"));
