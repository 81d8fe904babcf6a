/**
 * The difference of two texts as `diff --ed` and archives write it.
 *
 * @see apt's method rred, which applies them: commands a, c and d with line numbers, the last place first
 */
import { countLines, skipLines } from "../archive/lines.ts";
import { MergeError } from "../errors.ts";

export interface Hunk {
  /** Lines of the old text before the place. */
  readonly at: number;
  /** Lines of the old text that go. */
  readonly removed: number;
  /** Whole lines that come in their place, each ended by a newline. */
  readonly inserted: Buffer;
  readonly insertedLines: number;
}

/** In the order of the text; no two overlap or touch the same place. */
export type EditScript = readonly Hunk[];

/** Largest line number. */
const MAX_LINES = 2 ** 31;
/** Most commands of one script. */
const MAX_HUNKS = 5_000_000;
/** Of a command only so much is looked at: two numbers, a comma and a letter. */
const MAX_COMMAND_BYTES = 64;
const NEWLINE = 0x0a;
const DOT = 0x2e;

/** @param bytes hostile: whatever a mirror lists as its patch */
export function parseEdScript(bytes: Buffer): EditScript | { readonly fault: string } {
  const hunks: Hunk[] = [];
  let first = Number.POSITIVE_INFINITY; // lines before the last place that was read
  let line = 0;
  for (let at = 0; at < bytes.length; ) {
    const end = bytes.indexOf(NEWLINE, at);
    line++;
    const command = bytes.toString("latin1", at, Math.min(end < 0 ? bytes.length : end, at + MAX_COMMAND_BYTES));
    const fault = (wanted: string): { fault: string } => ({ fault: `line ${line} is ${JSON.stringify(command.slice(0, 80))}, ${wanted}` });
    const match = /^(\d{1,10})(?:,(\d{1,10}))?([acd])$/.exec(command);
    if (match === null || end < 0) return fault("it must be a command a, c or d with line numbers");
    const from = Number(match[1]);
    const to = Number(match[2] ?? from);
    const adds = match[3] === "a";
    if (to > MAX_LINES || to < from || (adds && match[2] !== undefined) || (!adds && from === 0))
      return fault("its line numbers make no sense");
    const [before, removed] = adds ? [from, 0] : [from - 1, to - from + 1];
    if (before + removed > first) return fault("commands must come with the last place first");
    if (hunks.length >= MAX_HUNKS) return fault(`at most ${MAX_HUNKS} commands are read`);
    at = end + 1;
    let inserted: Buffer = Buffer.alloc(0);
    if (match[3] !== "d") {
      const stop = endOfText(bytes, at);
      if (stop === undefined) return fault("its text must end with a line that is a dot");
      inserted = bytes.subarray(at, stop);
      at = stop + 2;
    }
    const insertedLines = countLines(inserted);
    line += insertedLines + (match[3] === "d" ? 0 : 1);
    first = before;
    const last = hunks.at(-1);
    // Some writers split one place into several commands.
    if (last !== undefined && before + removed === last.at)
      hunks[hunks.length - 1] = joined({ at: before, removed, inserted, insertedLines }, last);
    else hunks.push({ at: before, removed, inserted, insertedLines });
  }
  return hunks.reverse();
}

/** Offset of the dot that ends the text. */
function endOfText(bytes: Buffer, from: number): number | undefined {
  for (let at = from; at < bytes.length; ) {
    const end = bytes.indexOf(NEWLINE, at);
    if (end < 0) return undefined;
    if (end === at + 1 && bytes[at] === DOT) return at;
    at = end + 1;
  }
  return undefined;
}

const joined = (first: Hunk, second: Hunk): Hunk => ({
  at: first.at,
  removed: first.removed + second.removed,
  inserted: Buffer.concat([first.inserted, second.inserted]),
  insertedLines: first.insertedLines + second.insertedLines,
});

/** Undefined when a line is a lone dot, which no command can insert in a form that all clients read. */
export function formatEdScript(script: EditScript): Buffer | undefined {
  const parts: Buffer[] = [];
  for (const { at, removed, inserted, insertedLines } of script.toReversed()) {
    if (insertedLines > 0 && endOfText(inserted, 0) !== undefined) return undefined;
    const lines = removed === 0 ? `${at}` : removed === 1 ? `${at + 1}` : `${at + 1},${at + removed}`;
    const command = removed === 0 ? "a" : insertedLines === 0 ? "d" : "c";
    parts.push(Buffer.from(`${lines}${command}\n`));
    if (insertedLines > 0) parts.push(inserted, Buffer.from(".\n"));
  }
  return Buffer.concat(parts);
}

const tooShort = (): MergeError =>
  new MergeError("INDEX_MALFORMED", "Cannot apply a patch: it speaks of a line that the text does not have, it must be made for this text");

