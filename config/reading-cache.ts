/**
 * What came of reading a config, kept for the next run: to load YAML and the schema and to judge a config takes a third of a run that finds nothing to do. The
 * same text comes to the same settings, as long as the program is the same and the disk answers the same.
 *
 * It is kept with what Node compiled: whoever can write there has their code run in any case. Nothing of the environment is kept, nor are passphrases.
 */
import { lstatSync, readdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { getCompileCacheDir } from "node:module";
import { join, resolve } from "node:path";
import { deserialize, serialize } from "node:v8";
import { sha256Of } from "../lib/archive/digests.ts";
import { sealed, unsealed } from "../lib/archive/sealed.ts";
import type { Problem } from "../lib/errors.ts";
import type { Settings } from "../lib/settings.ts";
import type { Answer, Disk } from "./disk.ts";

export interface Reading {
  readonly settings: Settings;
  readonly warnings: Problem[];
}

interface KeptReading extends Reading {
  readonly schema: typeof SCHEMA;
  readonly program: string;
  /** As it was given, and in which folder: messages and paths begin with them. */
  readonly path: string;
  readonly place: string;
  readonly text: string;
  readonly answers: readonly Answer[];
}

const SCHEMA = "aptmerge.reading/1";
/** Of a config of a thousand suites; a larger one is read anew. */
const MOST_BYTES = 1024 * 1024;
/** Configs that fall into one share it: however many there were, no more are kept than there are slots. */
const SLOT_DIGITS = 2;

/** Undefined when the config was not read before, or would be read otherwise now. */
export async function keptReading(path: string, text: string, disk: Disk): Promise<Reading | undefined> {
  const slot = slotOf(path);
  if (slot === undefined) return undefined;
  try {
    const content = unsealed(readFileSync(slot));
    const kept = content && (deserialize(content) as Partial<KeptReading>);
    if (kept?.schema !== SCHEMA || kept.program !== programNow() || kept.path !== path || kept.place !== resolve(path)) return undefined;
    if (kept.text !== text || kept.settings === undefined || kept.warnings === undefined || kept.answers === undefined) return undefined;
    for (const { question, path: asked, answer } of kept.answers) if ((await disk[question](asked)) !== answer) return undefined;
    return { settings: kept.settings, warnings: kept.warnings };
  } catch {
    return undefined;
  }
}

/** @param answers of the disk that the reading rests on */
export function keepReading(path: string, text: string, answers: readonly Answer[], { settings, warnings }: Reading): void {
  const slot = slotOf(path);
  if (slot === undefined || text.includes("${") || settings.sign.some((key) => key.kind === "file" && key.passphrase !== "")) return;
  try {
    const kept: KeptReading = { schema: SCHEMA, program: programNow(), path, place: resolve(path), text, answers, settings, warnings };
    const bytes = sealed(serialize(kept));
    if (bytes.length > MOST_BYTES) return;
    // Of a fixed name, so that none is left over. Two runs that write it at a time spoil it, which its seal tells.
    writeFileSync(`${slot}.new`, bytes, { mode: 0o600 });
    renameSync(`${slot}.new`, slot);
  } catch {
    // The next run reads the config again.
  }
}

/** Undefined where nothing is kept. */
function slotOf(path: string): string | undefined {
  const folder = getCompileCacheDir();
  return folder && join(folder, `config-${sha256Of(Buffer.from(resolve(path))).slice(0, SLOT_DIGITS)}`);
}

/** Parts of the program that say what a config comes to. */
const PARTS = [".", "../lib", "../lib/archive"].map((folder) => join(import.meta.dirname, folder));
const LOCK_FILE = join(import.meta.dirname, "../package-lock.json");

let program: string | undefined;

/** Changes with every change of the program: of its files, and of the libraries that it reads configs with. */
function programNow(): string {
  program ??= sha256Of(Buffer.from(stateOfProgram().join("\n")));
  return program;
}

function stateOfProgram(): readonly string[] {
  const files = PARTS.flatMap((folder) =>
    readdirSync(folder)
      .filter((name) => name.endsWith(".ts"))
      .map((name) => join(folder, name)),
  );
  return [...files, LOCK_FILE].map((file) => {
    const { ctimeMs, size, ino } = lstatSync(file);
    return `${file} ${ctimeMs} ${size} ${ino}`;
  });
}
