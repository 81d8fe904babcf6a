/** What an archive that publishes patches has beside an index, made by the real `diff --ed`. */
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { sha256Of } from "../../lib/archive/digests.ts";
import { formatPdiffIndex, type PdiffEntry } from "../../lib/pdiff/index-file.ts";
import type { Archive } from "./archive.ts";
import { run } from "./child.ts";
import { temporaryFolder } from "./temporary.ts";

export interface PatchOptions {
  /** Each patch leads to the newest state, rather than to the next. */
  readonly merged: boolean;
  /** Changes a patch before its digests are taken: a signed lie. */
  readonly spoil?: (patch: Buffer) => Buffer;
}

/** @param states of the index, uncompressed; the newest is that of the archive */
export async function withPatches(archive: Archive, path: string, states: readonly Buffer[], options: PatchOptions): Promise<Archive> {
  const newest = states.at(-1);
  if (newest === undefined) throw new Error("There is no state");
  const patches: PdiffEntry[] = [];
  let whole = archive;
  for (const [position, from] of states.slice(0, -1).entries()) {
    const made = await editScript(from, options.merged ? newest : (states[position + 1] ?? newest));
    const patch = options.spoil?.(made) ?? made;
    const gz = gzipSync(patch);
    const name = `T-state-${states.length}-F-state-${position}`;
    patches.push({ name, from: facts(from), patch: facts(patch), download: facts(gz) });
    whole = whole.file(`${path}.diff/${name}.gz`, gz, { listed: false });
  }
  return whole.file(`${path}.diff/Index`, formatPdiffIndex({ current: facts(newest), patches, merged: options.merged }));
}

const facts = (bytes: Buffer) => ({ sha256: sha256Of(bytes), bytes: bytes.length });

async function editScript(from: Buffer, to: Buffer): Promise<Buffer> {
  const folder = await temporaryFolder();
  await writeFile(join(folder, "from"), from);
  await writeFile(join(folder, "to"), to);
  const { rc, stdout, stderr } = await run("diff", ["--ed", "--text", join(folder, "from"), join(folder, "to")]);
  if (rc > 1) throw new Error(stderr.toString());
  return stdout;
}