/** @throws MergeError INDEX_MALFORMED when the script was made for another text */
export function applyScript(old: Buffer, script: EditScript): Buffer {
  const parts: Buffer[] = [];
  let [line, at] = [0, 0];
  for (const hunk of script) {
    const begin = skipLines(old, at, hunk.at - line);
    const end = begin === undefined ? undefined : skipLines(old, begin, hunk.removed);
    if (begin === undefined || end === undefined) throw tooShort();
    parts.push(old.subarray(at, begin), hunk.inserted);
    [line, at] = [hunk.at + hunk.removed, end];
  }
  return Buffer.concat([...parts, old.subarray(at)]);
}

/**
 * The same in one pass over a text that is too large to be held. What is yielded are parts of the chunks and of the script.
 *
 * @throws MergeError INDEX_MALFORMED when the script was made for another text
 */
export async function* applyToStream(chunks: AsyncIterable<Buffer>, script: EditScript): AsyncGenerator<Buffer> {
  let next = 0;
  let line = 0; // lines of the old text that lie behind us
  let inserted = false; // whether the text of the next hunk was handed out
  for await (const chunk of chunks) {
    let at = 0;
    while (at < chunk.length) {
      const hunk = script[next];
      if (hunk === undefined) {
        yield chunk.subarray(at);
        break;
      }
      const begin = at;
      const goal = line < hunk.at ? hunk.at : hunk.at + hunk.removed;
      if (line === hunk.at && !inserted) {
        inserted = true;
        if (hunk.insertedLines > 0) yield hunk.inserted;
      }
      while (line < goal && at < chunk.length) {
        const newline = chunk.indexOf(NEWLINE, at);
        at = newline < 0 ? chunk.length : newline + 1;
        if (newline >= 0) line++;
      }
      if (goal === hunk.at && begin < at) yield chunk.subarray(begin, at);
      if (inserted && line === hunk.at + hunk.removed) {
        next++;
        inserted = false;
      }
    }
  }
  // Text may be added behind the last line.
  const rest = script[next];
  if (rest !== undefined && rest.at === line && rest.removed === 0 && !inserted) {
    yield rest.inserted;
    next++;
  }
  if (next < script.length) throw tooShort();
}

/** A run of lines of the text between two scripts. */
type Run = { readonly from: number; readonly lines: number } | { readonly text: Buffer; readonly lines: number };

/** One script that does what `first` does and then `second`. */
export function composeScripts(first: EditScript, second: EditScript): EditScript {
  const between = runsOf(first);
  const result: Hunk[] = [];
  let old = 0; // lines of the old text that lie behind us
  let waiting = { at: 0, removed: 0, texts: [] as Buffer[], lines: 0 };
  const flush = (): void => {
    const { at, removed, texts, lines } = waiting;
    if (removed > 0 || lines > 0) result.push({ at, removed, inserted: Buffer.concat(texts), insertedLines: lines });
    waiting = { at: old, removed: 0, texts: [], lines: 0 };
  };
  const put = (run: Run): void => {
    if (run.lines === 0) return;
    if ("text" in run) {
      waiting.texts.push(run.text);
      waiting.lines += run.lines;
      return;
    }
    waiting.removed += run.from - old;
    flush();
    old = run.from + run.lines;
    waiting.at = old;
  };
  let line = 0;
  for (const hunk of second) {
    for (const run of between.take(hunk.at - line)) put(run);
    between.take(hunk.removed);
    if (hunk.insertedLines > 0) put({ text: hunk.inserted, lines: hunk.insertedLines });
    line = hunk.at + hunk.removed;
  }
  for (const run of between.take(Number.POSITIVE_INFINITY)) put(run);
  return result;
}

/** The text that a script makes, as runs that are taken from its beginning. */
function runsOf(script: EditScript): { take(lines: number): readonly Run[] } {
  const runs: Run[] = [];
  let line = 0;
  for (const { at, removed, inserted, insertedLines } of script) {
    if (at > line) runs.push({ from: line, lines: at - line });
    if (insertedLines > 0) runs.push({ text: inserted, lines: insertedLines });
    line = at + removed;
  }
  runs.push({ from: line, lines: Number.POSITIVE_INFINITY });
  let next = 0;
  let rest = runs[0];
  return {
    take(lines) {
      const taken: Run[] = [];
      for (let wanted = lines; wanted > 0 && rest !== undefined; ) {
        if (rest.lines <= wanted) {
          taken.push(rest);
          wanted -= rest.lines === Number.POSITIVE_INFINITY ? wanted : rest.lines;
          rest = runs[++next];
          continue;
        }
        const [head, tail] = cut(rest, wanted);
        taken.push(head);
        rest = tail;
        wanted = 0;
      }
      return taken;
    },
  };
}

function cut(run: Run, lines: number): readonly [Run, Run] {
  if (!("text" in run))
    return [
      { from: run.from, lines },
      { from: run.from + lines, lines: run.lines - lines },
    ];
  const end = skipLines(run.text, 0, lines) ?? run.text.length;
  return [
    { text: run.text.subarray(0, end), lines },
    { text: run.text.subarray(end), lines: run.lines - lines },
  ];
}
