/** What of an older text stayed, and where it is now. */
import { diffUnits } from "../archive/unit-diff.ts";

/** Bytes that both texts have: in order in both, and not overlapping. */
export interface Kept {
  /** Place in the old text. */
  readonly from: number;
  /** Place in the new text. */
  readonly to: number;
  readonly bytes: number;
}

export function alignTexts(old: Buffer, next: Buffer): readonly Kept[] {
  const kept: Kept[] = [];
  let [from, to] = [0, 0];
  const stays = (bytes: number): void => {
    const last = kept.at(-1);
    if (last !== undefined && last.from + last.bytes === from && last.to + last.bytes === to) {
      kept[kept.length - 1] = { ...last, bytes: last.bytes + bytes };
    } else if (bytes > 0) kept.push({ from, to, bytes });
    from += bytes;
    to += bytes;
  };
  const replace = (gone: Buffer, came: Buffer): void => {
    const head = commonHead(gone, came);
    const tail = commonTail(gone.subarray(head), came.subarray(head));
    stays(head);
    from += gone.length - head - tail;
    to += came.length - head - tail;
    stays(tail);
  };
  // Most of it is before the first change and behind the last: that need not be cut into stanzas.
  const head = commonHead(old, next);
  const tail = commonTail(old.subarray(head), next.subarray(head));
  stays(head);
  const same = ({ length }: Buffer): void => stays(length);
  const gone = old.subarray(head, old.length - tail);
  // Not every index has stanzas.
  diffUnits(gone, next.subarray(head, next.length - tail), gone.includes(EMPTY_LINE) ? "stanza" : "line", { same, replace });
  stays(tail);
  return kept;
}

const EMPTY_LINE = "\n\n";

/** Compared at a time: the machine does that many times as fast as one byte after the other. */
const STRIDE = 1024;

function commonHead(left: Buffer, right: Buffer): number {
  const most = Math.min(left.length, right.length);
  let at = 0;
  while (at + STRIDE <= most && left.compare(right, at, at + STRIDE, at, at + STRIDE) === 0) at += STRIDE;
  while (at < most && left[at] === right[at]) at++;
  return at;
}

function commonTail(left: Buffer, right: Buffer): number {
  const most = Math.min(left.length, right.length);
  let count = 0;
  for (; count + STRIDE <= most; count += STRIDE) {
    const [end, rightEnd] = [left.length - count, right.length - count];
    if (left.compare(right, rightEnd - STRIDE, rightEnd, end - STRIDE, end) !== 0) break;
  }
  while (count < most && left[left.length - 1 - count] === right[right.length - 1 - count]) count++;
  return count;
}
