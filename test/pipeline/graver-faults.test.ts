/** A fault of disk or keys in a run in which suites have failed already: nothing is published, and the gravest status is told. */
import assert from "node:assert/strict";
import test from "node:test";
import { MergeError } from "../../lib/errors.ts";
import type { World } from "../../lib/pipeline/world.ts";
import type { Archive } from "../support/archive.ts";
import { diskFull, failingFolder } from "../support/failing-folder.ts";
import { deb, newWorld, upstream } from "../support/world.ts";

const calm = upstream().deb(deb("hello", "1.0"));
const later = upstream().deb(deb("hello", "2.0")).at("2026-10-01T12:00:00Z");

const noSignature = (world: World): World => ({
  ...world,
  signer: { ...world.signer, sign: () => Promise.reject(new MergeError("SIGNING_FAILED", "Cannot sign Release: no card")) },
});
const noRoom = (world: World): World => ({ ...world, output: failingFolder(world.output, { changes: 0 }, 4, diskFull) });

const PACKAGES = "dists/stable/main/binary-amd64/Packages.xz";
/** Of no index that another mirror brings: bytes are known by their digest, and then nobody is asked for them. */
const UNREACHED = upstream()
  .deb(deb("hello", "3.0"))
  .at("2026-10-01T12:00:00Z")
  .tamper(PACKAGES, () => undefined);
const UNTRUSTED = later.validUntil("2026-10-01T13:00:00Z");
const MALFORMED = upstream().deb("Package hello\n").at("2026-10-01T12:00:00Z");
const SHRUNK = upstream().at("2026-10-01T12:00:00Z");

const ROWS: readonly (readonly [name: string, archive: Archive, change: (world: World) => World, exit: number])[] = [
  ["4 and a full disk end in 7", UNREACHED, noRoom, 7],
  ["9 and a full disk end in 7", SHRUNK, noRoom, 7],
  ["4 and a key that fails end in 8", UNREACHED, noSignature, 8],
  ["9 and a key that fails end in 8", SHRUNK, noSignature, 8],
  ["5 and a full disk end in 5", UNTRUSTED, noRoom, 5],
  ["5 and a key that fails end in 5", UNTRUSTED, noSignature, 5],
  ["6 and a key that fails end in 6", MALFORMED, noSignature, 6],
];

for (const [name, archive, change, expected] of ROWS) {
  test(name, async (t) => {
    const world = await newWorld(
      t,
      { bad: calm, good: calm },
      { suites: { first: { from: ["bad/stable"] }, second: { from: ["good/stable"] } } },
    );
    assert.equal((await world.run()).exit, 0);
    await world.publish("bad", archive);
    await world.publish("good", later);
    const { exit, errors, report } = await world.runIn(change);
    assert.deepEqual([exit, errors.length, report?.outcome, report?.generation], [expected, 2, "failed", 1], errors.join());
    assert.deepEqual([await world.packages("first"), await world.packages("second")], [["hello 1.0"], ["hello 1.0"]]);
    assert.equal((await world.cli(["verify"])).status, 0);
  });
}
