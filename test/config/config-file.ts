/** A config in a folder of its own, for the tests of config/. */
import assert from "node:assert/strict";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import test, { type TestContext } from "node:test";
import { loadSettings } from "../../config/load.ts";
import { MergeError, MergeErrors, type Problem } from "../../lib/errors.ts";
import type { Settings } from "../../lib/settings.ts";

/** A sound config, one thing to a line. */
export const SOUND: readonly string[] = [
  "state: state",
  "output: tree",
  "mirrors:",
  "  debian: { url: http://c.example/debian, signed-by: debian.gpg }",
  "suites:",
  "  daedalus:",
  "    from: [debian/bookworm]",
  "    components: [main]",
  "    architectures: [amd64]",
];

/** The sound config with lines (counted from 1) replaced or, behind the last, added; "" takes a line out but keeps the numbers. */
export function withLines(changes: Readonly<Record<number, string>>): string {
  const lines = [...SOUND];
  for (const [line, text] of Object.entries(changes)) lines[Number(line) - 1] = text;
  return `${lines.map((line) => line ?? "").join("\n")}\n`;
}

interface Loaded {
  readonly settings: Settings | undefined;
  readonly warnings: readonly Problem[];
  readonly errors: readonly MergeError[];
  /** Of errors, else of warnings; without the folder. */
  readonly messages: readonly string[];
  readonly folder: string;
}

export async function folderFor(t: TestContext): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "aptmerge-config-"));
  t.after(() => rm(folder, { recursive: true, force: true }));
  return folder;
}

/** Loads a text as FOLDER/aptmerge.yaml. */
export async function load(
  t: TestContext,
  text: string | Uint8Array,
  env: Readonly<Record<string, string>> = {},
  given?: string,
): Promise<Loaded> {
  const folder = given ?? (await folderFor(t));
  const path = join(folder, "aptmerge.yaml");
  await writeFile(path, text);
  const short = (message: string): string => message.replaceAll(`${folder}/`, "");
  try {
    const { settings, warnings } = await loadSettings(path, env);
    return { settings, warnings, errors: [], messages: warnings.map((warning) => short(warning.message)), folder };
  } catch (thrown) {
    const errors = thrown instanceof MergeErrors ? thrown.errors : thrown instanceof MergeError ? [thrown] : undefined;
    if (errors === undefined) throw thrown;
    return { settings: undefined, warnings: [], errors, messages: errors.map((error) => short(error.message)), folder };
  }
}

/** One test per row: what is wrong, the changed lines of the sound config, and every message after the file's name. */
export function refuses(
  rows: readonly (readonly [name: string, changes: Readonly<Record<number, string>>, ...expected: string[]])[],
): void {
  for (const [name, changes, ...expected] of rows) {
    test(`a config is refused: ${name}`, async (t) => {
      const { messages, errors } = await load(t, withLines(changes));
      assert.deepEqual(
        messages,
        expected.map((message) => `aptmerge.yaml:${message}`),
      );
      assert.ok(errors.every((error) => error.code === "CONFIG_INVALID"));
    });
  }
}
