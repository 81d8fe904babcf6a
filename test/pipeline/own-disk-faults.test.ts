/** A fault of our own disk while an index is taken in is no fault of the mirror: nothing is published without that index. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { sha256Of } from "../../lib/archive/digests.ts";
import { diskFull } from "../support/failing-folder.ts";
import { assertPublished } from "../support/refused.ts";
import { deb, newWorld, upstream } from "../support/world.ts";

test("C08: a disk that is full when an index that may lack is stored ends in 7, and the old tree stays whole", async (t) => {
  const archiveOf = (version: string) =>
    upstream().deb(deb("hello", version)).index("main/Contents-amd64", `usr/bin/hello-${version} utils/hello\n`);
  const world = await newWorld(t, { base: archiveOf("1") });
  await assertPublished(world);
  await world.publish("base", archiveOf("2").at("2026-10-01T12:00:00Z"));
  const before = await world.tree({ inodes: true });
  const contents = sha256Of(world.mirror("base").tree.get("dists/stable/main/Contents-amd64.xz") ?? assert.fail("no Contents"));
  const { exit, errors } = await world.runIn((inner) => ({
    ...inner,
    store: {
      ...inner.store,
      put: (bytes, digest) => (sha256Of(bytes) === contents ? Promise.reject(diskFull()) : inner.store.put(bytes, digest)),
    },
  }));
  assert.deepEqual([exit, errors], [7, ["DISK_FAILED"]]);
  assert.deepEqual(await world.tree({ inodes: true }), before);
});
