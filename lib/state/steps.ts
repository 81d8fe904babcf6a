/**
 * How published indices came about: each step from one state of an index to the next, named by the state that it leads to. Patches for clients are
 * made of them. A cache: when it is lost, clients fetch indices whole until new steps have come together.
 *
 *     STATE/cache/steps/SUITE/PATH/HEX      HEX: SHA256 of the uncompressed index that the step leads to; sealed
 */
import { parseSha256, type Sha256, type SuiteName } from "../archive/names.ts";
import { sealed, unsealed } from "../archive/sealed.ts";
import { decodeStep, encodeStep, type Step } from "../pdiff/step.ts";
import type { Folder } from "../ports.ts";

/** A state of an index, as it was published. */
export interface IndexState {
  /** Uncompressed. */
  readonly sha256: Sha256;
  readonly bytes: number;
  /** Date of the Release that first listed it. */
  readonly date: Date;
}

export interface IndexStep {
  readonly from: IndexState;
  readonly to: IndexState;
  readonly step: Step;
}

const folderOf = (suite: SuiteName, path: string): string => `cache/steps/${suite}/${path}`;

/** The steps that lead to a state, oldest first, at most `most`. Ends where one is lost or damaged, or a state comes back. */
export async function readSteps(state: Folder, suite: SuiteName, path: string, to: Sha256, most: number): Promise<readonly IndexStep[]> {
  const steps: IndexStep[] = [];
  const seen = new Set<Sha256>([to]);
  for (let next = to; steps.length < most; ) {
    const bytes = unsealed(await state.read(`${folderOf(suite, path)}/${next}`));
    const step = bytes === undefined ? undefined : parse(bytes);
    if (step === undefined || step.to.sha256 !== next || seen.has(step.from.sha256)) break;
    steps.unshift(step);
    next = step.from.sha256;
    seen.add(next);
  }
  return steps;
}

/** @param keep further states whose steps stay; the others of the index go */
export async function writeStep(state: Folder, suite: SuiteName, path: string, one: IndexStep, keep: ReadonlySet<Sha256>): Promise<void> {
  const folder = folderOf(suite, path);
  const facts = ({ sha256, bytes, date }: IndexState): object => ({ sha256, bytes, date: date.toISOString() });
  const head = JSON.stringify({ schema: "aptmerge.step/1", from: facts(one.from), to: facts(one.to) });
  await state.writeDurably(`${folder}/${one.to.sha256}`, sealed(Buffer.concat([Buffer.from(`${head}\n`), encodeStep(one.step)])));
  for (const { name } of (await state.list(folder)) ?? []) {
    const digest = parseSha256(name);
    if (digest === undefined || (digest !== one.to.sha256 && !keep.has(digest))) await state.remove(`${folder}/${name}`);
  }
}

function parse(bytes: Buffer): IndexStep | undefined {
  const end = bytes.indexOf("\n");
  if (end < 0) return undefined;
  try {
    const head = JSON.parse(bytes.toString("utf8", 0, end)) as { schema?: unknown; from?: unknown; to?: unknown };
    const [from, to, step] = [parseState(head.from), parseState(head.to), decodeStep(bytes.subarray(end + 1))];
    return head.schema !== "aptmerge.step/1" || from === undefined || to === undefined || step === undefined
      ? undefined
      : { from, to, step };
  } catch {
    return undefined;
  }
}

function parseState(value: unknown): IndexState | undefined {
  const { sha256, bytes, date } = (value ?? {}) as { sha256?: unknown; bytes?: unknown; date?: unknown };
  const digest = parseSha256(String(sha256));
  const day = new Date(String(date));
  if (digest === undefined || typeof bytes !== "number" || !Number.isSafeInteger(bytes) || Number.isNaN(day.getTime())) return undefined;
  return { sha256: digest, bytes, date: day };
}
