/**
 * What changed in an index that is compressed block by block: blocks of the same digest are the same text and are not read again, only what lies
 * between them is compared.
 */
import type { Sha256 } from "../archive/names.ts";
import { countLines } from "./lines.ts";
import { createStepWriter, type Step } from "./step.ts";
import { diffUnits, type Unit } from "./unit-diff.ts";

/** The index as it is published. */
export interface OldBlocks {
  /** Digests of its blocks, in order. */
  readonly raw: readonly Sha256[];
  /** Text of a block; undefined when it cannot be had. */
  read(position: number): Promise<Buffer | undefined>;
}

export interface BlockWatch {
  /** Takes note of the blocks of the new index, in order. `bytes` is copied when it is needed later. */
  see(bytes: Buffer, raw: Sha256): void;
  /** The difference; undefined when it is too large to be worth a patch, or the old text cannot be had. */
  finish(): Promise<Step | undefined>;
}

/** Most of a new index that may have changed, in bytes: more would be a patch that nobody wants, and would have to be held. */
const MAX_CHANGED_BYTES = 64 * 1024 * 1024;

interface SeenBlock {
  readonly raw: Sha256;
  readonly lines: number;
  /** Only of a block that the old index does not have. */
  readonly bytes: Buffer | undefined;
}

export function watchBlocks(old: OldBlocks, unit: Unit): BlockWatch {
  const places = new Map(old.raw.map((raw, place) => [raw, place]));
  const seen: SeenBlock[] = [];
  let changedBytes = 0;
  return {
    see(bytes, raw) {
      const known = places.has(raw);
      if (!known) changedBytes += bytes.length;
      const kept = known || changedBytes > MAX_CHANGED_BYTES ? undefined : Buffer.from(bytes);
      seen.push({ raw, lines: known ? countLines(bytes) : 0, bytes: kept });
    },
    async finish() {
      if (changedBytes > MAX_CHANGED_BYTES) return undefined;
      const writer = createStepWriter();
      let next = 0; // first old block that was not passed
      let waiting: SeenBlock[] = [];
      const compare = async (upTo: number): Promise<boolean> => {
        const fresh: Buffer[] = [];
        for (const block of waiting) {
          const text = await textOf(block);
          if (text === undefined) return false;
          fresh.push(text);
        }
        const beginnings = new Map(fresh.map((text, position) => [firstLine(text), position]));
        let [before, written]: [Buffer[], number] = [[], 0];
        const flush = (until: number): void => {
          diffUnits(Buffer.concat(before), Buffer.concat(fresh.slice(written, until)), unit, writer);
          before = [];
          written = until;
        };
        for (; next < upTo; next++) {
          const text = await old.read(next);
          if (text === undefined) return false;
          // Blocks that begin alike hold the same names: each is compared with its own, so that little is held at a time.
          const twin = beginnings.get(firstLine(text));
          if (twin !== undefined && twin >= written) flush(twin);
          before.push(text);
        }
        flush(fresh.length);
        return true;
      };
      // A block that moved was not kept: its text is the old one's.
      const textOf = async ({ bytes, raw }: SeenBlock): Promise<Buffer | undefined> => bytes ?? old.read(places.get(raw) ?? -1);
      for (const block of seen) {
        const place = old.raw[next] === block.raw ? next : places.get(block.raw);
        if (place === undefined || place < next) {
          waiting.push(block);
          continue;
        }
        if (!(await compare(place))) return undefined;
        writer.sameLines(block.lines);
        next = place + 1;
        waiting = [];
      }
      return (await compare(old.raw.length)) ? writer.finish() : undefined;
    },
  };
}

const firstLine = (text: Buffer): string => text.toString("latin1", 0, Math.max(0, text.indexOf("\n")));
