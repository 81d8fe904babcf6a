/**
 * Reads the config file into settings. YAML and schema libraries are loaded only when a config is read, so that commands without one start
 * at once.
 */
import { createReadStream } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { MergeError, MergeErrors, problem } from "../lib/errors.ts";
import { DISK, noting } from "./disk.ts";
import type { Environment } from "./environment.ts";
import { keepReading, keptReading, type Reading } from "./reading-cache.ts";

/** A config of a thousand suites has about half a megabyte. */
const MAX_CONFIG_BYTES = 4 * 1024 * 1024;

/**
 * @param path of the config; messages name it as it is given
 * @param env for `${NAME}` in values
 * @throws MergeError CONFIG_MISSING when the file cannot be read
 * @throws MergeErrors with every CONFIG_SYNTAX and CONFIG_INVALID, each with FILE:LINE:COLUMN first, in the order of the file
 */
export async function loadSettings(path: string, env: Environment): Promise<Reading> {
  const source = await readText(path);
  const kept = await keptReading(path, source, DISK);
  if (kept !== undefined) return kept;
  const { readSettings } = await import("./read.ts");
  const folder = dirname(resolve(path));
  const indices = join(folder, "indices");
  const { disk, answers } = noting(DISK);
  const defaultOverrides = (await disk.isFolder(indices)) ? indices : undefined;
  const { settings, findings } = await readSettings(source, path, env, { folder, defaultOverrides, ...disk });
  const told = findings.map(({ severity, code, spot, message }) => ({ severity, code, message: `${spot.text}: ${message}` }));
  const errors = told.filter((each) => each.severity === "error").map(({ code, message }) => new MergeError(code, message, { file: path }));
  if (settings === undefined || errors.length > 0) throw new MergeErrors(errors);
  const reading = { settings, warnings: told.map(({ code, message }) => problem("warning", code, message, { file: path })) };
  keepReading(path, source, answers, reading);
  return reading;
}

async function readText(path: string): Promise<string> {
  const chunks: Buffer[] = [];
  try {
    // One byte more than allowed tells whether there is more. A stream, because a pipe has no size.
    for await (const chunk of createReadStream(path, { end: MAX_CONFIG_BYTES })) chunks.push(chunk);
  } catch (thrown) {
    const because = thrown instanceof Error ? thrown.message.replace(/, [a-z]+(?: '.*)?$/s, "") : String(thrown);
    throw new MergeError("CONFIG_MISSING", `Cannot read config "${path}": ${because}`, { file: path }, { cause: thrown });
  }
  const bytes = Buffer.concat(chunks);
  const refuse = (place: string, message: string): never => {
    throw new MergeErrors([new MergeError("CONFIG_SYNTAX", `${path}:${place}: Cannot read config: ${message}`, { file: path })]);
  };
  if (bytes.length > MAX_CONFIG_BYTES) refuse("1:1", `it has more than ${MAX_CONFIG_BYTES} bytes, at most that many are read`);
  if (bytes.subarray(0, 3).equals(Buffer.of(0xef, 0xbb, 0xbf))) refuse("1:1", "it begins with a byte order mark, it must be plain UTF-8");
  const text = bytes.toString("utf8");
  if (!Buffer.from(text, "utf8").equals(bytes)) refuse(firstBroken(bytes), "a byte is no UTF-8, the file must be UTF-8");
  return text;
}

/** `LINE:COLUMN` of the first byte that is no UTF-8. */
export function firstBroken(bytes: Buffer): string {
  const again = Buffer.from(bytes.toString("utf8"), "utf8");
  let same = 0;
  while (same < bytes.length && bytes[same] === again[same]) same++;
  const lines = bytes.toString("utf8", 0, same).split("\n");
  return `${lines.length}:${(lines.at(-1)?.length ?? 0) + 1}`;
}
