/**
 * Where a new text of blocks differs from the old one: blocks of the same digest are the same text and are not read again, only what lies between
 * them is told, old beside new.
 */
import { CatchUp } from "./catch-up.ts";
import type { Sha256 } from "./names.ts";

/** The text as it was. */
export interface OldBlocks {
  /** Digests of its blocks, in order. */
  readonly raw: readonly Sha256[];
  /** Text of a block; undefined when it cannot be had. */
  read(position: number): Promise<Buffer | undefined>;
}

/** Is told of both texts from beginning to end, in order. Positions are of blocks of the new text. */
export interface ChangeListener {
  same(position: number): void;
  /** @param until position behind the last of them; there may be none */
  changed(before: Buffer, after: Buffer, from: number, until: number): void;
}

export interface ChangeWatch {
  /**
   * Takes note of the blocks of the new text, in order. `bytes` is copied when it is needed later.
   *
   * @returns whether the old text has the block
   */
  see(bytes: Buffer, raw: Sha256): boolean;
  /** Tells of what was seen so far while there is time for it. */
  ahead(): void;
  /** Tells the rest. @returns false when too much changed for it to be held, or the old text cannot be had: what was told then is not all */
  tell(): Promise<boolean>;
}

/** Most of a new text that may have changed, in bytes: it is held. */
const MAX_CHANGED_BYTES = 64 * 1024 * 1024;

interface SeenBlock {
  readonly raw: Sha256;
  /** Only of a block that the old text does not have, until it was told of. */
  bytes: Buffer | undefined;
}

/**
 * @param keyOf by which a block of the new text is known to stand for one of the old text: both texts are in order of it. Undefined when it cannot
 * be told.
 */
export function watchChanges(
  old: OldBlocks,
  keyOf: (text: Buffer) => string | undefined,
  listeners: readonly ChangeListener[],
): ChangeWatch {
  const places = new Map(old.raw.map((raw, place) => [raw, place]));
  const seen: SeenBlock[] = [];
  let changedBytes = 0;
  let next = 0; // first old block that was not passed
  let first = 0; // first new block that was not told of
  let isLost = false;

  /** Tells of all up to an old and a new place. */
  const compare = async (upTo: number, until: number): Promise<void> => {
    const fresh: Buffer[] = [];
    for (const { bytes, raw } of seen.slice(first, until)) {
      // A block that moved was not kept: its text is the old one's.
      const text = bytes ?? (await old.read(places.get(raw) ?? -1));
      if (text === undefined) {
        isLost = true;
        return;
      }
      fresh.push(text);
    }
    const beginnings = new Map(fresh.map((text, position) => [keyOf(text), position]));
    let [before, told]: [Buffer[], number] = [[], 0];
    const flush = (end: number): void => {
      if (before.length === 0 && told === end) return;
      const [gone, come] = [Buffer.concat(before), Buffer.concat(fresh.slice(told, end))];
      for (const listener of listeners) listener.changed(gone, come, first + told, first + end);
      before = [];
      told = end;
    };
    for (; next < upTo; next++) {
      const text = await old.read(next);
      if (text === undefined) {
        isLost = true;
        return;
      }
      // Blocks that begin alike hold the same names: each is compared with its own, so that little is held at a time.
      const key = keyOf(text);
      const twin = key === undefined ? undefined : beginnings.get(key);
      if (twin !== undefined && twin >= told) flush(twin);
      before.push(text);
    }
    flush(fresh.length);
    for (const one of seen.slice(first, until)) one.bytes = undefined;
    first = until;
  };

  const telling = new CatchUp(seen, async ({ raw }, position) => {
    if (changedBytes > MAX_CHANGED_BYTES) isLost = true;
    if (isLost) return;
    const place = old.raw[next] === raw ? next : places.get(raw);
    if (place === undefined || place < next) return;
    await compare(place, position);
    if (isLost) return;
    for (const listener of listeners) listener.same(position);
    next = place + 1;
    first = position + 1;
  });

  return {
    see(bytes, raw) {
      const known = places.has(raw);
      if (!known) changedBytes += bytes.length;
      seen.push({ raw, bytes: known || changedBytes > MAX_CHANGED_BYTES ? undefined : Buffer.from(bytes) });
      return known;
    },
    ahead: () => telling.ahead(),
    async tell() {
      await telling.done();
      if (!isLost) await compare(old.raw.length, seen.length);
      return !isLost;
    },
  };
}

export const firstLine = (text: Buffer): string => text.toString("latin1", 0, Math.max(0, text.indexOf("\n")));
