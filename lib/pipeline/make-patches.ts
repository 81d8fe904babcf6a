/**
 * Patches from earlier states of an index to the one that is published now, merged: each leads to the newest at once. They are made of the steps
 * between states, and proven before they are listed, because clients apply them unseen.
 */
import { crc32 } from "node:zlib";
import { digestsOf, sha256Of } from "../archive/digests.ts";
import type { IndexPath, Sha256 } from "../archive/names.ts";
import type { Unit } from "../archive/unit-diff.ts";
import { spliceGzip } from "../compose/gzip-splice.ts";
import { type BlockStep, blockStep } from "../pdiff/block-diff.ts";
import { composeScripts, type EditScript, formatEdScript } from "../pdiff/edit-script.ts";
import { formatPdiffIndex, type PdiffEntry } from "../pdiff/index-file.ts";
import { provePatches } from "../pdiff/proof.ts";
import { forward, type Step } from "../pdiff/step.ts";
import type { ListedFile } from "../release/listed-file.ts";
import { type IndexState, type IndexStep, readSteps, writeStep } from "../state/steps.ts";
import type { IndexOrder } from "./make-index.ts";
import type { RunRequest, World } from "./world.ts";

/** Share of an index that another config may change before patches start anew: all clients would fetch a giant one. */
const MAX_RESHAPED = 0.05;

export interface PatchWatch {
  /** To be told of the blocks of the index as it is composed, and of what changed; undefined when nothing leads on from the last generation. */
  readonly step: BlockStep | undefined;
  /**
   * Writes the patches and their list.
   *
   * @param told whether the step was told of all that changed
   * @param smallest bytes of the smallest compressed form: a patch that is larger helps nobody
   * @returns the list, for Release; undefined when there is no patch
   */
  finish(now: Pick<IndexState, "sha256" | "bytes">, told: boolean, smallest: number): Promise<ListedFile | undefined>;
}

/**
 * @param leads whether the blocks of the published index are known: else no step leads on from it
 * @returns undefined when there is nothing to lead on from, or no patches are wanted
 */
export function watchPatches(
  order: IndexOrder,
  path: IndexPath,
  unit: Unit,
  leads: boolean,
  world: World,
  request: RunRequest,
): PatchWatch | undefined {
  const { suite, publish, last, date, reshaped } = order;
  const published = last.record?.indices.find((index) => index.path === path);
  if (request.dryRun || publish.pdiffStates === 0 || last.record === undefined || published === undefined) return undefined;
  const publishedDate = new Date(last.record.date);
  const blocks = leads ? blockStep(unit) : undefined;

  /** How the index came to be what it is now; oldest first. */
  const stepsTo = async (now: Pick<IndexState, "sha256" | "bytes">, told: boolean): Promise<readonly IndexStep[]> => {
    if (now.sha256 === published.sha256) return readSteps(world.state, suite.name, path, now.sha256, publish.pdiffStates);
    const step = told ? blocks?.finish() : undefined;
    if (step === undefined || (reshaped && newBytes(step) > now.bytes * MAX_RESHAPED)) return [];
    const older = await readSteps(world.state, suite.name, path, published.sha256, publish.pdiffStates - 1);
    const from = older.at(-1)?.to ?? { sha256: published.sha256, bytes: published.bytes, date: publishedDate };
    const one = { from, to: { ...now, date }, step };
    await writeStep(world.state, suite.name, path, one, new Set(older.map(({ to }) => to.sha256)));
    // A state that comes back: what led to it the first time is history.
    return older.some((earlier) => earlier.from.sha256 === now.sha256) ? [one] : [...older, one];
  };

  return {
    step: blocks,
    async finish(now, told, smallest) {
      const steps = await stepsTo(now, told);
      const patches = await provenPatches(steps, smallest, world);
      if (patches.length === 0) return undefined;
      for (const { name, gz } of patches) await order.write(`${path}.diff/${name}.gz`, gz);
      const bytes = formatPdiffIndex({ current: now, patches: patches.map(({ entry }) => entry), merged: true });
      const index = `${path}.diff/Index`;
      await order.write(index, bytes);
      return { path: index, bytes: bytes.length, digests: digestsOf(bytes, publish.digests), written: true };
    },
  };
}

const newBytes = (step: Step): number => step.reduce((sum, { inserted }) => sum + inserted.length, 0);

interface MadePatch {
  readonly name: string;
  readonly entry: PdiffEntry;
  readonly plain: Buffer;
  readonly gz: Buffer;
}

const GZIP_LEVEL = 9;

/** One patch for each state, oldest first; a state from which it would be larger than the index is left out with all before it. */
async function provenPatches(
  steps: readonly IndexStep[],
  smallest: number,
  { compressor, reporter }: World,
): Promise<readonly MadePatch[]> {
  const made: MadePatch[] = [];
  const newest = steps.at(-1);
  if (newest === undefined) return [];
  let script: EditScript = [];
  for (const { from, step } of steps.toReversed()) {
    script = composeScripts(forward(step), script);
    const plain = formatEdScript(script);
    if (plain === undefined) break;
    const piece = await compressor.compressBlock(plain, "gz", GZIP_LEVEL);
    const gz = Buffer.concat(spliceGzip([piece], crc32(plain), plain.length));
    if (gz.length >= smallest) break;
    const name = `T-${stamp(newest.to.date)}-F-${stamp(from.date)}`;
    const entry = { name, from, patch: factsOf(plain), download: factsOf(gz) };
    made.unshift({ name, entry, plain, gz });
  }
  const kept = steps.slice(steps.length - made.length).map(({ step }) => step);
  const proven = new Set(
    provePatches(
      kept,
      made.map(({ plain }) => plain),
    ),
  );
  if (proven.size < made.length) {
    const text = `${made.length - proven.size} patches are left out: they were not proven to lead to the newest state`;
    reporter.event({ kind: "note", text, detail: false });
  }
  return made.filter((_, position) => proven.has(position));
}

const factsOf = (bytes: Buffer): { readonly sha256: Sha256; readonly bytes: number } => ({ sha256: sha256Of(bytes), bytes: bytes.length });

/** As archives name them: `2026-11-27-0205.43`. */
function stamp(date: Date): string {
  const text = date.toISOString();
  return `${text.slice(0, 10)}-${text.slice(11, 13)}${text.slice(14, 16)}.${text.slice(17, 19)}`;
}
