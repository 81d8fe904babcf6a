/** Hands the pieces of a file from who makes them to who writes them, in order, so that no more than a few are held. */
export interface PieceQueue {
  /** What was put in, until `end`. Ends with the error that `fail` was given. */
  readonly pieces: AsyncIterable<Buffer>;
  /** Pieces that wait to be taken. */
  readonly waiting: number;
  put(piece: Buffer): void;
  end(): void;
  fail(error: unknown): void;
}

export function pieceQueue(): PieceQueue {
  const queue: Buffer[] = [];
  let state: { readonly kind: "open" } | { readonly kind: "ended" } | { readonly kind: "failed"; readonly error: unknown } = {
    kind: "open",
  };
  let wake = (): void => {};
  async function* taken(): AsyncGenerator<Buffer> {
    for (;;) {
      const piece = queue.shift();
      if (piece !== undefined) yield piece;
      else if (state.kind === "ended") return;
      else if (state.kind === "failed") throw state.error;
      else
        await new Promise<void>((resolve) => {
          wake = resolve;
        });
    }
  }
  return {
    pieces: taken(),
    get waiting() {
      return queue.length;
    },
    put(piece) {
      queue.push(piece);
      wake();
    },
    end() {
      state = { kind: "ended" };
      wake();
    },
    fail(error) {
      queue.length = 0;
      state = { kind: "failed", error };
      wake();
    },
  };
}
