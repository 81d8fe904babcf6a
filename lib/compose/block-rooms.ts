/**
 * Rooms in which blocks are written one behind the other, and which are used again: a large index would leave its own size in garbage otherwise.
 * Neighbours lie side by side, so that they need not be copied to be compressed together.
 */

/** Of several runs, so that few begin in one room and end in the next. */
const ROOM_BYTES = 4 * 1024 * 1024;

interface Room {
  readonly bytes: Buffer;
  /** Blocks in it that were not given back, and the one that is being written. */
  users: number;
}

const newRoom = (bytes: number): Room => ({ bytes: Buffer.allocUnsafeSlow(bytes), users: 1 });

export class BlockRooms {
  readonly #free: Room[] = [];
  #room = newRoom(ROOM_BYTES);
  #start = 0;

  /** That of the block that is being written. */
  get room(): Buffer {
    return this.#room.bytes;
  }

  /** Where in it that block begins. */
  get start(): number {
    return this.#start;
  }

  /**
   * Goes on in another room, with what there is of the block.
   *
   * @param used where in the room the block ends so far
   * @param more bytes that it will have at least
   * @returns where it ends in the new room
   */
  move(used: number, more: number): number {
    const old = this.#room;
    const written = used - this.#start;
    const wanted = written + more;
    this.#room = wanted > ROOM_BYTES ? newRoom(2 * wanted) : (this.#free.pop() ?? newRoom(ROOM_BYTES));
    this.#room.users = 1;
    old.bytes.copy(this.#room.bytes, 0, this.#start, used);
    this.#start = 0;
    this.#leave(old);
    return written;
  }

  /** Ends the block. @param used where in the room it ends */
  take(used: number): { readonly bytes: Buffer; release(): void } {
    const room = this.#room;
    const bytes = room.bytes.subarray(this.#start, used);
    room.users++;
    this.#start = used;
    return { bytes, release: () => this.#leave(room) };
  }

  #leave(room: Room): void {
    room.users--;
    if (room.users === 0 && room.bytes.length === ROOM_BYTES) this.#free.push(room);
  }
}

/** All of these texts as one; undefined when they do not lie side by side. */
export function sideBySide(texts: readonly Buffer[]): Buffer | undefined {
  const [first] = texts;
  if (first === undefined) return undefined;
  const { buffer, byteOffset } = first;
  let end = byteOffset;
  for (const text of texts) {
    if (text.buffer !== buffer || text.byteOffset !== end) return undefined;
    end += text.length;
  }
  return Buffer.from(buffer, byteOffset, end - byteOffset);
}
