/** gzip and Zstandard by node:zlib, which checks CRCs, on the thread pool. */
import { constants, createGunzip, createZstdDecompress, type Gunzip, type ZlibOptions } from "node:zlib";
import type { DecompressOutcome, StreamEnd } from "../ports.ts";
import { bytesAhead, trimmed } from "./decompress-sink.ts";

/** Largest window that a Zstandard frame may ask for, as a power of two: 128 MiB, what `zstd -d` allows too. */
const MAX_WINDOW_LOG = 27;

/** Several gzip members or Zstandard frames in a row are one text. */
export async function decompressZlib(bytes: Buffer, form: "gz" | "zst", maxBytes: number): Promise<DecompressOutcome> {
  const parts: Buffer[] = [];
  let room = maxBytes;
  for (let start = 0; start < bytes.length || start === 0; ) {
    const run = await decompressRun(start === 0 ? bytes : bytes.subarray(start), form, room);
    if (run.kind !== "run") return run;
    parts.push(...run.parts);
    room -= run.bytes;
    start += run.consumed;
    // zlib reads all gzip members that follow each other and ends silently at a zero byte; Zstandard may end after each frame.
    if (start < bytes.length && (form === "gz" || run.consumed === 0)) return { kind: "damaged", because: "other bytes follow its end" };
  }
  const [only] = parts;
  return { kind: "plain", bytes: parts.length === 1 && only !== undefined ? trimmed(only) : Buffer.concat(parts) };
}

type Run =
  | { readonly kind: "run"; readonly parts: readonly Buffer[]; readonly bytes: number; readonly consumed: number }
  | Exclude<DecompressOutcome, { kind: "plain" }>;

function decompressRun(bytes: Buffer, form: "gz" | "zst", maxBytes: number): Promise<Run> {
  return new Promise((resolve) => {
    // One byte more than is wanted: the whole text arrives as one chunk, and a longer one shows at once.
    const chunkSize = Math.max(64, bytesAhead(maxBytes, bytes.length) + 1);
    const engine =
      form === "gz"
        ? createGunzip({ chunkSize })
        : createZstdDecompress({ chunkSize, params: { [constants.ZSTD_d_windowLogMax]: MAX_WINDOW_LOG } });
    const parts: Buffer[] = [];
    let total = 0;
    engine.on("data", (chunk: Buffer) => {
      total += chunk.length;
      if (total <= maxBytes) return parts.push(chunk);
      engine.destroy();
      return resolve({ kind: "too-long" });
    });
    engine.on("end", () => resolve({ kind: "run", parts, bytes: total, consumed: engine.bytesWritten }));
    engine.on("error", (error) => resolve({ kind: "damaged", because: error.message }));
    engine.end(bytes);
  });
}

/** Larger ones are no faster, and V8 lets them pile up before it collects. */
const PIECE_BYTES = 64 * 1024;

/** Several gzip members in a row are one text. Works ahead by a few pieces while the reader is busy. */
export async function* gunzipInPieces(bytes: Buffer | AsyncIterable<Buffer>): AsyncGenerator<Buffer, StreamEnd> {
  // Pieces as objects: Node would join those that wait into one otherwise.
  const engine = createGunzip({ chunkSize: PIECE_BYTES, readableObjectMode: true, readableHighWaterMark: 4 } as ZlibOptions);
  let given = 0;
  // What the source throws is thrown to the reader as it is: that is no damage of the text.
  let failure: { readonly error: unknown } | undefined;
  const feeding = feed(engine, bytes, (count) => {
    given += count;
  }).catch((error: unknown) => {
    failure = { error };
    engine.destroy();
  });
  try {
    for await (const piece of engine) yield piece as Buffer;
  } catch (error) {
    if (failure !== undefined) throw failure.error;
    return { kind: "damaged", because: error instanceof Error ? error.message : String(error) };
  } finally {
    engine.destroy();
    await feeding;
  }
  if (failure !== undefined) throw failure.error;
  return engine.bytesWritten < given ? { kind: "damaged", because: "other bytes follow its end" } : { kind: "ended" };
}

async function feed(engine: Gunzip, bytes: Buffer | AsyncIterable<Buffer>, given: (count: number) => void): Promise<void> {
  if (Buffer.isBuffer(bytes)) {
    given(bytes.length);
    engine.end(bytes);
    return;
  }
  for await (const piece of bytes) {
    if (engine.destroyed) return;
    given(piece.length);
    if (!engine.write(piece)) await room(engine);
  }
  engine.end();
}

/** Waits until the engine takes more, or never will. */
function room(engine: Gunzip): Promise<void> {
  return new Promise((resolve) => {
    const done = (): void => {
      engine.off("drain", done).off("close", done);
      resolve();
    };
    engine.on("drain", done).on("close", done);
  });
}
