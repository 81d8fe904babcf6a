/** Laws of what is written and read again: records of trust. */
import assert from "node:assert/strict";
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import test from "node:test";
import fc from "fast-check";
import { sha256Of } from "../../lib/archive/digests.ts";
import { parseMirrorName, parseSuitePath } from "../../lib/archive/names.ts";
import { MergeError } from "../../lib/errors.ts";
import { openFolder } from "../../lib/io/disk-folder.ts";
import { readTrust, writeTrust } from "../../lib/state/trust.ts";
import { temporaryFolder } from "../support/temporary.ts";

const digest = fc.string().map((text) => sha256Of(text));
const record = fc.record({
  date: fc.date({ min: new Date("1970-01-01"), max: new Date("2100-01-01"), noInvalidDate: true }).map((date) => date.toISOString()),
  sha256: digest,
  signedBy: fc.array(fc.stringMatching(/^[0-9A-F]{40}$/), { maxLength: 3 }),
  url: fc.webUrl(),
  files: fc.array(digest, { maxLength: 2 }),
});

const DEBIAN = parseMirrorName("debian");

test("law: a trust record is read as it was written, for every name of a suite", async () => {
  const state = await openFolder(await temporaryFolder());
  const suite = fc.constantFrom("bookworm", "buster/updates", "./", "stable/", "a+b~c.d").map(parseSuitePath);
  await fc.assert(
    fc.asyncProperty(suite, record, async (path, written) => {
      await writeTrust(state, DEBIAN, path, written);
      assert.deepEqual(await readTrust(state, DEBIAN, path), { schema: "aptmerge.trust/1", mirror: "debian", suite: path, ...written });
    }),
    { numRuns: 50 },
  );
});

test("law: a trust record in which any bytes changed is damaged, or says what was written", async () => {
  const root = await temporaryFolder();
  const state = await openFolder(root);
  const path = parseSuitePath("bookworm");
  const file = join(root, "trust/debian/bookworm.json");
  await fc.assert(
    fc.asyncProperty(record, fc.nat(), fc.nat(255), async (written, place, byte) => {
      await writeTrust(state, DEBIAN, path, written);
      const before = await readTrust(state, DEBIAN, path);
      const bytes = await readFile(file);
      bytes[place % bytes.length] = byte;
      await writeFile(file, bytes);
      try {
        assert.deepEqual(await readTrust(state, DEBIAN, path), before);
      } catch (error) {
        if (!(error instanceof MergeError)) throw error;
        assert.equal(error.code, "TRUST_DAMAGED");
      }
    }),
    { numRuns: 200 },
  );
});
