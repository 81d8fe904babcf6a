/**
 * Which names the blocks of a merged index speak of, as hashes of them, so that the next run reads the relations of those stanzas only that speak of
 * what changed. A cache: what is lost is collected anew. It is bound to nothing but the blocks' own text.
 *
 *     STATE/cache/outcomes/SUITE/NAME.mentions      a line with the lengths of lists, then the lists, sealed
 */
import { parseSha256, type Sha256, type SuiteName } from "../archive/names.ts";
import { sealed, unsealed } from "../archive/sealed.ts";
import type { Folder } from "../ports.ts";
import { outcomePath, writePart } from "./outcomes.ts";

/** To be raised also when names are hashed or found otherwise. */
const SCHEMA = "aptmerge.mentions/1";

/** Before the lists, which are written as this machine has its numbers: another reads another number there. */
const ORDER = 0x0102;

/** Lists of each block. */
export interface KnownMentions {
  readonly names: Uint16Array;
  readonly needs: Uint16Array;
  readonly provides: Uint16Array;
}

type Row = readonly [raw: Sha256, names: number, needs: number, provides: number];

/** By the digest of each block's text. */
export async function readMentions(state: Folder, suite: SuiteName, name: string): Promise<ReadonlyMap<Sha256, KnownMentions>> {
  const known = new Map<Sha256, KnownMentions>();
  const content = unsealed(await state.read(outcomePath(suite, name, "mentions")));
  const headEnd = content?.indexOf("\n") ?? -1;
  if (content === undefined || headEnd < 0) return known;
  const rows = rowsOf(content.toString("utf8", 0, headEnd));
  // A copy of its own, because numbers of two bytes lie at every second.
  const lists = content.subarray(headEnd + 1);
  const numbers = new Uint16Array(new Uint8Array(lists).buffer, 0, lists.length >> 1);
  const total = rows?.reduce((sum, [, names, needs, provides]) => sum + names + needs + provides, 1);
  if (rows === undefined || numbers[0] !== ORDER || total !== lists.length / 2) return known;
  let at = 1;
  const next = (length: number): Uint16Array => {
    at += length;
    return numbers.subarray(at - length, at);
  };
  for (const [raw, names, needs, provides] of rows) known.set(raw, { names: next(names), needs: next(needs), provides: next(provides) });
  return known;
}

/** Stored state is input: undefined when it is no such record, whatever the reason. */
function rowsOf(head: string): readonly Row[] | undefined {
  try {
    const { schema, blocks } = JSON.parse(head) as { readonly schema?: unknown; readonly blocks?: unknown };
    const isWhole =
      Array.isArray(blocks) &&
      (blocks as readonly unknown[]).every(
        (row) =>
          Array.isArray(row) &&
          parseSha256(String(row[0])) !== undefined &&
          row.length === 4 &&
          row.slice(1).every((length) => Number.isSafeInteger(length) && length >= 0),
      );
    return schema === SCHEMA && isWhole ? (blocks as readonly Row[]) : undefined;
  } catch {
    return undefined;
  }
}

/** Takes the place of what was known. */
export async function writeMentions(
  state: Folder,
  suite: SuiteName,
  name: string,
  blocks: ReadonlyMap<Sha256, KnownMentions>,
): Promise<void> {
  const rows = [...blocks].map(([raw, { names, needs, provides }]): Row => [raw, names.length, needs.length, provides.length]);
  const lists = [Uint16Array.of(ORDER), ...[...blocks.values()].flatMap(({ names, needs, provides }) => [names, needs, provides])];
  const bytes = lists.map(({ buffer, byteOffset, byteLength }) => Buffer.from(buffer, byteOffset, byteLength));
  const head = Buffer.from(`${JSON.stringify({ schema: SCHEMA, blocks: rows })}\n`);
  await writePart(state, suite, name, "mentions", sealed(Buffer.concat([head, ...bytes])));
}
