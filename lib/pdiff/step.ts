/** The difference of two consecutive states of an index, usable in both directions. */
import { countLines, skipLines } from "../archive/lines.ts";
import type { UnitWriter } from "../archive/unit-diff.ts";
import type { EditScript } from "./edit-script.ts";

export interface StepHunk {
  /** Lines of the old text before the place. */
  readonly at: number;
  readonly removed: Buffer;
  readonly removedLines: number;
  readonly inserted: Buffer;
  readonly insertedLines: number;
}

/** In the order of the text. */
export type Step = readonly StepHunk[];

/** Is told of both texts from beginning to end. */
export interface StepWriter extends UnitWriter {
  /** Lines that are the same, already counted. */
  sameLines(lines: number): void;
  /** Of whole lines; those that both begin or end with are found to be the same. */
  replace(old: Buffer, fresh: Buffer): void;
  finish(): Step;
}

const NEWLINE = 0x0a;

export function createStepWriter(): StepWriter {
  const hunks: StepHunk[] = [];
  let line = 0;
  let removed: Buffer[] = [];
  let inserted: Buffer[] = [];
  const flush = (): void => {
    if (removed.length === 0 && inserted.length === 0) return;
    const [before, after] = [Buffer.concat(removed), Buffer.concat(inserted)];
    const removedLines = countLines(before);
    hunks.push({ at: line, removed: before, removedLines, inserted: after, insertedLines: countLines(after) });
    line += removedLines;
    removed = [];
    inserted = [];
  };
  const sameLines = (lines: number): void => {
    if (lines === 0) return;
    flush();
    line += lines;
  };
  return {
    same: (bytes) => sameLines(countLines(bytes)),
    sameLines,
    replace(old, fresh) {
      const head = commonHead(old, fresh);
      const tail = commonTail(old.subarray(head), fresh.subarray(head));
      sameLines(countLines(old.subarray(0, head)));
      const [before, after] = [old.subarray(head, old.length - tail), fresh.subarray(head, fresh.length - tail)];
      if (before.length > 0) removed.push(before);
      if (after.length > 0) inserted.push(after);
      sameLines(countLines(old.subarray(old.length - tail)));
    },
    finish() {
      flush();
      return hunks;
    },
  };
}

/** Bytes of the whole lines that both begin with. */
function commonHead(left: Buffer, right: Buffer): number {
  const most = Math.min(left.length, right.length);
  let at = 0;
  while (at < most && left[at] === right[at]) at++;
  return at === 0 ? 0 : left.lastIndexOf(NEWLINE, at - 1) + 1;
}

/** Bytes of the whole lines that both end with. */
function commonTail(left: Buffer, right: Buffer): number {
  const most = Math.min(left.length, right.length);
  let count = 0;
  while (count < most && left[left.length - 1 - count] === right[right.length - 1 - count]) count++;
  // A line is whole when the byte before it is a newline, or there is none.
  while (count > 0 && !(isStart(left, left.length - count) && isStart(right, right.length - count))) {
    const next = left.indexOf(NEWLINE, left.length - count);
    count = next < 0 ? 0 : left.length - next - 1;
  }
  return count;
}

const isStart = (bytes: Buffer, at: number): boolean => at === 0 || bytes[at - 1] === NEWLINE;

export const forward = (step: Step): EditScript =>
  step.map(({ at, removedLines, inserted, insertedLines }) => ({ at, removed: removedLines, inserted, insertedLines }));

/** From the newer state to the older one. */
export function backward(step: Step): EditScript {
  let shift = 0;
  return step.map(({ at, removed, removedLines, insertedLines }) => {
    const hunk = { at: at + shift, removed: insertedLines, inserted: removed, insertedLines: removedLines };
    shift += insertedLines - removedLines;
    return hunk;
  });
}

/** A line of JSON with numbers for each hunk, then their texts. */
export function encodeStep(step: Step): Buffer {
  const numbers = step.map(({ at, removed, removedLines, inserted, insertedLines }) => [
    at,
    removedLines,
    removed.length,
    insertedLines,
    inserted.length,
  ]);
  return Buffer.concat([Buffer.from(`${JSON.stringify(numbers)}\n`), ...step.flatMap(({ removed, inserted }) => [removed, inserted])]);
}

/** Undefined when it is damaged in any way. */
export function decodeStep(bytes: Buffer): Step | undefined {
  let at = bytes.indexOf(NEWLINE) + 1;
  if (at === 0) return undefined;
  let rows: unknown;
  try {
    rows = JSON.parse(bytes.toString("latin1", 0, at));
  } catch {
    return undefined;
  }
  if (!Array.isArray(rows)) return undefined;
  const step: StepHunk[] = [];
  let line = -1;
  for (const row of rows as unknown[]) {
    if (!isRow(row)) return undefined;
    const [place, removedLines, removedBytes, insertedLines, insertedBytes] = row;
    const removed = bytes.subarray(at, at + removedBytes);
    const inserted = bytes.subarray(at + removedBytes, at + removedBytes + insertedBytes);
    at += removedBytes + insertedBytes;
    const whole = at <= bytes.length && place > line && isLines(removed, removedLines) && isLines(inserted, insertedLines);
    if (!whole || (removedLines === 0 && insertedLines === 0)) return undefined;
    line = place + removedLines;
    step.push({ at: place, removed, removedLines, inserted, insertedLines });
  }
  return at === bytes.length ? step : undefined;
}

type Row = readonly [place: number, removedLines: number, removedBytes: number, insertedLines: number, insertedBytes: number];

const isRow = (row: unknown): row is Row =>
  Array.isArray(row) && row.length === 5 && row.every((value) => typeof value === "number" && Number.isSafeInteger(value) && value >= 0);

const isLines = (bytes: Buffer, lines: number): boolean =>
  (bytes.length === 0 || bytes.at(-1) === NEWLINE) && skipLines(bytes, 0, lines) === bytes.length;
