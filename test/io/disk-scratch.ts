/** Folders that a disk test may fill, and what it asks of failures. */
import assert from "node:assert/strict";
import { lstatSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { TestContext } from "node:test";
import { type Code, MergeError } from "../../lib/errors.ts";

/** A new folder that goes away after the test. */
export function scratch(t: TestContext): string {
  const folder = mkdtempSync(join(tmpdir(), "aptmerge-disk-"));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

/** For assert.rejects: a MergeError with this code and words in its message. */
export const fails = (code: Code, words: RegExp) => (error: unknown) => {
  assert.ok(error instanceof MergeError, String(error));
  assert.equal(error.code, code);
  assert.match(error.message, words);
  return true;
};

/** Permission bits in octal. */
export const modeOf = (path: string): string => (lstatSync(path).mode & 0o7777).toString(8);
