/** What `aptmerge prune` removed, or would remove, as values and as text. */
import { many, plain, size } from "./plain.ts";

export interface PruneReport {
  readonly dryRun: boolean;
  readonly parts: readonly PrunedPart[];
}

export interface PrunedPart {
  readonly what: "old generation" | "leftover" | "superseded file" | "stored file" | "cache file" | "old run";
  /** `path` is below OUTPUT or STATE, as `root` says; `bytes` is what the disk gets back. */
  readonly things: readonly { readonly root: "OUTPUT" | "STATE"; readonly path: string; readonly bytes: number }[];
}

/** @param all whether each thing is listed */
export function formatPrune({ dryRun, parts }: PruneReport, all: boolean): string {
  const things = parts.flatMap((part) => part.things);
  const bytesOf = (list: typeof things): number => list.reduce((sum, { bytes }) => sum + bytes, 0);
  if (things.length === 0) return "Nothing to remove\n";
  const lines = parts.flatMap((part) => {
    if (part.things.length === 0) return [];
    const list = part.things.map(({ root, path, bytes }) => `  ${root}/${path} (${size(bytes)})`);
    return [`${many(part.things.length, part.what)} (${size(bytesOf([...part.things]))})`, ...(all || dryRun ? list : [])];
  });
  const sum = `${dryRun ? "Would free" : "Freed"} ${size(bytesOf(things))}${dryRun ? " (dry run: nothing was removed)" : ""}`;
  return `${[...lines, sum].map(plain).join("\n")}\n`;
}
