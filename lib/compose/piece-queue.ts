/** Hands the pieces of a file from who makes them to who writes them, in order, so that no more than a few are held. */
export interface PieceQueue {
  /** What was put in, until `end`. Ends with the error that `fail` was given. */
  readonly pieces: AsyncIterable<Buffer>;
  /** Of pieces that wait to be taken. */
  readonly waitingBytes: number;
  put(piece: Buffer): void;
  end(): void;
  fail(error: unknown): void;
}

/** @param taken called when a piece was taken */
export function pieceQueue(taken: () => void): PieceQueue {
  const queue: Buffer[] = [];
  let waitingBytes = 0;
  let state: { readonly kind: "open" } | { readonly kind: "ended" } | { readonly kind: "failed"; readonly error: unknown } = {
    kind: "open",
  };
  let wake = (): void => {};
  async function* inOrder(): AsyncGenerator<Buffer> {
    for (;;) {
      const piece = queue.shift();
      if (piece !== undefined) {
        waitingBytes -= piece.length;
        taken();
        yield piece;
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
    put(piece) {
      queue.push(piece);
      waitingBytes += piece.length;
      wake();
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
