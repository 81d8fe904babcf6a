/**
 * Proves that each patch leads to the newest state, without holding the old texts and without the code that made the patches: every state is a rope
 * of the newest one's lines and of lines that some step knows, so a patch can be applied to it and the outcome be compared, line for line.
 */
import { skipLines } from "../archive/lines.ts";
import { type EditScript, parseEdScript } from "./edit-script.ts";
import { backward, type Step } from "./step.ts";

/** Lines of the newest text from a number on, or lines of their own. */
type Strand = { readonly from: number; readonly lines: number } | { readonly text: Buffer; readonly lines: number };
type Rope = readonly Strand[];

/**
 * @param steps that follow each other, oldest first
 * @param patches from the state before each step to the newest one, as they are published
 * @returns positions of those that are proven
 */
export function provePatches(steps: readonly Step[], patches: readonly Buffer[]): readonly number[] {
  const proven: number[] = [];
  const known = new Map<number, Buffer>(); // lines of the newest text, as far as steps tell what they are
  let rope: Rope = [{ from: 0, lines: Number.POSITIVE_INFINITY }];
  for (let position = steps.length - 1; position >= 0; position--) {
    const step = steps[position] ?? [];
    const back = backward(step);
    const taken = edit(rope, back);
    if (taken === undefined) return proven;
    for (const [hunk, gone] of taken.gone.entries()) if (!learn(gone, step[hunk]?.inserted ?? Buffer.alloc(0), known)) return proven;
    rope = taken.rope;
    const script = parseEdScript(patches[position] ?? Buffer.from("?"));
    if ("fault" in script) continue;
    const made = edit(rope, script);
    if (made !== undefined && isNewest(made.rope, known)) proven.unshift(position);
  }
  return proven;
}

interface Edited {
  readonly rope: Rope;
  /** What each hunk took out. */
  readonly gone: readonly Rope[];
}

/** Undefined when the script speaks of lines that are not there. */
function edit(rope: Rope, script: EditScript): Edited | undefined {
  const result: Strand[] = [];
  const gone: Rope[] = [];
  const rest = [...rope].reverse();
  const take = (lines: number): Strand[] | undefined => {
    const taken: Strand[] = [];
    for (let wanted = lines; wanted > 0; ) {
      const strand = rest.pop();
      if (strand === undefined) return undefined;
      const [head, tail] = strand.lines > wanted ? split(strand, wanted) : [strand, undefined];
      if (tail !== undefined) rest.push(tail);
      taken.push(head);
      wanted -= head.lines;
    }
    return taken;
  };
  let line = 0;
  for (const { at, removed, inserted, insertedLines } of script) {
    const [before, out] = [take(at - line), take(removed)];
    if (before === undefined || out === undefined) return undefined;
    for (const strand of before) result.push(strand);
    if (insertedLines > 0) result.push({ text: inserted, lines: insertedLines });
    gone.push(out);
    line = at + removed;
  }
  while (rest.length > 0) {
    const strand = rest.pop();
    if (strand !== undefined) result.push(strand);
  }
  return { rope: result, gone };
}

function split(strand: Strand, lines: number): readonly [Strand, Strand] {
  if (!("text" in strand))
    return [
      { from: strand.from, lines },
      { from: strand.from + lines, lines: strand.lines - lines },
    ];
  const end = skipLines(strand.text, 0, lines) ?? strand.text.length;
  return [
    { text: strand.text.subarray(0, end), lines },
    { text: strand.text.subarray(end), lines: strand.lines - lines },
  ];
}

/** What a step inserted is what the lines are that going back takes out. False when the step contradicts a later one. */
function learn(gone: Rope, inserted: Buffer, known: Map<number, Buffer>): boolean {
  let at = 0;
  for (const strand of gone) {
    const end = skipLines(inserted, at, strand.lines);
    if (end === undefined) return false;
    const text = inserted.subarray(at, end);
    at = end;
    if ("text" in strand) {
      if (!strand.text.equals(text)) return false;
      continue;
    }
    for (let line = 0, from = 0; line < strand.lines; line++) {
      const next = skipLines(text, from, 1) ?? text.length;
      known.set(strand.from + line, text.subarray(from, next));
      from = next;
    }
  }
  return at === inserted.length;
}

/** Whether the rope is the newest text: its lines in their places, others only where they are known to be the same. */
function isNewest(rope: Rope, known: ReadonlyMap<number, Buffer>): boolean {
  let line = 0;
  for (const strand of rope) {
    if (!("text" in strand)) {
      if (strand.from !== line) return false;
    } else {
      for (let own = 0, from = 0; own < strand.lines; own++) {
        const next = skipLines(strand.text, from, 1) ?? strand.text.length;
        const wanted = known.get(line + own);
        if (wanted === undefined || wanted.compare(strand.text, from, next) !== 0) return false;
        from = next;
      }
    }
    line += strand.lines;
  }
  return line === Number.POSITIVE_INFINITY;
}
