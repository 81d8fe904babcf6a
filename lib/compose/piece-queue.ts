/** Hands the pieces of a file from who makes them to who writes them, in order, so that no more than a few are held. */
export interface PieceQueue {
  /** What was put in, some joined, until `end`. Ends with the error that `fail` was given. Each is good until the next one is asked for. */
  readonly pieces: AsyncIterable<Buffer>;
  /** Of pieces that wait to be taken. */
  readonly waitingBytes: number;
  /** @param written called when it is not needed any more */
  put(piece: Buffer, written?: () => void): void;
  end(): void;
  fail(error: unknown): void;
}

interface WaitingPiece {
  readonly piece: Buffer;
  readonly written: (() => void) | undefined;
}

/** What is handed on at a time, but for the end: to write a small piece takes as long as to copy a large one. */
const BATCH_BYTES = 512 * 1024;

/** @param taken called when pieces were taken */
export function pieceQueue(taken: () => void): PieceQueue {
  const queue: WaitingPiece[] = [];
  let waitingBytes = 0;
  let state: { readonly kind: "open" } | { readonly kind: "ended" } | { readonly kind: "failed"; readonly error: unknown } = {
    kind: "open",
  };
  let wake = (): void => {};
  /** No more than a batch: a slow disk must not have what waits for it copied whole. */
  const take = (): readonly WaitingPiece[] => {
    const enough = Math.max(0, waitingBytes - BATCH_BYTES);
    const batch: WaitingPiece[] = [];
    for (let one = queue.shift(); one !== undefined; one = waitingBytes > enough ? queue.shift() : undefined) {
      batch.push(one);
      waitingBytes -= one.piece.length;
    }
    return batch;
  };
  /** In which pieces are joined: to be given fresh memory takes longer than to copy. */
  let room = Buffer.alloc(0);
  const join = (batch: readonly WaitingPiece[]): Buffer => {
    const [first] = batch;
    if (batch.length === 1 && first !== undefined) return first.piece;
    const bytes = batch.reduce((sum, { piece }) => sum + piece.length, 0);
    if (room.length < bytes) room = Buffer.allocUnsafeSlow(Math.max(bytes, 2 * BATCH_BYTES));
    let used = 0;
    for (const { piece } of batch) used += piece.copy(room, used);
    return room.subarray(0, used);
  };
  async function* inOrder(): AsyncGenerator<Buffer> {
    for (;;) {
      if (waitingBytes >= BATCH_BYTES || (state.kind === "ended" && queue.length > 0)) {
        const batch = take();
        taken();
        yield join(batch);
        for (const { written } of batch) written?.();
      } else if (state.kind === "ended") return;
      else if (state.kind === "failed") throw state.error;
      else
        await new Promise<void>((resolve) => {
          wake = resolve;
        });
    }
  }
  return {
    pieces: inOrder(),
    get waitingBytes() {
      return waitingBytes;
    },
    put(piece, written) {
      queue.push({ piece, written });
      waitingBytes += piece.length;
      if (waitingBytes >= BATCH_BYTES) wake();
    },
    end() {
      state = { kind: "ended" };
      wake();
    },
    fail(error) {
      queue.length = 0;
      waitingBytes = 0;
      state = { kind: "failed", error };
      wake();
    },
  };
}
