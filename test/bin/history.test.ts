/** `aptmerge history`: what is kept, which one is live, what is damaged; reading changes nothing. */
import assert from "node:assert/strict";
import { rm, truncate, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import { deb, newWorld, type TestWorld, upstream } from "../support/world.ts";

interface History {
  readonly schema: string;
  readonly generations: readonly {
    readonly generation: number;
    readonly live: boolean;
    readonly published?: string;
    readonly damage: readonly string[];
    readonly suites: readonly { readonly name: string; readonly stanzas: number; readonly mirrors: readonly object[] }[];
  }[];
}

async function historyOf(world: TestWorld): Promise<History> {
  const { status, stdout, stderr } = await world.cli(["history", "--format", "json"]);
  assert.deepEqual([status, stderr], [0, ""]);
  return JSON.parse(stdout) as History;
}

const day = (number: number): string => `2026-10-0${number + 1}T00:00:00Z`;

/** Generations that have as many packages as their number. */
async function worldOf(t: Parameters<typeof newWorld>[0], generations: number): Promise<TestWorld> {
  const plan = (number: number) =>
    upstream()
      .debs(Array.from({ length: number }, (_, i) => deb(`p${i}`)))
      .at(day(number - 1));
  const world = await newWorld(t, { base: plan(1) });
  for (let number = 1; number <= generations; number++) {
    await world.publish("base", plan(number));
    assert.equal((await world.run({ now: day(number) })).exit, 0);
  }
  return world;
}

test("history: generations are listed newest first, with what they were made of, and the live one is marked", async (t) => {
  const world = await worldOf(t, 3);
  const before = await world.tree({ inodes: true });
  const { schema, generations } = await historyOf(world);
  assert.equal(schema, "aptmerge.history/1");
  assert.deepEqual(
    generations.map(({ generation, live, published, damage }) => [generation, live, published, damage]),
    [
      [3, true, day(3), []],
      [2, false, day(2), []],
      [1, false, day(1), []],
    ],
  );
  assert.deepEqual(
    generations.map(({ suites }) => suites.map(({ name, stanzas, mirrors }) => [name, stanzas, mirrors])),
    [3, 2, 1].map((number) => [["merged", number, [{ name: "base", suite: "stable", date: day(number - 1) }]]]),
  );
  const { status, stdout } = await world.cli(["--verbose", "history"]);
  assert.equal(status, 0);
  const [first, second, third, fourth] = stdout.split("\n");
  assert.equal(first, `3  ${day(3)}  (live)`);
  assert.match(second ?? "", new RegExp(`^ {2}merged: dated ${day(3)}, 1 Release of mirrors, 3 stanzas in 1 index \\(\\d+ B\\)$`));
  assert.equal(third, `    from base/stable, dated ${day(2)}`);
  assert.equal(fourth, `2  ${day(2)}`);
  assert.deepEqual(await world.tree({ inodes: true }), before);
});

test("history: before the first publish it says that there is nothing, and makes no folder", async (t) => {
  const world = await newWorld(t, { base: upstream().deb(deb("hello")) });
  const { status, stdout, stderr } = await world.cli(["history"]);
  assert.deepEqual([status, stdout, stderr], [0, `Nothing is published in ${world.output}\n`, ""]);
  assert.deepEqual(await world.tree(), {});
  assert.deepEqual((await historyOf(world)).generations, []);
});

test("history: damaged generations are listed with what is wrong, the others as ever", async (t) => {
  const world = await worldOf(t, 5);
  const at = (generation: number, path: string): string => join(world.output, `.generations/00000${generation}/${path}`);
  await writeFile(at(1, "inputs.json"), "{}");
  await rm(at(2, "inputs.json"));
  await rm(at(3, "dists/merged/InRelease"));
  await truncate(at(4, "dists/merged/main/binary-amd64/Packages.gz"), 3);
  const { generations } = await historyOf(world);
  const said = new Map(generations.map(({ generation, damage }) => [generation, damage.join()]));
  assert.match(said.get(1) ?? "", /000001\/inputs\.json: its schema is undefined, this version reads "aptmerge\.inputs\/1"/);
  assert.match(said.get(2) ?? "", /000002\/inputs\.json: it is not there/);
  assert.match(said.get(3) ?? "", /^\.generations\/000003\/dists\/merged\/InRelease is not Release, signed$/);
  assert.match(
    said.get(4) ?? "",
    /^\.generations\/000004\/dists\/merged\/main\/binary-amd64\/Packages\.gz has 3 bytes, Release says \d+ bytes$/,
  );
  assert.equal(said.get(5), "");
  const { status, stdout } = await world.cli(["history"]);
  assert.equal(status, 0);
  assert.match(stdout, /^4 {2}2026\S+ {2}\(damaged\)\n {2}damaged: .*Packages\.gz has 3 bytes/m);
});

test("history: where the link current is lost, generations are listed all the same, and none is live", async (t) => {
  const world = await worldOf(t, 2);
  await rm(join(world.output, "current"));
  const { status, stdout, stderr } = await world.cli(["history"]);
  assert.equal(status, 0);
  assert.match(stderr, /^aptmerge: warning OUTPUT_UNUSABLE: .*"current" is missing/);
  assert.match(stdout, /^2 {2}\S+\n(?: .*\n)+1 {2}\S+\n/);
});
