/** The step from one state of an index to the next, of an index that is made block by block. */
import type { Block } from "../archive/block.ts";
import type { ChangeListener } from "../archive/block-changes.ts";
import { countLines } from "../archive/lines.ts";
import { diffUnits, type Unit } from "../archive/unit-diff.ts";
import { createStepWriter, type Step } from "./step.ts";

export interface BlockStep extends ChangeListener {
  /** Takes note of the blocks of the new index, in order, and whether the old index has them. */
  see(block: Pick<Block, "bytes" | "lines">, known: boolean): void;
  /** The difference, once all was told. */
  finish(): Step;
}

export function blockStep(unit: Unit): BlockStep {
  const writer = createStepWriter();
  const lines: number[] = [];
  return {
    see: (block, known) => void lines.push(known ? (block.lines ?? countLines(block.bytes)) : 0),
    same: (position) => writer.sameLines(lines[position] ?? 0),
    changed: (before, after) => diffUnits(before, after, unit, writer),
    finish: writer.finish,
  };
}
