/** The benchmark says that no client saw a mismatch: it must be one that would have seen it. */
import assert from "node:assert/strict";
import { mkdirSync, renameSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { sha256Of } from "../../lib/archive/digests.ts";
import { temporaryFolder } from "../support/temporary.ts";
import { type Looks, look } from "./mismatch.ts";

const FILE = "main/binary-amd64/Packages.xz";

/** A suite that lists one text and holds another, maybe the same. */
function suiteOf(folder: string, listed: string, held: string, hashed = listed): string {
  mkdirSync(join(folder, "main/binary-amd64/by-hash/SHA256"), { recursive: true });
  const digest = sha256Of(Buffer.from(listed));
  writeFileSync(join(folder, "InRelease"), `SHA256:\n ${digest} ${listed.length} ${FILE}\n`);
  writeFileSync(join(folder, FILE), held);
  writeFileSync(join(folder, "main/binary-amd64/by-hash/SHA256", digest), hashed);
  return folder;
}

test("bench: a look sees an index that is not the listed one, by its name or by its hash, and one that is not there", async () => {
  const folder = await temporaryFolder();
  const seen: Looks = { looks: 0, mismatches: 0 };
  look(join(folder, "none"), [FILE], seen);
  assert.deepEqual(seen, { looks: 0, mismatches: 0 });
  look(suiteOf(join(folder, "good"), "one", "one"), [FILE], seen);
  assert.deepEqual(seen, { looks: 1, mismatches: 0 });
  look(suiteOf(join(folder, "other"), "one", "two"), [FILE], seen);
  look(suiteOf(join(folder, "hashed"), "one", "one", "two"), [FILE], seen);
  look(join(folder, "good"), [FILE, "main/source/Sources.xz"], seen);
  assert.deepEqual(seen, { looks: 4, mismatches: 3 });
});

test("bench: a link that is switched to another sound suite is never seen as a mismatch", async () => {
  const folder = await temporaryFolder();
  const seen: Looks = { looks: 0, mismatches: 0 };
  for (const name of ["one", "two"]) suiteOf(join(folder, name), name, name);
  for (let round = 0; round < 20; round++) {
    symlinkSync(round % 2 === 0 ? "one" : "two", join(folder, "new"));
    renameSync(join(folder, "new"), join(folder, "suite"));
    look(join(folder, "suite"), [FILE], seen);
  }
  assert.deepEqual(seen, { looks: 20, mismatches: 0 });
});
