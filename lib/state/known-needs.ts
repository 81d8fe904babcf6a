/**
 * What the blocks of a merged index need of Sources, as the last run found it. A cache: what is lost is collected anew. It is bound to nothing but the
 * blocks' own text, so it counts whatever became of the index that they were in.
 *
 *     STATE/cache/outcomes/SUITE/NAME.needs             the needs, block by block
 *     STATE/cache/outcomes/SUITE/NAME.needs-blocks      which bytes of it are of which block, sealed
 */
import { sha256Of } from "../archive/digests.ts";
import { parseSha256, type Sha256, type SuiteName } from "../archive/names.ts";
import { sealed, unsealed } from "../archive/sealed.ts";
import type { Folder } from "../ports.ts";
import { outcomePath, readPart, writePart } from "./outcomes.ts";

/** To be raised also when needs are found otherwise. */
const SCHEMA = "aptmerge.needs/1";

/** What one block needs. */
export interface BlockNeeds {
  /** Digest of its text. */
  readonly raw: Sha256;
  /** All else that it follows from. */
  readonly beyond: string;
  readonly needs: Buffer;
}

export interface IndexNeeds {
  readonly blocks: readonly BlockNeeds[];
  /** Of all blocks, one behind the other. */
  readonly bytes: Buffer;
  readonly sha256: Sha256;
}

interface NeedsRecord {
  readonly schema: typeof SCHEMA;
  readonly sha256: Sha256;
  readonly blocks: readonly (readonly [raw: Sha256, beyond: string, bytes: number])[];
}

export function indexNeeds(blocks: readonly BlockNeeds[]): IndexNeeds {
  const bytes = Buffer.concat(blocks.map(({ needs }) => needs));
  return { blocks, bytes, sha256: sha256Of(bytes) };
}

/** @param name of the outcome; undefined when nothing is known */
export async function readIndexNeeds(state: Folder, suite: SuiteName, name: string): Promise<IndexNeeds | undefined> {
  const record = recordOf(unsealed(await state.read(outcomePath(suite, name, "needs-blocks"))));
  const bytes = record && (await readPart(state, suite, name, "needs", record.sha256));
  if (record === undefined || bytes === undefined) return undefined;
  const blocks: BlockNeeds[] = [];
  let at = 0;
  for (const [raw, beyond, length] of record.blocks) {
    blocks.push({ raw, beyond, needs: bytes.subarray(at, at + length) });
    at += length;
  }
  return at === bytes.length ? { blocks, bytes, sha256: record.sha256 } : undefined;
}

/** Stored state is input: undefined when it is no such record, whatever the reason. */
function recordOf(content: Buffer | undefined): NeedsRecord | undefined {
  try {
    const { schema, sha256, blocks } = JSON.parse(content?.toString("utf8") ?? "{}") as Partial<NeedsRecord>;
    const digest = parseSha256(String(sha256));
    const isWhole =
      Array.isArray(blocks) &&
      (blocks as readonly unknown[]).every(
        (row) =>
          Array.isArray(row) && typeof row[0] === "string" && typeof row[1] === "string" && Number.isSafeInteger(row[2]) && row[2] >= 0,
      );
    return schema === SCHEMA && digest !== undefined && isWhole ? { schema, sha256: digest, blocks } : undefined;
  } catch {
    return undefined;
  }
}

/** @param before what was read, which need not be written again */
export async function writeIndexNeeds(
  state: Folder,
  suite: SuiteName,
  name: string,
  { blocks, bytes, sha256 }: IndexNeeds,
  before: IndexNeeds | undefined,
): Promise<void> {
  if (sha256 !== before?.sha256) await writePart(state, suite, name, "needs", bytes);
  const record: NeedsRecord = { schema: SCHEMA, sha256, blocks: blocks.map(({ raw, beyond, needs }) => [raw, beyond, needs.length]) };
  await writePart(state, suite, name, "needs-blocks", sealed(Buffer.from(JSON.stringify(record))));
}
