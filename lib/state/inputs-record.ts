/**
 * `inputs.json` beside the published tree: what a generation was made of. Clients may read it; we read it to see that nothing changed, and to
 * get the floor of every mirror's Date back when STATE is gone.
 */
import { parseSha256, type Sha256 } from "../archive/names.ts";
import { MergeError } from "../errors.ts";
import type { Folder } from "../ports.ts";
import { otherSchema } from "./other-schema.ts";

export const INPUTS_SCHEMA = "aptmerge.inputs/1";

export interface InputsRecord {
  readonly schema: typeof INPUTS_SCHEMA;
  readonly generation: number;
  /** ISO 8601 in UTC. */
  readonly published: string;
  /** Version of aptmerge. */
  readonly version: string;
  readonly suites: Readonly<Record<string, SuiteRecord>>;
  /** The generation whose content a rollback published again as this one. */
  readonly rollbackOf?: number;
  /** Releases that were published before and are newer than those above: a rollback of ours lets no mirror go back. */
  readonly floors?: readonly FloorRecord[];
}

export interface FloorRecord {
  readonly mirror: string;
  readonly suite: string;
  /** ISO 8601 in UTC. */
  readonly date: string;
  /** Of the signed text. */
  readonly sha256: Sha256;
}

export interface SuiteRecord {
  /** Digest of all that decides the suite's bytes: equal means that nothing changed. */
  readonly inputs: Sha256;
  /** The same with the files that mirrors list and that could not be had; absent when all could. */
  readonly offered?: Sha256;
  readonly config: Sha256;
  readonly overrides: Sha256;
  /** Date and Valid-Until of our Release, ISO 8601 in UTC, and its digest. */
  readonly date: string;
  readonly validUntil?: string;
  readonly release: Sha256;
  readonly aliases: readonly string[];
  /** In order of rank. */
  readonly mirrors: readonly MirrorRecord[];
  readonly indices: readonly IndexRecord[];
  /** Absent once the suite was merged again. */
  readonly rolledBack?: RolledBack;
}

export interface RolledBack {
  /** The one whose content this is. */
  readonly generation: number;
  /** `inputs` and `offered` of the states that were rolled back from: while the inputs are one of these, merging would bring back what was refused. */
  readonly refused: readonly Sha256[];
}

export interface MirrorRecord {
  readonly mirror: string;
  readonly suite: string;
  readonly url: string;
  readonly date: string;
  readonly validUntil?: string;
  readonly sha256: Sha256;
  readonly signedBy: readonly string[];
  readonly pool?: string;
  /** Upstream index path without compression to the digest that its Release gives. */
  readonly indices: Readonly<Record<string, string>>;
}

export interface IndexRecord {
  readonly path: string;
  readonly stanzas: number;
  /** Uncompressed. */
  readonly bytes: number;
  readonly sha256: Sha256;
}

/**
 * @param generation the live one: it always has a record, so one that is not there was lost
 * @throws MergeError TRUST_DAMAGED: the record is the floor of last resort
 */
export async function readInputs(output: Folder, generation: string): Promise<InputsRecord> {
  const path = `${generation}/inputs.json`;
  const bytes = await output.read(path);
  const damaged = (found: string): MergeError => {
    const text = `Cannot use ${output.root}/${path}: ${found}, it must be as aptmerge wrote it`;
    return new MergeError("TRUST_DAMAGED", text, { file: `${output.root}/${path}` });
  };
  if (bytes === undefined) throw damaged("it is not there");
  try {
    const value = JSON.parse(bytes.toString("utf8")) as Partial<InputsRecord>;
    if (value?.schema !== INPUTS_SCHEMA) throw damaged(otherSchema(value?.schema, INPUTS_SCHEMA));
    const suites = value.suites === undefined ? [] : Object.values(value.suites);
    const sound = suites.every(
      (suite) =>
        !Number.isNaN(Date.parse(suite.date)) &&
        Array.isArray(suite.indices) &&
        suite.indices.every(({ path, stanzas, sha256 }) => typeof path === "string" && typeof stanzas === "number" && isDigest(sha256)) &&
        [suite.inputs, suite.offered ?? suite.inputs, suite.config, suite.overrides, suite.release].every(isDigest) &&
        Array.isArray(suite.aliases) &&
        Array.isArray(suite.mirrors) &&
        suite.mirrors.every(isDated) &&
        (suite.rolledBack === undefined || (Number.isInteger(suite.rolledBack.generation) && Array.isArray(suite.rolledBack.refused))),
    );
    const floored = value.floors === undefined || (Array.isArray(value.floors) && value.floors.every(isDated));
    if (!sound || !floored || typeof value.generation !== "number" || value.suites === undefined)
      throw damaged("a field is missing or of the wrong form");
    return value as InputsRecord;
  } catch (error) {
    throw error instanceof MergeError ? error : damaged("it is not JSON");
  }
}

const isDated = ({ date, sha256 }: Pick<FloorRecord, "date" | "sha256">): boolean => !Number.isNaN(Date.parse(date)) && isDigest(sha256);

const isDigest = (text: unknown): boolean => typeof text === "string" && parseSha256(text) !== undefined;

/** Of the Releases that are newer than what the suites are made of, the newest of each mirror's suite; in order of their names. */
export function floorsAbove(suites: InputsRecord["suites"], floors: readonly FloorRecord[]): readonly FloorRecord[] {
  const newest = new Map<string, FloorRecord>();
  const own = new Set<FloorRecord>(releasesOf(suites, false));
  for (const one of [...own, ...floors]) {
    const key = `${one.mirror}/${one.suite}`;
    const known = newest.get(key);
    if (known === undefined || Date.parse(one.date) > Date.parse(known.date)) newest.set(key, one);
  }
  const above = [...newest].filter(([, one]) => !own.has(one)).sort(([left], [right]) => (left < right ? -1 : 1));
  return above.map(([, { mirror, suite, date, sha256 }]) => ({ mirror, suite, date, sha256 }));
}

/**
 * Every Release that suites were made of.
 *
 * @param rolledBack of those that were rolled back, or of the others
 */
export const releasesOf = (suites: InputsRecord["suites"], rolledBack: boolean): readonly FloorRecord[] =>
  Object.values(suites).flatMap((suite) => ((suite.rolledBack !== undefined) === rolledBack ? suite.mirrors : []));

export function formatInputs(record: InputsRecord): Buffer {
  return Buffer.from(`${JSON.stringify(record, null, 2)}\n`);
}
