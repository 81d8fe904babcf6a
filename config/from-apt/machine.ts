/** Reads this machine's apt sources from disk. */
import type { Dirent } from "node:fs";
import { open, readdir, readFile, stat } from "node:fs/promises";
import { join } from "node:path";
import { type Problem, problem } from "../../lib/errors.ts";
import type { AptSettings } from "./apt-settings.ts";
import { readDeb822 } from "./deb822-sources.ts";
import type { AptEntry, ReadSources } from "./entry.ts";
import { readOneLine } from "./one-line.ts";

export interface Machine {
  readonly settings: AptSettings;
  /** In apt's order: the main file, then the others by name. */
  readonly entries: readonly AptEntry[];
  /** Absolute paths of the keyrings that apt trusts for every archive. */
  readonly trustedKeyrings: readonly string[];
  readonly problems: readonly Problem[];
}

const MAX_SOURCES_BYTES = 4 * 1024 * 1024;
/** Names that apt reads; it passes over the others, such as leftovers of dpkg. */
const PART = /^[A-Za-z0-9_:-][A-Za-z0-9_:.-]*$/;

export async function readMachine(settings: AptSettings): Promise<Machine> {
  const parts = await namesIn(settings.sourceParts, [".list", ".sources"]);
  const entries: AptEntry[] = [];
  const problems: Problem[] = [];
  for (const file of [settings.sourceList, ...parts]) {
    const read = await readSources(file, settings);
    entries.push(...read.entries);
    problems.push(...read.problems);
  }
  const trustedKeyrings: string[] = [];
  for (const file of [settings.trusted, ...(await namesIn(settings.trustedParts, [".gpg", ".asc"]))]) {
    if (await isKeyring(file)) trustedKeyrings.push(file);
  }
  // Where there is none, the place named is the one to put it.
  return { settings, entries, trustedKeyrings: trustedKeyrings.length > 0 ? trustedKeyrings : [settings.trusted], problems };
}

async function readSources(file: string, settings: AptSettings): Promise<ReadSources> {
  const unread = (found: string): ReadSources => {
    const message = `Cannot take over the apt sources in "${file}": ${found}, it must be a readable file of at most ${MAX_SOURCES_BYTES} bytes`;
    return { entries: [], problems: [problem("warning", "APT_SOURCE_SKIPPED", message, { file })] };
  };
  try {
    if ((await stat(file)).size > MAX_SOURCES_BYTES) return unread("it is larger");
    const text = await readFile(file, "utf8");
    return file.endsWith(".sources") ? readDeb822(text, file, settings) : readOneLine(text, file, settings);
  } catch (error) {
    if (isSystemError(error)) return error.code === "ENOENT" ? { entries: [], problems: [] } : unread(`reading it gives ${error.code}`);
    throw error;
  }
}

async function namesIn(folder: string, endings: readonly string[]): Promise<string[]> {
  let found: Dirent[];
  try {
    found = await readdir(folder, { withFileTypes: true });
  } catch (error) {
    // Not there, or set to /dev/null to have none.
    if (isSystemError(error)) return [];
    throw error;
  }
  const names = found.filter((entry) => !entry.isDirectory()).map((entry) => entry.name);
  const read = names.filter((name) => PART.test(name) && endings.some((ending) => name.endsWith(ending)));
  return read.sort((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b))).map((name) => join(folder, name));
}

/** Whether there is a keyring that apt would read: it passes over empty files and GnuPG's keybox format, so must we. */
export async function isKeyring(file: string): Promise<boolean> {
  try {
    await using handle = await open(file);
    const { buffer, bytesRead } = await handle.read(Buffer.alloc(12), 0, 12, 0);
    return bytesRead > 0 && buffer.toString("latin1", 8, 12) !== "KBXf";
  } catch (error) {
    if (isSystemError(error)) return false;
    throw error;
  }
}

const isSystemError = (error: unknown): error is Error & { code: string } =>
  error instanceof Error && "code" in error && typeof error.code === "string" && "syscall" in error;
