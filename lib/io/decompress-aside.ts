/**
 * bzip2, and xz where the machine has no xz program, in a worker thread: either engine would hold up this one for seconds, and with it timeouts and
 * signals.
 */
import type { AsideTask, DecompressOutcome } from "../ports.ts";
import { aside } from "./aside.ts";
import { BoundedSink } from "./decompress-sink.ts";

/** Bytes that go into or come out of an engine at a time. */
const CHUNK_BYTES = 64 * 1024;

interface Job {
  readonly bytes: Uint8Array;
  readonly form: "bz2" | "xz";
  readonly maxBytes: number;
}

/** An outcome on its way between threads, where a Buffer arrives as a plain array. */
type Answer = Exclude<DecompressOutcome, { kind: "plain" }> | { readonly kind: "plain"; readonly bytes: Uint8Array };

const DECOMPRESS: AsideTask<Job, Answer> = { module: import.meta.url, name: decompressHere.name };

export async function decompressAside(bytes: Buffer, form: "bz2" | "xz", maxBytes: number): Promise<DecompressOutcome> {
  const answer = await aside.run(DECOMPRESS, { bytes, form, maxBytes });
  if (answer.kind !== "plain") return answer;
  const { buffer, byteOffset, byteLength } = answer.bytes;
  return { kind: "plain", bytes: Buffer.from(buffer, byteOffset, byteLength) };
}

type Take = (chunk: Uint8Array) => boolean;

/** Hands out the plain text; throws when the input is damaged, may stop early when `take` had enough. */
type Engine = (bytes: Uint8Array, take: Take) => void | Promise<void>;

/** In the thread that does nothing else. */
export async function decompressHere({ bytes, form, maxBytes }: Job): Promise<Answer> {
  // Loaded here, so that only the worker pays for it, and outside of `try`: a missing engine is no damage of the input.
  const engine = form === "bz2" ? await loadBzip() : await loadXz();
  const sink = new BoundedSink(maxBytes, bytes.length);
  try {
    await engine(bytes, (chunk) => sink.add(chunk));
  } catch (error) {
    if (!sink.tooLong) return { kind: "damaged", because: error instanceof Error ? error.message : String(error) };
  }
  return sink.tooLong ? { kind: "too-long" } : { kind: "plain", bytes: sink.finish() };
}

async function loadBzip(): Promise<Engine> {
  const { default: seekBzip } = await import("seek-bzip");
  return (bytes, take) => {
    const input = new BzipInput(bytes);
    const output = new BzipOutput(take);
    // Stream by stream, and without `eof`: seek-bzip takes an input that ends between two blocks for whole.
    do seekBzip.decode(input, output);
    while (!input.atEnd);
    output.flush();
  };
}

class BzipInput {
  readonly #bytes: Uint8Array;
  #position = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
  }

  get atEnd(): boolean {
    return this.#position >= this.#bytes.length;
  }

  readByte(): number {
    const byte = this.#bytes[this.#position++];
    if (byte === undefined) throw new Error("unexpected end of input");
    return byte;
  }

  read(into: Uint8Array, offset: number, length: number): number {
    for (let i = 0; i < length; i++) into[offset + i] = this.readByte();
    return length;
  }
}

class BzipOutput {
  readonly #take: Take;
  readonly #chunk = new Uint8Array(CHUNK_BYTES);
  #used = 0;

  constructor(take: Take) {
    this.#take = take;
  }

  writeByte(byte: number): void {
    this.#chunk[this.#used++] = byte;
    if (this.#used === CHUNK_BYTES) this.flush();
  }

  flush(): void {
    const going = this.#take(this.#chunk.subarray(0, this.#used));
    this.#used = 0;
    if (!going) throw new Error("too long");
  }
}

async function loadXz(): Promise<Engine> {
  const { default: xzDecompress } = await import("xz-decompress");
  return async (bytes, take) => {
    let position = 0;
    const input = new ReadableStream<Uint8Array>({
      pull(controller) {
        if (position >= bytes.length) return controller.close();
        controller.enqueue(bytes.subarray(position, position + CHUNK_BYTES));
        position += CHUNK_BYTES;
      },
    });
    for await (const chunk of new xzDecompress.XzReadableStream(input)) if (!take(chunk)) return;
  };
}
