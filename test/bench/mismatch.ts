/** Looks at a published suite again and again while something writes it: whether its indices are those that its InRelease lists. */
import { readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { sha256Of } from "../../lib/archive/digests.ts";

/** Between two looks, which read 50 MB each. */
const PAUSE_MS = 100;

export interface Looks {
  /** Of one state each: InRelease was the same before and after. */
  looks: number;
  mismatches: number;
}

/**
 * One look. Where there is no InRelease there is nothing to be wrong.
 *
 * @param suite folder of it
 * @param files below that, of which each must be there as listed, by its name and by its hash
 */
export function look(suite: string, files: readonly string[], seen: Looks): void {
  const release = read(join(suite, "InRelease"));
  if (release === undefined) return;
  const text = release.toString();
  const isListed = (path: string): boolean => {
    const digest = new RegExp(`^ ([0-9a-f]{64}) +\\d+ ${path}$`, "m").exec(text)?.[1] ?? "";
    const byName = read(join(suite, path));
    const byHash = read(join(suite, dirname(path), "by-hash/SHA256", digest));
    return byName !== undefined && byHash !== undefined && sha256Of(byName) === digest && byHash.equals(byName);
  };
  const fits = files.every(isListed);
  if (read(join(suite, "InRelease"))?.equals(release) !== true) return;
  seen.looks++;
  if (!fits) seen.mismatches++;
}

/** @returns ends it */
export function looking(suite: string, files: readonly string[], seen: Looks): () => void {
  const timer = setInterval(() => look(suite, files, seen), PAUSE_MS);
  return () => clearInterval(timer);
}

function read(path: string): Buffer | undefined {
  try {
    return readFileSync(path);
  } catch {
    return undefined;
  }
}
