/**
 * What making an index came to, kept by a digest of all that it was made of: while that stays the same, the index need not be made again. A cache:
 * what is lost is found anew.
 *
 *     STATE/cache/outcomes/SUITE/NAME.json      a key and values, sealed
 *     STATE/cache/outcomes/SUITE/NAME.PART      large parts of them, known by the digests that the values give
 */
import { sha256Of } from "../archive/digests.ts";
import type { Sha256, SuiteName } from "../archive/names.ts";
import { sealed, unsealed } from "../archive/sealed.ts";
import type { Folder } from "../ports.ts";

/** Raised when the values have another shape. */
const SCHEMA = "aptmerge.outcome/2";

/** One file name for each: a suite's name may hold slashes, and so may that of an index. */
const flat = (name: string): string => name.replaceAll("%", "%25").replaceAll("/", "%2F");

/** What a file name stands for. */
export const unflat = (name: string): string => name.replaceAll("%2F", "/").replaceAll("%25", "%");

export const outcomePath = (suite: SuiteName, name: string, part: string): string => `cache/outcomes/${flat(suite)}/${flat(name)}.${part}`;

/** The values that were kept under this key, as they were; undefined when there are none. */
export async function readOutcome(state: Folder, suite: SuiteName, name: string, key: Sha256): Promise<unknown> {
  const bytes = unsealed(await state.read(outcomePath(suite, name, "json")));
  if (bytes === undefined) return undefined;
  const record = JSON.parse(bytes.toString("utf8")) as { readonly schema?: unknown; readonly key?: unknown; readonly outcome?: unknown };
  return record.schema === SCHEMA && record.key === key ? record.outcome : undefined;
}

/** Takes the place of what was kept under the name. */
export async function writeOutcome(state: Folder, suite: SuiteName, name: string, key: Sha256, outcome: object): Promise<void> {
  await state.writeDurably(outcomePath(suite, name, "json"), sealed(Buffer.from(JSON.stringify({ schema: SCHEMA, key, outcome }))));
}

export async function writePart(state: Folder, suite: SuiteName, name: string, part: string, bytes: Buffer): Promise<void> {
  await state.writeDurably(outcomePath(suite, name, part), bytes);
}

/** Whether it is there as it was, which is found out without holding it. */
export async function hasPart(state: Folder, suite: SuiteName, name: string, part: string, digest: Sha256 | undefined): Promise<boolean> {
  return digest !== undefined && (await state.digest(outcomePath(suite, name, part), []))?.digests.SHA256 === digest;
}

/** Undefined when it is not there as it was. */
export async function readPart(state: Folder, suite: SuiteName, name: string, part: string, digest: Sha256): Promise<Buffer | undefined> {
  const bytes = await state.read(outcomePath(suite, name, part));
  return bytes !== undefined && sha256Of(bytes) === digest ? bytes : undefined;
}
