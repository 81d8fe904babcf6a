/**
 * An xz that compresses one block after another. To start a child costs a process of our size 10 to 40 ms and then a fault for each page that it writes
 * to, so there are few. Each block lies in a file without a name, which the child reads anew whenever it is told to: where a pipe ends, so does xz.
 */
import { randomUUID } from "node:crypto";
import { closeSync, ftruncateSync, openSync, unlinkSync, writeSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { isWholeStream } from "../archive/xz-stream.ts";
import { type StandingChild, standingChild } from "./child.ts";

/** The child opens its own number 3 by this name. */
const OWN_FILE = Buffer.from("/proc/self/fd/3\0", "latin1");

export class XzChild {
  readonly #file: number;
  readonly #child: StandingChild;
  /** Used again for each stream: fresh memory costs more than to copy what is found in it. */
  #room = Buffer.alloc(0);
  #used = 0;
  /** Told the stream, or undefined when the child was lost. */
  #done: ((stream: Buffer | undefined) => void) | undefined;
  #patience: NodeJS.Timeout | undefined;
  #isLost = false;

  /**
   * @param args what xz is to do with each file
   * @throws when no file can be made
   */
  constructor(program: string, args: readonly string[]) {
    this.#file = namelessFile();
    this.#child = standingChild(
      { program, args: [...args, "--stdout", "--files0"], descriptor: this.#file },
      (chunk) => this.#take(chunk),
      () => this.#lose(),
    );
  }

  /**
   * One block at a time.
   *
   * @param mostBytes that its stream may have
   * @param patienceMs how long it may take
   * @returns a whole stream that holds it alone; undefined when the child is of no use, for whatever reason
   */
  compress(block: Buffer, mostBytes: number, patienceMs: number): Promise<Buffer | undefined> {
    return new Promise((resolve) => {
      if (this.#isLost) return resolve(undefined);
      if (this.#room.length < mostBytes) this.#room = Buffer.allocUnsafeSlow(mostBytes);
      this.#used = 0;
      this.#done = resolve;
      try {
        // At once, not in a turn of the pool of threads, where it would wait behind blocks that are deflated: nobody waits for a disk here.
        for (let at = 0; at < block.length; ) at += writeSync(this.#file, block, at, block.length - at, at);
        ftruncateSync(this.#file, block.length);
      } catch {
        return this.end();
      }
      this.#child.hold(true);
      this.#patience = setTimeout(() => this.end(), patienceMs);
      this.#child.write(OWN_FILE);
    });
  }

  /** It is not to be asked again. */
  end(): void {
    this.#child.kill();
    this.#lose();
  }

  #take(chunk: Buffer): void {
    if (this.#done === undefined || this.#used + chunk.length > this.#room.length) {
      this.end();
      return;
    }
    this.#used += chunk.copy(this.#room, this.#used);
    const stream = this.#room.subarray(0, this.#used);
    if (!isWholeStream(stream)) return;
    this.#child.hold(false);
    this.#answer(Buffer.from(stream));
  }

  #lose(): void {
    if (this.#isLost) return;
    this.#isLost = true;
    try {
      closeSync(this.#file);
    } catch {
      // What is in it is of no use any more.
    }
    this.#answer(undefined);
  }

  #answer(stream: Buffer | undefined): void {
    clearTimeout(this.#patience);
    const done = this.#done;
    this.#done = undefined;
    done?.(stream);
  }
}

/** Open for reading and writing by us, and by nobody else once its name is gone. */
function namelessFile(): number {
  const path = join(tmpdir(), `aptmerge-${randomUUID()}`);
  const file = openSync(path, "wx+", 0o600);
  unlinkSync(path);
  return file;
}
