/** Memory that is given back early is that of nobody else. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { deb, newWorld, upstream } from "../support/world.ts";

for (const [form, from, change] of [
  ["a flat archive", "base/./", (plan: ReturnType<typeof upstream>) => plan.flat()],
  ["indices of all", "base/stable", (plan: ReturnType<typeof upstream>) => plan.splitAll()],
] as const) {
  test(`an index without SHA256 that is not compressed is read for each architecture: ${form}`, async (t) => {
    const many = Array.from({ length: 600 }, (_, position) => ({
      ...deb(`p${position}`),
      Architecture: "all",
      Description: "d".repeat(200),
    }));
    const plan = upstream({ architectures: ["amd64", "arm64"] })
      .debs(many)
      .digests(["MD5Sum"])
      .compressions(["plain"]);
    const suites = { merged: { from: [from], architectures: ["amd64", "arm64"] } };
    const world = await newWorld(t, { base: change(plan) }, { mirrors: { base: { "allow-weak": true } }, suites });
    const { exit, errors } = await world.run();
    assert.deepEqual([exit, errors], [0, []]);
    for (const architecture of ["amd64", "arm64"]) {
      assert.equal((await world.packages("merged", `main/binary-${architecture}`)).length, 600, architecture);
    }
  });
}
