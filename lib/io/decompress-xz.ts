/** xz by the system's own program: twice as fast as in process, bounded in memory, and easily stopped. */
import { readSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import { MergeError } from "../errors.ts";
import type { DecompressOutcome, DecompressProgress } from "../ports.ts";
import { type ChildEnd, runChild } from "./child.ts";
import { BoundedSink } from "./decompress-sink.ts";
import { errnoWords } from "./disk-errors.ts";
import { forget, namelessFile, writeParts } from "./nameless-file.ts";

/** Debian's own files ask for 9 MiB, `xz -9` for 65 MiB: a file that asks for more than this is refused. */
const MEMORY_LIMIT = "256MiB";

/** One thread: indices come several at a time, and the threaded decoder of xz 5.4 to 5.8.0 could be corrupted by its input (CVE-2025-31115). */
const ARGS = ["--decompress", "--stdout", "--format=xz", "--threads=1", `--memlimit-decompress=${MEMORY_LIMIT}`];

/**
 * A pipe takes so much at once. For more, xz waits whenever this thread has other things to do, and this thread is told of every 8 kB that come back: files
 * spare both.
 */
const MANY_BYTES = 256 * 1024;

/** xz would pass over zeros instead of writing them: a file of nothing else neither grows before the end nor meets a limit. */
const TO_FILE = ["--no-sparse", ...ARGS];

/** How often a file is looked at for more, and how much is taken at one time: xz makes less between two looks. */
const LOOK_MS = 5;
const LOOK_BYTES = 1024 * 1024;

/** In which `ulimit -f` counts. */
const LIMIT_UNIT_BYTES = 512;

/** @throws MergeError COMPRESSOR_FAILED when the program, not the input, is at fault */
export async function decompressXz(
  program: string,
  bytes: Buffer,
  maxBytes: number,
  progress?: DecompressProgress,
): Promise<DecompressOutcome> {
  if (bytes.length > MANY_BYTES) {
    // What goes wrong there may be for want of room: pipes need none, and tell what else it may be.
    const outcome = await throughFiles(program, bytes, new BoundedSink(maxBytes, bytes.length, progress)).catch(() => undefined);
    if (outcome !== undefined) return outcome;
  }
  return throughPipes(program, bytes, new BoundedSink(maxBytes, bytes.length, progress));
}

async function throughPipes(program: string, bytes: Buffer, sink: BoundedSink): Promise<DecompressOutcome> {
  const end = await runChild({ program, args: ARGS, input: [bytes], output: (chunk) => sink.add(chunk) });
  switch (end.kind) {
    case "stopped":
      return { kind: "too-long" };
    case "exited":
      if (end.status === 0) return { kind: "plain", bytes: sink.finish() };
      return { kind: "damaged", because: complaint(end.stderr) };
    case "killed":
      throw new MergeError(
        "COMPRESSOR_FAILED",
        `Cannot decompress with "${program}": it was ended by ${end.signal}, it must run to its end`,
      );
    case "not-started":
      throw new MergeError("COMPRESSOR_FAILED", `Cannot start "${program}": ${errnoWords(end.errno)}`);
    default:
      return end satisfies never;
  }
}

/**
 * @returns undefined when nothing came of it
 * @throws when there is no room for a file
 */
async function throughFiles(program: string, bytes: Buffer, sink: BoundedSink): Promise<DecompressOutcome | undefined> {
  const files: number[] = [];
  try {
    const input = namelessFile();
    files.push(input);
    const output = namelessFile();
    files.push(output);
    writeParts(input, [bytes]);
    const most = Math.ceil((sink.maxBytes + 1) / LIMIT_UNIT_BYTES);
    // Where this thread does not come to look in time, the system stops a file that grows without end.
    const args = ["-c", `ulimit -f ${most} && exec "$0" "$@"`, program, ...TO_FILE];
    const stop = new AbortController();
    const child = runChild({ program: "/bin/sh", args, files: { input, output }, stop: stop.signal });
    try {
      await follow(output, sink, child);
    } finally {
      stop.abort();
      await child;
    }
    const end = await child;
    if (sink.tooLong) return { kind: "too-long" };
    return end.kind === "exited" && end.status === 0 ? { kind: "plain", bytes: sink.finish() } : undefined;
  } finally {
    for (const file of files) forget(file);
  }
}

/** Takes what a child writes into a file, while it writes and up to its end, or until there is too much. */
async function follow(output: number, sink: BoundedSink, child: Promise<ChildEnd>): Promise<void> {
  let isOver = false;
  const over = child.then(() => {
    isOver = true;
  });
  let at = 0;
  const read = (into: Buffer): number => readSync(output, into, 0, into.length, at);
  while (!sink.tooLong) {
    // Asked before it is read: what came before the end is all there is.
    const wasOver = isOver;
    const got = sink.readFrom(read, LOOK_BYTES);
    at += got;
    if (got === 0 && wasOver) return;
    if (got === LOOK_BYTES) await sleep(0);
    else await Promise.race([sleep(LOOK_MS), over]);
  }
}

/** `xz: (stdin): Compressed data is corrupt` without what everybody knows. */
function complaint(stderr: string): string {
  const first = stderr.split("\n")[0]?.replace(/^.*?\(stdin\): /, "") ?? "";
  return first === "" ? "xz gives no reason" : first;
}
