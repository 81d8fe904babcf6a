/** A suite that comes out without any index is a mistake in the config, not an empty archive. */

import assert from "node:assert/strict";
import test from "node:test";
import { assertRefused } from "../support/refused.ts";
import { deb, newWorld, upstream } from "../support/world.ts";

test("a suite whose components no mirror has ends in SUITE_EMPTY and leaves the tree", async (t) => {
  const world = await newWorld(t, { base: upstream().deb(deb("hello")) });
  await world.run();
  await world.configure({ suites: { merged: { from: ["base/stable"], components: ["mian"], architectures: ["amd64"] } } });
  const { problems } = await assertRefused(world, "SUITE_EMPTY", 6);
  assert.match(problems[0]?.message ?? "", /"merged".*mian.*amd64/);
});
