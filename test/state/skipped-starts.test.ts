import assert from "node:assert/strict";
import { test } from "node:test";
import { MergeError } from "../../lib/errors.ts";
import type { Folder } from "../../lib/ports.ts";
import { takeSkippedStarts } from "../../lib/state/skipped-starts.ts";

test("skipped starts that another user has noted stop no run: it is told that they cannot be removed", async () => {
  const state = {
    list: async () => [{ name: "one", kind: "file" }],
    read: async () => Buffer.from("2026-10-01T00:00:00Z\n"),
    remove: async () => {
      throw new MergeError("DISK_FAILED", 'Cannot remove "cache/skipped": permission is denied (EACCES)');
    },
  } satisfies Pick<Folder, "list" | "read" | "remove">;
  const problems = await takeSkippedStarts(state);
  assert.deepEqual(
    problems.map(({ severity, code }) => [severity, code]),
    [["warning", "DISK_FAILED"]],
  );
});
