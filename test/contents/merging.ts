/** Merges Contents given as text, one byte a letter. */
import type { ContentsInput, ContentsStats } from "../../lib/contents/contents-input.ts";
import { type MergeLimits, mergeContents } from "../../lib/contents/merge-contents.ts";

export interface Given {
  readonly text: string;
  readonly place?: (location: string) => string | undefined;
  readonly sorted?: boolean;
  /** The text comes in chunks of so many bytes. */
  readonly chunkBytes?: number;
}

export interface Merged {
  readonly text: string;
  readonly blocks: readonly MergedBlock[];
  /** By input. */
  readonly stats: readonly ContentsStats[];
}

export interface MergedBlock {
  readonly text: string;
  readonly lines: number;
  readonly rewritten: number;
}

export const LIMITS: MergeLimits = { aheadBytes: 1024 * 1024, runBytes: 1024 * 1024, blockBytes: 1024 * 1024 };

export async function* chunksOf(text: string, chunkBytes = 1000): AsyncGenerator<Buffer> {
  const bytes = Buffer.from(text, "latin1");
  for (let at = 0; at < bytes.length; at += chunkBytes) yield Buffer.from(bytes.subarray(at, at + chunkBytes));
}

export function inputOf(given: Given, position: number, ended: (stats: ContentsStats) => void = () => {}): ContentsInput {
  return {
    chunks: chunksOf(given.text, given.chunkBytes),
    where: { mirror: `m${position}`, suite: "sid", file: "main/Contents-amd64" },
    place: given.place ?? ((location) => location),
    sorted: given.sorted ?? true,
    ended,
  };
}

export async function merge(given: readonly Given[], limits: Partial<MergeLimits> = {}): Promise<Merged> {
  const stats: ContentsStats[] = [];
  const inputs = given.map((one, position) =>
    inputOf(one, position, (told) => {
      stats[position] = told;
    }),
  );
  const blocks: MergedBlock[] = [];
  for await (const block of mergeContents(inputs, { ...LIMITS, ...limits })) {
    blocks.push({ text: block.bytes.toString("latin1"), lines: block.stanzas, rewritten: block.overridden });
    block.release();
  }
  return { text: blocks.map(({ text }) => text).join(""), blocks, stats };
}

/** The merged text of inputs whose locations all stay. */
export const mergedText = async (...texts: readonly string[]): Promise<string> => (await merge(texts.map((text) => ({ text })))).text;
