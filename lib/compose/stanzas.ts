/**
 * Turns kept stanzas into the bytes of a merged index, cut into blocks. Stanzas keep their bytes but for the path field and what the policy
 * and overrides change; each ends with one empty line.
 */
import { type Block, isBorder, MAX_BLOCK_BYTES, opensRun } from "../archive/block.ts";
import { countLines } from "../archive/lines.ts";
import { prefixed } from "../archive/paths.ts";
import { editStanza, type FieldEdit } from "../deb822/edit.ts";
import { fieldText, type StanzaTable } from "../deb822/stanza-table.ts";
import { type IndexKind, NAME, PATH } from "../kinds/index-kind.ts";
import { BlockRooms } from "./block-rooms.ts";

/** What compose needs of a kept stanza. */
export interface ComposedStanza {
  readonly input: { readonly table: StanzaTable; readonly pool: string | undefined };
  readonly stanza: number;
  /** Where it is at hand. */
  readonly name?: string;
  /** What the policy changes in it, before any override. */
  readonly edits?: readonly FieldEdit[];
}

/** What overrides change in a stanza; undefined, for nearly all, when they do not speak of it. */
export type StanzaEdits<S extends ComposedStanza> = (stanza: S, name: string) => readonly FieldEdit[] | undefined;

/**
 * Sees every stanza as it is written. `bytes` is to be asked for at once or not at all, and not kept: the room is used again. `edited` when
 * the policy or an override changed it.
 */
export type StanzaObserver<S extends ComposedStanza> = (stanza: S, name: string, bytes: () => Buffer, edited: boolean) => void;

/** About 56 kB of Packages, 100 kB of Sources. */
const NAMES_PER_BLOCK = 64;
const NEWLINE = 0x0a;

/** Lazily, in order: each block is made when the one before has been handed to the compressors. */
export function* composeBlocks<S extends ComposedStanza>(
  kind: IndexKind,
  kept: readonly S[],
  editsOf: StanzaEdits<S>,
  observe?: StanzaObserver<S>,
): Generator<Block> {
  const rooms = new BlockRooms();
  let room = rooms.room;
  let used = 0;
  let stanzas = 0;
  let lines = 0;
  let overridden = 0;
  let lastName: string | undefined;
  let opens = true;

  const reserve = (bytes: number): void => {
    if (used + bytes <= room.length) return;
    used = rooms.move(used, bytes);
    room = rooms.room;
  };
  const prefixes = new Map<string, Buffer>();
  const prefixOf = (pool: string): Buffer => {
    const known = prefixes.get(pool) ?? Buffer.from(`${pool}/`, "latin1");
    prefixes.set(pool, known);
    return known;
  };
  const put = (bytes: Buffer, start: number, end: number): void => {
    reserve(end - start);
    used += bytes.copy(room, used, start, end);
  };
  const take = (): Block => {
    const block = { ...rooms.take(used), stanzas, lines, overridden, opensRun: opens };
    stanzas = 0;
    lines = 0;
    overridden = 0;
    return block;
  };

  for (const one of kept) {
    const { input, stanza } = one;
    const { table } = input;
    const name = one.name ?? fieldText(table, stanza, NAME) ?? "";
    const atBorder = name !== lastName && used > rooms.start && isBorder(name, NAMES_PER_BLOCK);
    if (atBorder || (name !== lastName && used - rooms.start > MAX_BLOCK_BYTES)) {
      yield take();
      opens = atBorder && opensRun(name, NAMES_PER_BLOCK);
    }
    lastName = name;
    // In the block: the room may become another.
    const begin = used - rooms.start;
    const start = table.starts[stanza] ?? 0;
    const end = table.ends[stanza] ?? 0;
    const at = (stanza * table.fields.length + PATH) * 2;
    const pathEnd = table.spans[at + 1] ?? 0;
    if (input.pool === undefined) put(table.bytes, start, end);
    else if (pathEnd === 0) {
      put(table.bytes, start, end);
      const line = Buffer.from(`${room[used - 1] === NEWLINE ? "" : "\n"}${kind.pathField}: ${prefixed("", input.pool)}\n`, "latin1");
      put(line, 0, line.length);
      lines++;
    } else if (startsWithPool(table.bytes, table.spans[at] ?? 0)) {
      // Nearly all paths: no text is made of them.
      const insertion = (table.spans[at] ?? 0) + POOL.length;
      put(table.bytes, start, insertion);
      const prefix = prefixOf(input.pool);
      put(prefix, 0, prefix.length);
      put(table.bytes, insertion, end);
    } else {
      const pathStart = table.spans[at] ?? 0;
      const path = Buffer.from(prefixed(table.bytes.toString("latin1", pathStart, pathEnd), input.pool), "latin1");
      put(table.bytes, start, pathStart);
      put(path, 0, path.length);
      put(table.bytes, pathEnd, end);
    }
    reserve(2);
    if (room[used - 1] !== NEWLINE) room[used++] = NEWLINE;

    lines += table.lines?.[stanza] ?? countLines(table.bytes.subarray(start, end));
    let edited = false;
    const overrides = editsOf(one, name);
    if (one.edits !== undefined || overrides !== undefined) {
      const before = room.subarray(rooms.start + begin, used);
      const limited = editStanza(before, one.edits ?? []);
      const after = editStanza(limited, overrides ?? []);
      if (after !== limited) overridden++;
      if (after !== before) {
        edited = true;
        lines += countLines(after) - countLines(before);
        used = rooms.start + begin;
        put(after, 0, after.length);
      }
    }
    observe?.(one, name, () => room.subarray(rooms.start + begin, used), edited);
    reserve(1);
    room[used++] = NEWLINE;
    lines++;
    stanzas++;
  }
  if (used > rooms.start) yield take();
}

const POOL = Buffer.from("pool/", "latin1");

function startsWithPool(bytes: Buffer, at: number): boolean {
  for (let i = 0; i < POOL.length; i++) if (bytes[at + i] !== POOL[i]) return false;
  return true;
}
